//! What an examination must know of this machine: names, routes, whether it is a container, whether
//! the environment names a proxy. A value, so that tests can stand on another machine.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;

use futures::future::BoxFuture;

/// Looks a name up.
pub type Names = Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// Tells the own address that packets to that one leave from; an error where no way leads there.
pub type Routes = Arc<dyn Fn(SocketAddr) -> io::Result<SocketAddr> + Send + Sync>;

/// Variables that name a proxy, the ones for encrypted traffic first.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];

/// This machine.
#[derive(Clone)]
pub struct Surroundings {
    /// Whether the program runs in a container.
    pub in_container: bool,
    /// The variable of the environment that names a proxy. Its value, which may hold a password, stays there.
    pub proxy: Option<&'static str>,
    /// The name service.
    pub names: Names,
    /// The table of routes.
    pub routes: Routes,
}

impl Surroundings {
    /// As it is here and now.
    pub fn here() -> Self {
        Self {
            in_container: in_container(),
            proxy: PROXIES.into_iter().find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())),
            names: Arc::new(|host, port| {
                Box::pin(async move { Ok(tokio::net::lookup_host((host.as_str(), port)).await?.collect()) })
            }),
            routes: Arc::new(route),
        }
    }
}

fn in_container() -> bool {
    ["/.dockerenv", "/run/.containerenv"].iter().any(|mark| Path::new(mark).exists())
        || ["KUBERNETES_SERVICE_HOST", "container"].iter().any(|name| std::env::var_os(name).is_some())
}

/// Asks the kernel for the way. Connecting a UDP socket sends nothing.
fn route(to: SocketAddr) -> io::Result<SocketAddr> {
    let any: SocketAddr =
        if to.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(any)?;
    socket.connect(to)?;
    socket.local_addr()
}
