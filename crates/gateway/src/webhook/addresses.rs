//! Which addresses belong to somebody on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that are not, from the IANA IPv4 Special-Purpose Address Registry, and one of a cloud.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // shared by carriers; 100.100.100.200 is a cloud's metadata
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // public by number, but a cloud's own services inside its machines
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local; 169.254.169.254 is the metadata of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24),  // AS112: black hole of reverse look-ups
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // relays of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, and broadcast
];

/// The one network of IPv6 from which public addresses are given out (RFC 4291, IANA). Loopback, unspecified,
/// link-local, unique local, multicast, and the forms that carry an IPv4 address (mapped, compatible, 64:ff9b::/96)
/// are all outside of it.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Networks inside [`GLOBAL_V6`] that are not public all the same, from the IANA IPv6 Special-Purpose Address
/// Registry.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo among them
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: carries an IPv4 address
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Whether an address is one that anybody on the internet may be reached at.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|network| is_in_v4(address, *network)),
        IpAddr::V6(address) => {
            is_in_v6(address, GLOBAL_V6) && !NOT_PUBLIC_V6.iter().any(|network| is_in_v6(address, *network))
        }
    }
}

fn is_in_v4(address: Ipv4Addr, (network, bits): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= bits
}

fn is_in_v6(address: Ipv6Addr, (network, bits): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= bits
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// First and last address of every network of IPv4 that must not be called, and some inside.
    const FORBIDDEN_V4: [&str; 55] = [
        "0.0.0.0",
        "0.0.0.1",
        "0.255.255.255",
        "10.0.0.0",
        "10.0.0.1",
        "10.13.37.1",
        "10.255.255.255",
        "100.64.0.0",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.0",
        "127.0.0.1",
        "127.0.1.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.0.0",
        "169.254.0.23",
        "169.254.169.253",
        "169.254.169.254",
        "169.254.170.2",
        "169.254.255.255",
        "172.16.0.0",
        "172.16.0.1",
        "172.17.0.1",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.8",
        "192.0.0.170",
        "192.0.0.192",
        "192.0.0.255",
        "192.0.2.0",
        "192.0.2.1",
        "192.0.2.255",
        "192.88.99.0",
        "192.88.99.1",
        "192.88.99.255",
        "192.168.0.0",
        "192.168.0.1",
        "192.168.1.1",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.0",
        "198.51.100.255",
        "203.0.113.0",
        "203.0.113.255",
        "224.0.0.0",
        "224.0.0.251",
        "239.255.255.255",
        "240.0.0.0",
        "240.0.0.1",
        "255.0.0.0",
        "255.255.255.254",
        "255.255.255.255",
    ];

    const FORBIDDEN_V6: [&str; 36] = [
        "::",
        "::1",
        "::2",
        "::ffff",
        "100::",
        "100::1",
        "64:ff9b::",
        "64:ff9b::1",
        "64:ff9b:1::",
        "64:ff9b:1:ffff::1",
        "2001::",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8::",
        "2001:db8::1",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "2002::",
        "2002:7f00:1::1",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
        "fc00::",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "fe80::",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ];

    const PUBLIC: [&str; 32] = [
        "1.0.0.0",
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2000::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2400:3200::1",
        "2606:4700::1111",
        "2a00::1",
        "3ffe::1",
    ];

    fn parsed(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// All forms in which IPv6 carries an address of IPv4.
    fn carriers(inner: Ipv4Addr) -> [Ipv6Addr; 5] {
        let [high, low] = [inner.to_bits() >> 16, inner.to_bits() & 0xffff].map(|half| half as u16);
        [
            inner.to_ipv6_mapped(),
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        ]
    }

    /// All addresses of the tables, those of IPv4 also inside every form that carries them.
    pub(in super::super) fn forbidden() -> Vec<IpAddr> {
        let v4: Vec<Ipv4Addr> = FORBIDDEN_V4.iter().map(|text| text.parse().unwrap()).collect();
        let carried = v4.iter().flat_map(|inner| carriers(*inner)).map(IpAddr::V6);
        let v6 = FORBIDDEN_V6.iter().map(|text| parsed(text));
        v4.iter().copied().map(IpAddr::V4).chain(carried).chain(v6).collect()
    }

    #[test]
    fn no_address_that_is_not_public_is_let_through_in_any_form() {
        let all = forbidden();
        assert!(all.len() >= 200);
        for address in all {
            assert!(!is_public(address), "{address}");
        }
    }

    #[test]
    fn an_address_of_ipv4_inside_one_of_ipv6_is_refused_even_if_it_is_public() {
        for address in carriers(Ipv4Addr::new(1, 1, 1, 1)) {
            assert!(!is_public(IpAddr::V6(address)), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_let_through_up_to_the_edges_of_the_others() {
        for text in PUBLIC {
            assert!(is_public(parsed(text)), "{text}");
        }
    }
}
