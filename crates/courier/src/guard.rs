//! The addresses that are never called: what others may tell us to call must not reach into our own
//! network.
//!
//! Invariant: the guard is asked about the address that is dialled, after its name was looked up and
//! for every connection; what the URL looks like says nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use docket_domain::network::Network;

/// Knows which addresses may be called.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed: Vec<Network>,
}

impl Guard {
    /// Refuses everything that is not public, these networks excepted.
    #[must_use]
    pub fn new(allowed: &[Network]) -> Self {
        Self { allowed: allowed.to_vec() }
    }

    /// Whether this address may be called.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.allowed.iter().any(|network| network.contains(address)) {
            return true;
        }
        match address {
            IpAddr::V4(v4) => is_public(v4),
            IpAddr::V6(v6) => match Embedded::of(v6) {
                // A way to somewhere else: what counts is where it leads.
                Embedded::Whole(v4) => self.permits(v4.into()),
                Embedded::Tunnel(server, client) => {
                    self.permits(server.into()) && self.permits(client.into())
                }
                Embedded::Host(v4) => is_public_v6(v6) && self.permits(v4.into()),
                Embedded::Nothing => is_public_v6(v6),
            },
        }
    }
}

/// Whether the address is one of a machine on the public internet.
fn is_public(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        // This network, private, loopback; multicast, reserved and broadcast.
        [0 | 10 | 127 | 224..=255, ..]
            // Carrier-grade NAT, and the metadata of Alibaba's cloud.
            | [100, 64..=127, ..]
            // Link-local, and the metadata of most clouds.
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 168, ..]
            // Protocol assignments, and the metadata of Oracle's cloud; documentation.
            | [192, 0, 0 | 2, _]
            // The nearest gateway of 6to4, whoever that is.
            | [192, 88, 99, _]
            // Benchmarking.
            | [198, 18 | 19, ..]
            // Documentation.
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            // What Azure's machines are managed by, though the address is a public one.
            | [168, 63, 129, 16]
    )
}

/// The same for version 6: only what has been given out at all, so that loopback, unique-local,
/// link-local, multicast and metadata need no lines of their own.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let is_given_out = matches!(address.segments(), [0x2000..=0x3fff, ..]);
    let is_special = matches!(
        address.segments(),
        // Anycast of protocols, benchmarking, names in the shape of addresses (ORCHID, DRIP), and
        // documentation.
        [0x2001, 0x0001 | 0x0002 | 0x0010..=0x003f | 0x0db8, ..]
            // Documentation again.
            | [0x3fff, 0x0000..=0x0fff, ..]
    );
    is_given_out && !is_special
}

/// The addresses of version 4 to which one of version 6 leads.
enum Embedded {
    Nothing,
    /// It is nothing but another form of this one.
    Whole(Ipv4Addr),
    /// It is reached by way of the first and leads to the second.
    Tunnel(Ipv4Addr, Ipv4Addr),
    /// It leads to this one within a network of its own.
    Host(Ipv4Addr),
}

impl Embedded {
    fn of(address: Ipv6Addr) -> Self {
        match address.segments() {
            // IPv4-compatible, `::1` and `::` among them; IPv4-mapped; IPv4-translated; NAT64.
            [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
            | [0, 0, 0, 0, 0xffff, 0, high, low]
            | [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
            // 6to4.
            | [0x2002, high, low, ..] => Self::Whole(joined(high, low)),
            // Teredo: the server in the clear, the client behind it with each bit turned.
            [0x2001, 0, high, low, .., client_high, client_low] => {
                Self::Tunnel(joined(high, low), joined(!client_high, !client_low))
            }
            // ISATAP.
            [_, _, _, _, 0 | 0x0200, 0x5efe, high, low] => Self::Host(joined(high, low)),
            _ => Self::Nothing,
        }
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REFUSED: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001:0:7f00:1::f7f7:f7f7",
        "2001:0:808:808::80ff:fffe",
        "2001:1::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2606:4700::5efe:10.0.0.1",
        "2606:4700::200:5efe:10.0.0.1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "fe80::1",
        "fe80::5efe:8.8.8.8",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ];

    const PERMITTED: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "168.63.129.17",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:0:808:808::f7f7:f7f7",
        "2001:4860:4860::8888",
        "2002:808:808::1",
        "2606:4700:4700::1111",
        "2606:4700::5efe:8.8.8.8",
        "2a00:1450::1",
    ];

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn allowing(networks: &[&str]) -> Guard {
        Guard::new(&networks.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_not_public_is_refused() {
        for text in REFUSED {
            assert!(!Guard::default().permits(address(text)), "{text}");
        }
    }

    #[test]
    fn what_is_public_is_permitted() {
        for text in PERMITTED {
            assert!(Guard::default().permits(address(text)), "{text}");
        }
    }

    #[test]
    fn an_allowed_network_is_permitted_and_its_neighbours_are_not() {
        let guard = allowing(&["10.1.0.0/16", "fd00:1::/32"]);
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "2002:a01:203::1"] {
            assert!(guard.permits(address(text)), "{text}");
        }
        assert!(guard.permits(address("fd00:1::1")));
        for text in ["10.2.0.1", "127.0.0.1", "fd00:2::1", "64:ff9b::10.2.0.1", "::1"] {
            assert!(!guard.permits(address(text)), "{text}");
        }
        assert!(allowing(&["::1"]).permits(address("::1")));
        assert!(allowing(&["0.0.0.0/0", "::/0"]).permits(address("169.254.169.254")));
    }

    proptest! {
        #[test]
        fn no_disguise_helps(bits: u32, rest: u64, kind in 0_usize..8) {
            let plain = Ipv4Addr::from_bits(bits);
            let low = u128::from(bits);
            let disguised = Ipv6Addr::from_bits(match kind {
                0 => low,
                1 => 0xffff << 32 | low,
                2 => 0xffff << 48 | low,
                3 => 0x0064_ff9b << 96 | low,
                4 => 0x2002 << 112 | low << 80 | u128::from(rest),
                5 => u128::from(rest) << 64 | 0x5efe << 32 | low,
                6 => 0x2001_0000 << 96 | low << 64 | u128::from(rest),
                _ => 0x2001_0000 << 96 | u128::from(rest) << 32 | u128::from(!bits),
            });
            let guard = Guard::default();
            prop_assert!(guard.permits(plain.into()) || !guard.permits(disguised.into()));
        }

        #[test]
        fn what_the_standard_library_calls_private_is_refused(bits: u32, wide: u128) {
            let v4 = Ipv4Addr::from_bits(bits);
            let is_private = v4.is_private() || v4.is_loopback() || v4.is_link_local()
                || v4.is_multicast() || v4.is_broadcast() || v4.is_documentation()
                || v4.is_unspecified();
            prop_assert!(!is_private || !Guard::default().permits(v4.into()));
            let v6 = Ipv6Addr::from_bits(wide);
            let is_private = v6.is_unique_local() || v6.is_unicast_link_local()
                || v6.is_multicast() || v6.is_loopback() || v6.is_unspecified();
            prop_assert!(!is_private || !Guard::default().permits(v6.into()));
        }

        #[test]
        fn an_allowed_address_is_permitted_and_adds_no_other(bits: u32, other: u32) {
            let (one, other) = (Ipv4Addr::from_bits(bits), Ipv4Addr::from_bits(other));
            let guard = allowing(&[&one.to_string()]);
            prop_assert!(guard.permits(one.into()));
            if one != other {
                prop_assert_eq!(guard.permits(other.into()), is_public(other));
            }
        }
    }
}
