//! The way to a server's port: its name, a route, the port itself. No credential and no word of any
//! protocol is sent.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::blame::blame;
use super::here::Surroundings;
use super::model::{Cause, Step, StepKind};
use crate::provider::ConnectSpec;
use crate::provider::transport::{self, Server};

/// Longest wait for one of several addresses, so that a silent one leaves time for the others.
const SHARE: Duration = Duration::from_secs(3);

/// Looks the name up.
pub(super) async fn name(
    server: &Server,
    here: &Surroundings,
    limit: Duration,
) -> Result<(Step, Vec<SocketAddr>), Step> {
    let host = server.host.clone();
    if let Ok(address) = host.parse::<IpAddr>() {
        let step = Step::ok(StepKind::Name, format!("read {host}"), "it is an address: no name to look up");
        return Ok((step, vec![SocketAddr::new(address, server.port)]));
    }
    let tried = format!("look up {host}");
    let failed = |found: &str, cause, mend: &str| Err(Step::fail(StepKind::Name, tried.clone(), found, cause, mend));
    match timeout(limit, (here.names)(host.clone(), server.port)).await {
        Err(_) => failed(
            "the name service did not answer in time",
            Cause::NameServiceSilent,
            "Check this machine's network and its name service (/etc/resolv.conf); is a VPN down?",
        ),
        Ok(Err(error)) => failed(
            &format!("the name was not found ({error})"),
            Cause::HostNotFound,
            "Correct the host name; a name that only a VPN or a container's network knows is known there alone.",
        ),
        Ok(Ok(addresses)) if addresses.is_empty() => {
            failed("the name has no address", Cause::HostNotFound, "Correct the host name.")
        }
        Ok(Ok(addresses)) => {
            let listed: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
            Ok((Step::ok(StepKind::Name, tried, format!("{host} is {}", listed.join(", "))), addresses))
        }
    }
}

/// Asks this machine for the way to each address; keeps those that have one.
pub(super) fn route(addresses: &[SocketAddr], here: &Surroundings) -> Result<(Step, Vec<SocketAddr>), Step> {
    let tried = "ask this machine for the way there, without sending anything";
    let ways: Vec<(SocketAddr, io::Result<SocketAddr>)> =
        addresses.iter().map(|address| (*address, (here.routes)(*address))).collect();
    let open: Vec<SocketAddr> = ways.iter().filter(|(_, way)| way.is_ok()).map(|(address, _)| *address).collect();
    if open.is_empty() {
        let why = ways.iter().find_map(|(_, way)| way.as_ref().err()).map_or_else(String::new, |e| format!(" ({e})"));
        let (found, cause, mend) = if addresses.iter().all(SocketAddr::is_ipv6) {
            (
                format!("the host has only IPv6 addresses, and this machine has no way to them{why}"),
                Cause::Ipv6Only,
                "Give this machine IPv6, or a host name that has an IPv4 address too; a tunnel through a host with both helps.",
            )
        } else if addresses.iter().all(SocketAddr::is_ipv4) && (here.routes)(documentation_v6()).is_ok() {
            (
                format!("the host has only IPv4 addresses, and this machine has only IPv6{why}"),
                Cause::Ipv4Only,
                "Give this machine IPv4, or a host name that has an IPv6 address too.",
            )
        } else {
            (
                format!("this machine knows no way to the address{why}"),
                Cause::NoRoute,
                "Check the network: cable, Wi-Fi, VPN, the routes of a container.",
            )
        };
        return Err(Step::fail(StepKind::Route, tried, found, cause, mend));
    }
    let from = ways.iter().find_map(|(_, way)| way.as_ref().ok()).map_or_else(String::new, |own| own.ip().to_string());
    let mut found = format!("leaves from {from}");
    if open.len() < ways.len() {
        found.push_str(", but there is no way to some of the addresses");
    }
    Ok((Step::ok(StepKind::Route, tried, found), open))
}

/// An address of the documentation: any way to IPv6 leads there.
fn documentation_v6() -> SocketAddr {
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 443).into()
}

