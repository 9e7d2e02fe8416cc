//! Networks by address and prefix, as operators write them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network in CIDR notation: `10.1.0.0/16`, `fd00::/8`. A single address is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is not a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotANetwork {
    /// What is before the slash is no IP address.
    #[error("what is before the slash is not an IP address")]
    Address,
    /// What is behind the slash is no number of bits of such an address.
    #[error("what is behind the slash is not a number of bits of such an address")]
    Prefix,
    /// The address goes on behind the prefix, so that it is unclear what was meant.
    #[error("the address has bits set behind its prefix: {0} is the network")]
    HostBits(Network),
}

impl Network {
    /// Whether the address is in this network. An IPv4 address that is written as an IPv6 one
    /// counts as what it is.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
            (_, address) => masked(address, self.prefix) == self.address,
        }
    }
}

/// The address with only its first `prefix` bits.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let dropped = 32_u32.saturating_sub(prefix.into());
            let mask = u32::MAX.checked_shl(dropped).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let dropped = 128_u32.saturating_sub(prefix.into());
            let mask = u128::MAX.checked_shl(dropped).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotANetwork::Address)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(text) => text.parse().ok().filter(|prefix| *prefix <= bits),
            None => Some(bits),
        };
        let prefix = prefix.ok_or(NotANetwork::Prefix)?;
        let network = Self { address: masked(address, prefix), prefix };
        if network.address == address { Ok(network) } else { Err(NotANetwork::HostBits(network)) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_in_the_networks_that_share_its_first_bits() {
        assert!(network("10.1.0.0/16").contains("10.1.255.3".parse().unwrap()));
        assert!(!network("10.1.0.0/16").contains("10.2.0.0".parse().unwrap()));
        assert!(network("0.0.0.0/0").contains("203.0.113.9".parse().unwrap()));
        assert!(!network("0.0.0.0/0").contains("::1".parse().unwrap()));
        assert!(network("fd00::/8").contains("fdab::1".parse().unwrap()));
        assert!(network("::1").contains("::1".parse().unwrap()));
        assert!(network("127.0.0.0/8").contains("::ffff:127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_is_not_a_network_is_refused() {
        assert_eq!("localhost/8".parse::<Network>(), Err(NotANetwork::Address));
        assert_eq!("10.0.0.0/33".parse::<Network>(), Err(NotANetwork::Prefix));
        assert_eq!("10.0.0.0/".parse::<Network>(), Err(NotANetwork::Prefix));
        assert_eq!(
            "10.1.2.3/16".parse::<Network>(),
            Err(NotANetwork::HostBits(network("10.1.0.0/16")))
        );
        assert_eq!(network("10.1.0.0/16").to_string(), "10.1.0.0/16");
    }
}
