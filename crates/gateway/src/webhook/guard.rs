//! Which URLs a webhook may go to.
//!
//! Whoever may register an endpoint could otherwise make this machine call what only it can reach: the database,
//! the metadata service of a cloud, a printer (server-side request forgery). The URL is looked at here; the
//! addresses that its name stands for are looked at in the moment of connecting, because a name may stand for
//! another address then (DNS rebinding).

use std::net::IpAddr;

use url::{Host, Url};

use super::addresses::is_public;

/// The ports of HTTP and HTTPS.
const WEB_PORTS: [u16; 2] = [80, 443];

/// What the operator allows. By default, nothing beyond HTTPS on ports 80 and 443 of public addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// For development and for receivers inside the operator's own network: any address, any port, and plain HTTP.
    pub allow_private: bool,
    /// Any port.
    pub any_port: bool,
}

/// Why a URL must not be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is no absolute URL with a host.
    #[error("it is no URL")]
    NotAUrl,
    /// Another scheme than HTTPS.
    #[error("only https is allowed")]
    Scheme,
    /// With a user or a password, which would end up in logs.
    #[error("it contains a user name or a password; the signature is what tells who sends")]
    Credentials,
    /// Another port than those of the web.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// An address that is not public.
    #[error("{0} is not a public address")]
    Address(IpAddr),
    /// A name that stands for such addresses only. They are not told: whoever asks may not know the network.
    #[error("{0} has no public address")]
    Name(String),
}

/// Looks at a URL before it is called or kept. Gives it in its normal form, in which an address has one spelling.
pub fn check(url: &str, rules: Rules) -> Result<Url, Refusal> {
    let url = Url::parse(url).map_err(|_| Refusal::NotAUrl)?;
    check_scheme(&url, rules)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials);
    }
    check_port(&url, rules)?;
    match url.host().ok_or(Refusal::NotAUrl)? {
        Host::Ipv4(address) => check_address(address.into(), rules)?,
        Host::Ipv6(address) => check_address(address.into(), rules)?,
        // The resolver looks at what it stands for.
        Host::Domain(_) => {}
    }
    Ok(url)
}

fn check_scheme(url: &Url, rules: Rules) -> Result<(), Refusal> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if rules.allow_private => Ok(()),
        _ => Err(Refusal::Scheme),
    }
}

fn check_port(url: &Url, rules: Rules) -> Result<(), Refusal> {
    let port = url.port_or_known_default().ok_or(Refusal::Scheme)?;
    let allowed = rules.allow_private || rules.any_port || WEB_PORTS.contains(&port);
    if allowed { Ok(()) } else { Err(Refusal::Port(port)) }
}

fn check_address(address: IpAddr, rules: Rules) -> Result<(), Refusal> {
    if rules.allow_private || is_public(address) { Ok(()) } else { Err(Refusal::Address(address)) }
}

/// Those of a name's addresses that may be called.
pub(super) fn allowed(name: &str, addresses: Vec<IpAddr>, rules: Rules) -> Result<Vec<IpAddr>, Refusal> {
    let allowed: Vec<_> =
        addresses.into_iter().filter(|address| check_address(*address, rules).is_ok()).collect();
    if allowed.is_empty() { Err(Refusal::Name(name.to_owned())) } else { Ok(allowed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVELOPMENT: Rules = Rules { allow_private: true, any_port: false };

    fn refusal(url: &str) -> Refusal {
        check(url, Rules::default()).expect_err(url)
    }

    #[test]
    fn https_to_public_hosts_is_allowed() {
        let hosts =
            ["example.com", "example.com:443", "example.com:80", "1.1.1.1", "[2606:4700::1111]", "店.中国"];
        for host in hosts {
            check(&format!("https://{host}/hook?x=1"), Rules::default()).expect(host);
        }
    }

    #[test]
    fn every_odd_spelling_of_an_inner_address_is_refused() {
        let loopback = [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0x7F.0x0.0x0.0x1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "１２７.0.0.1",
            "127。0。0。1",
            "%31%32%37.0.0.1",
            "0177.0x0.1",
        ];
        for host in loopback {
            let refusal = refusal(&format!("https://{host}/"));
            assert_eq!(refusal, Refusal::Address([127, 0, 0, 1].into()), "{host}");
        }
        let metadata =
            ["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"];
        for host in metadata {
            let refusal = refusal(&format!("https://{host}/"));
            assert_eq!(refusal, Refusal::Address([169, 254, 169, 254].into()), "{host}");
        }
        let v6 =
            ["[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::]"];
        for host in v6 {
            assert!(matches!(refusal(&format!("https://{host}/")), Refusal::Address(_)), "{host}");
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for url in
            ["", "example.com", "/hook", "https://", "https://1.2.3.4.5.6/", "https://a b/", "https://[::1"]
        {
            assert_eq!(refusal(url), Refusal::NotAUrl, "{url}");
        }
        let schemes =
            ["http://example.com", "ftp://example.com", "file:///etc/passwd", "gopher://a", "data:,x"];
        for url in schemes {
            assert_eq!(refusal(url), Refusal::Scheme, "{url}");
        }
    }

    #[test]
    fn names_and_passwords_in_a_url_are_refused() {
        for url in ["https://user@example.com", "https://user:word@example.com", "https://:word@example.com"]
        {
            assert_eq!(refusal(url), Refusal::Credentials, "{url}");
        }
    }

    #[test]
    fn other_ports_need_a_setting() {
        let any_port = Rules { any_port: true, ..Rules::default() };
        for port in [1, 22, 25, 5432, 6379, 8080, 8443, 65535] {
            let url = format!("https://example.com:{port}/");
            assert_eq!(refusal(&url), Refusal::Port(port));
            check(&url, any_port).unwrap();
        }
        assert!(check("https://127.0.0.1:8443", any_port).is_err());
        assert!(check("http://example.com:8080", any_port).is_err());
    }

    #[test]
    fn for_development_a_server_on_this_machine_is_allowed() {
        for url in ["http://localhost:3000/hook", "http://127.0.0.1:3000", "https://192.168.1.5:8443/"] {
            check(url, DEVELOPMENT).unwrap();
        }
        assert_eq!(check("ftp://localhost", DEVELOPMENT), Err(Refusal::Scheme));
    }

    #[test]
    fn of_a_names_addresses_only_the_public_ones_are_called() {
        let [inner, outer] = ["10.0.0.1", "1.1.1.1"].map(|text| text.parse::<IpAddr>().unwrap());
        let rules = Rules::default();
        assert_eq!(allowed("both", vec![inner, outer], rules), Ok(vec![outer]));
        assert_eq!(allowed("inner", vec![inner], rules), Err(Refusal::Name("inner".into())));
        assert_eq!(allowed("none", vec![], rules), Err(Refusal::Name("none".into())));
        assert_eq!(allowed("inner", vec![inner], DEVELOPMENT), Ok(vec![inner]));
    }
}