/// Opens the port and closes it again.
pub(super) async fn port(
    server: &Server,
    addresses: &[SocketAddr],
    here: &Surroundings,
    limit: Duration,
) -> Result<Step, Step> {
    let tried = format!("open port {}", server.port);
    let share = if addresses.len() > 1 { limit.min(SHARE) } else { limit };
    let started = Instant::now();
    let mut refused = None;
    let mut last = None;
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                let took = started.elapsed().as_secs_f64() * 1000.0;
                let before = last.map_or_else(String::new, |(ip, why)| format!("; {ip} did not ({why})"));
                return Ok(Step::ok(
                    StepKind::Port,
                    tried,
                    format!("{} took the connection in {took:.1} ms{before}", address.ip()),
                ));
            }
            Ok(Err(error)) => {
                if error.kind() == io::ErrorKind::ConnectionRefused {
                    refused = Some(*address);
                }
                last = Some((address.ip(), error.to_string()));
            }
            Err(_) => last = Some((address.ip(), format!("no answer within {} s", share.as_secs_f32()))),
        }
    }
    let failed =
        |found: String, cause, mend: String| Err(Step::fail(StepKind::Port, tried.clone(), found, cause, mend));
    if let Some(address) = refused {
        return refusal(server, addresses, address, here, &tried).await;
    }
    let why = last.map_or_else(String::new, |(_, why)| why);
    let proxy = here.proxy.filter(|_| !addresses.iter().all(|address| address.ip().is_loopback()));
    if let Some(variable) = proxy {
        return failed(
            format!("{server} could not be reached directly ({why}), and {variable} names a proxy"),
            Cause::ProxyNeeded,
            format!(
                "This program takes no proxy from the environment, so that no key goes where it should not: \
                 give the profile the proxy that {variable} names, or a tunnel."
            ),
        );
    }
    failed(
        format!("nothing came back from {server} ({why})"),
        Cause::PortSilent,
        "A firewall or a security group drops the packets, or the host is off: open the port for this machine, or use a \
         tunnel."
            .to_owned(),
    )
}

/// The host answers that nothing listens: who may be meant instead.
async fn refusal(
    server: &Server,
    addresses: &[SocketAddr],
    address: SocketAddr,
    here: &Surroundings,
    tried: &str,
) -> Result<Step, Step> {
    let port = server.port;
    let failed = |found: String, cause, mend: String| Err(Step::fail(StepKind::Port, tried, found, cause, mend));
    let local = addresses.iter().all(|address| address.ip().is_loopback());
    // Only where the other family cannot be another machine.
    let (has_v4, has_v6) = (addresses.iter().any(SocketAddr::is_ipv4), addresses.iter().any(SocketAddr::is_ipv6));
    if local && !has_v4 && opens((Ipv4Addr::LOCALHOST, port).into()).await {
        return failed(
            format!("nothing listens at {address}, but something does at 127.0.0.1:{port}"),
            Cause::Ipv4Only,
            format!("The server listens on IPv4 only: give 127.0.0.1:{port}, or let it listen on :: too."),
        );
    }
    if local && !has_v6 && opens((Ipv6Addr::LOCALHOST, port).into()).await {
        return failed(
            format!("nothing listens at {address}, but something does at [::1]:{port}"),
            Cause::Ipv6Only,
            format!("The server listens on IPv6 only: give [::1]:{port}, or let it listen on 0.0.0.0 too."),
        );
    }
    if local && here.in_container {
        return failed(
            format!("{server} refused the connection, and {} means this container itself", server.host),
            Cause::LoopbackInContainer,
            format!(
                "Give the name of the server's container or service in place of {} (NAME:{port}), or host.docker.internal \
                 for the machine that runs the container.",
                server.host
            ),
        );
    }
    failed(
        format!("{server} refused the connection: nothing listens there"),
        Cause::NothingListens,
        "Start the server, correct the port, or publish the port of its container (-p); a server that listens on \
         127.0.0.1 alone is reached from its own machine only."
            .to_owned(),
    )
}

/// Sets up the proxy, the tunnel, the commands of the profile.
pub(super) async fn way(spec: &ConnectSpec) -> Result<ConnectSpec, Step> {
    let tried = "set up the proxy, the tunnel or the commands of the profile";
    transport::under_way(spec).await.map_err(|error| blame(&error, spec, StepKind::Route, tried))
}

/// Opens the port at the other end of the way.
pub(super) async fn far_port(spec: &ConnectSpec, server: &Server) -> Result<Step, Step> {
    let tried = format!("open port {} from there", server.port);
    let started = Instant::now();
    match transport::open(server, None, spec.timeouts.connect).await {
        Ok(_) => {
            let took = started.elapsed().as_secs_f64() * 1000.0;
            Ok(Step::ok(StepKind::Port, tried, format!("{server} took the connection in {took:.1} ms")))
        }
        Err(error) => Err(blame(&error, spec, StepKind::Port, &tried)),
    }
}

async fn opens(address: SocketAddr) -> bool {
    matches!(timeout(SHARE, TcpStream::connect(address)).await, Ok(Ok(_)))
}
