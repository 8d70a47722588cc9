//! Where a request comes from: the peer, or what a proxy we trust says of it. Never the `Forwarded` headers of
//! anybody else (cases B8, C9).

use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;
use ipnet::IpNet;

/// The network a request comes from: an IPv4 address, or the /64 of an IPv6 address, which one person can fill.
pub fn network_of(request: &HttpRequest, trusted: &[IpNet]) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("X-Forwarded-For")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    widen(believed(peer, &forwarded, trusted))
}

/// What one subscriber may have many networks of: an IPv4 address, or the /48 of an IPv6 address.
pub fn site_of(network: IpAddr) -> IpAddr {
    match network {
        IpAddr::V4(_) => network,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !(u128::MAX >> 48))),
    }
}

// From the right: the first hop that is not one of our proxies is the client.
fn believed(peer: IpAddr, forwarded: &[&str], trusted: &[IpNet]) -> IpAddr {
    let ours = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let mut client = peer;
    for hop in forwarded.iter().rev() {
        if !ours(&client) {
            break;
        }
        match hop.parse() {
            Ok(ip) => client = ip,
            Err(_) => break,
        }
    }
    client
}

fn widen(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // case C9
    #[test]
    fn only_trusted_hops_are_believed() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let client: IpAddr = "203.0.113.7".parse().unwrap();
        assert_eq!(believed(peer, &["1.1.1.1", "203.0.113.7"], &trusted), client);
        assert_eq!(believed(peer, &["203.0.113.7", "10.9.9.9"], &trusted), client);
        assert_eq!(believed(peer, &["203.0.113.7"], &[]), peer);
        assert_eq!(believed(client, &["1.1.1.1"], &trusted), client);
        assert_eq!(widen("2001:db8::1:2:3:4".parse().unwrap()), "2001:db8::".parse::<IpAddr>().unwrap());
    }
}
