//! What a server is called.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use super::CertificateError;

/// The longest host name there is (RFC 1035).
const LONGEST: usize = 253;

/// Host names and addresses, at least one, each in one spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// From host names and addresses.
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Result<Self, CertificateError> {
        let names: BTreeSet<_> =
            names.into_iter().map(|name| normal(name.as_ref())).collect::<Result<_, _>>()?;
        if names.is_empty() { Err(CertificateError::NoNames) } else { Ok(Self(names)) }
    }

    /// Whether all of the other's names are among these.
    pub(super) fn cover(&self, other: &Self) -> bool {
        self.0.is_superset(&other.0)
    }

    pub(super) fn to_vec(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }
}

fn normal(name: &str) -> Result<String, CertificateError> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    let name = name.to_ascii_lowercase();
    if is_host_name(&name) { Ok(name) } else { Err(CertificateError::Name(name)) }
}

/// Letters, digits, hyphens and underscores between full stops; names of other letters come in their ASCII form.
fn is_host_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(allowed);
    name.len() <= LONGEST && name.split('.').all(is_label)
}

/// The addresses under which the local network knows this machine: those from which it would call out.
pub fn local_addresses() -> Vec<IpAddr> {
    // Addresses for documentation, which are routed like any other. Connecting a datagram socket sends nothing.
    let outside: [IpAddr; 2] =
        [Ipv4Addr::new(192, 0, 2, 1).into(), Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into()];
    outside.into_iter().filter_map(address_towards).collect()
}

fn address_towards(outside: IpAddr) -> Option<IpAddr> {
    let any: IpAddr =
        if outside.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
    // Any port: nothing is sent.
    socket.connect(SocketAddr::new(outside, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_spelling() {
        let names = Names::new(["LocalHost", "localhost", "0:0:0:0:0:0:0:1", "::1"]).unwrap();
        assert_eq!(names.to_vec(), ["::1", "localhost"]);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in
            ["", "a b", "a..b", ".", "http://a", "a:80", "[::1]", "*.example.com", "实人.中国", "a\nb"]
        {
            assert!(matches!(Names::new([name]), Err(CertificateError::Name(_))), "{name:?}");
        }
        assert!(matches!(Names::new([""; 0]), Err(CertificateError::NoNames)));
    }

    #[test]
    fn local_addresses_are_addresses_of_this_machine() {
        for address in local_addresses() {
            assert!(UdpSocket::bind(SocketAddr::new(address, 0)).is_ok(), "{address}");
        }
    }
}
