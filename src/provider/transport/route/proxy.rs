//! Asking a proxy for a connection: `CONNECT` of HTTP, SOCKS 5. Its name and password go to the proxy and
//! to nobody else; what the server is told goes to the server.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use hyper_util::client::proxy::matcher::Matcher;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};
use url::Url;
use zeroize::Zeroizing;

use super::HERE;
use super::proxy_failure;
use crate::provider::transport::dial::{Duplex, tcp, timed_out, under_tls};
use crate::provider::transport::{Server, tls_config};
use crate::provider::{ProviderError, ProxyAddress, ProxyKind, Result, TlsSpec};

/// The longest head of an answer to `CONNECT`.
const LONGEST_HEAD: usize = 16 * 1024;

/// A proxy, and who we are there.
pub(super) struct Proxy {
    address: ProxyAddress,
    credentials: Option<(String, SecretString)>,
}

/// Why there is no connection.
enum No {
    Io(io::Error),
    /// It does not know us.
    Credentials(String),
    /// It says no, or something that makes no sense.
    Said(String),
}

impl From<io::Error> for No {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Proxy {
    pub(super) fn new(address: ProxyAddress, user: Option<&str>, password: Option<&SecretString>) -> Self {
        let nothing = || SecretString::from(String::new());
        let credentials = match (user, password) {
            (None, None) => None,
            (user, password) => Some((user.unwrap_or_default().to_owned(), password.cloned().unwrap_or_else(nothing))),
        };
        Self { address, credentials }
    }

    /// SOCKS at a port of this machine.
    pub(super) fn local(port: u16) -> Self {
        let address = ProxyAddress { kind: ProxyKind::Socks5, host: HERE.to_owned(), port };
        Self { address, credentials: None }
    }

    /// The one that the environment has for this server. A server of this machine has none.
    ///
    /// # Errors
    /// `ProxyFailed` for one that is not understood.
    pub(super) fn of_environment(matcher: &Matcher, server: &Server) -> Result<Option<Self>> {
        if server.is_loopback() {
            return Ok(None);
        }
        // By its host: that is what is dialled, whatever it is called.
        let url = format!("{}://{server}", server.scheme()).parse().ok();
        let Some(found) = url.and_then(|url| matcher.intercept(&url)) else { return Ok(None) };
        let uri = found.uri();
        let kind = ProxyKind::of_scheme(uri.scheme_str().unwrap_or("http"));
        let (Some(kind), Some(host)) = (kind, uri.host()) else {
            return Err(ProviderError::ProxyFailed {
                proxy: format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default()),
                address: server.to_string(),
                cause: "the environment names it, and it is neither http, https nor socks5".to_owned(),
            });
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        let address = ProxyAddress { kind, host, port: uri.port_u16().unwrap_or(environment_port(kind)) };
        let basic = found.basic_auth().and_then(|value| decoded(value.to_str().ok()?));
        let raw = found.raw_auth().map(|(user, password)| (user.to_owned(), SecretString::from(password)));
        Ok(Some(Self { address, credentials: basic.or(raw) }))
    }

    pub(super) fn address(&self) -> &ProxyAddress {
        &self.address
    }

    /// A connection to the server through it.
    ///
    /// # Errors
    /// `ProxyFailed`, `ProxyRefused`, `TimedOut`.
    pub(super) async fn open(&self, server: &Server, deadline: Instant, limit: Duration) -> Result<Box<dyn Duplex>> {
        let proxy = Server::new(&self.address.host, self.address.port, self.address.kind == ProxyKind::Https);
        let failed =
            |cause| ProviderError::ProxyFailed { proxy: self.address.to_string(), address: server.to_string(), cause };
        let stream = match tcp(&proxy.host, proxy.port, &proxy, deadline, limit).await {
            Ok(stream) => stream,
            Err(ProviderError::Refused { .. }) => return Err(failed("nothing listens there".to_owned())),
            Err(error) => return Err(failed(error.brief().to_owned())),
        };
        let mut stream: Box<dyn Duplex> = Box::new(stream);
        if proxy.tls {
            let config = tls_config(&TlsSpec::default(), &[b"http/1.1"]).await?;
            stream = under_tls(stream, &proxy, Arc::clone(&config), deadline, limit).await?;
        }
        let asking = async {
            match self.address.kind {
                ProxyKind::Http | ProxyKind::Https => self.connect(&mut stream, server).await,
                ProxyKind::Socks5 => self.socks(&mut stream, server).await,
            }
        };
        match timeout_at(deadline, asking).await {
            Ok(Ok(())) => Ok(stream),
            Ok(Err(No::Io(error))) => Err(failed(proxy_failure(&error, &proxy, limit))),
            Ok(Err(No::Credentials(cause))) => {
                Err(ProviderError::ProxyRefused { proxy: self.address.to_string(), cause })
            }
            Ok(Err(No::Said(cause))) => Err(failed(cause)),
            Err(_) => Err(timed_out(&proxy, limit)),
        }
    }

    /// `CONNECT`, of which only the head of the answer is read.
    async fn connect(&self, stream: &mut Box<dyn Duplex>, server: &Server) -> std::result::Result<(), No> {
        let mut request = Zeroizing::new(format!("CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n"));
        if let Some((user, password)) = &self.credentials {
            let both = Zeroizing::new(format!("{user}:{}", password.expose_secret()));
            let coded = Zeroizing::new(BASE64_STANDARD.encode(both.as_bytes()));
            request.push_str("Proxy-Authorization: Basic ");
            request.push_str(&coded);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        let mut head = Vec::new();
        // Byte by byte: what follows is the server's.
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() >= LONGEST_HEAD {
                return Err(No::Said("its answer has no end".to_owned()));
            }
            head.push(stream.read_u8().await?);
        }
        let text = String::from_utf8_lossy(&head);
        let line = text.lines().next().unwrap_or_default();
        let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
        let said: String = line.chars().filter(|c| !c.is_control()).take(120).collect();
        match status.and_then(|status| status.parse::<u16>().ok()) {
            Some(200..=299) => Ok(()),
            Some(407) if self.credentials.is_none() => {
                Err(No::Credentials("it asks for a user and a password, and the profile has none".to_owned()))
            }
            Some(407) => Err(No::Credentials("it does not take the user or the password".to_owned())),
            Some(403 | 405) => Err(No::Said(format!("it does not allow that connection ({said})"))),
            Some(502..=504) => Err(No::Said(format!("it did not reach the server ({said})"))),
            Some(_) => Err(No::Said(said)),
            None => Err(No::Said("it answers in another language than HTTP".to_owned())),
        }
    }

    /// SOCKS 5 (RFC 1928, RFC 1929); the proxy looks the name up.
    async fn socks(&self, stream: &mut Box<dyn Duplex>, server: &Server) -> std::result::Result<(), No> {
        let other = || No::Said("it answers in another language than SOCKS 5".to_owned());
        // no credentials, and a user with a password where there is one
        let methods: &[u8] = if self.credentials.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] };
        stream.write_all(methods).await?;
        let mut choice = [0_u8; 2];
        stream.read_exact(&mut choice).await?;
        match (choice, &self.credentials) {
            ([5, 0], _) => {}
            ([5, 2], Some((user, password))) => {
                let mut words = Zeroizing::new(vec![1]);
                for part in [user.as_str(), password.expose_secret()] {
                    let length = u8::try_from(part.len())
                        .map_err(|_| No::Credentials("SOCKS takes 255 bytes of each at most".to_owned()))?;
                    words.push(length);
                    words.extend_from_slice(part.as_bytes());
                }
                stream.write_all(&words).await?;
                let mut answer = [0_u8; 2];
                stream.read_exact(&mut answer).await?;
                if answer[1] != 0 {
                    return Err(No::Credentials("it does not take the user or the password".to_owned()));
                }
            }
            ([5, 255], None) => {
                return Err(No::Credentials("it asks for a user and a password, and the profile has none".to_owned()));
            }
            ([5, 255], Some(_)) => return Err(No::Credentials("it takes no user and password".to_owned())),
            _ => return Err(other()),
        }
        let mut request = vec![5, 1, 0];
        match server.host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => request.extend([1].into_iter().chain(ip.octets())),
            Ok(IpAddr::V6(ip)) => request.extend([4].into_iter().chain(ip.octets())),
            Err(_) => {
                let length = u8::try_from(server.host.len())
                    .map_err(|_| No::Said("the server's name is too long for SOCKS".to_owned()))?;
                request.extend([3, length]);
                request.extend_from_slice(server.host.as_bytes());
            }
        }
        request.extend(server.port.to_be_bytes());
        stream.write_all(&request).await?;
        let mut answer = [0_u8; 4];
        stream.read_exact(&mut answer).await?;
        match answer {
            [5, 0, _, kind] => {
                // where it dials from; nobody asks
                let length = match kind {
                    1 => 4,
                    4 => 16,
                    3 => usize::from(stream.read_u8().await?),
                    _ => return Err(other()),
                };
                let mut from = vec![0_u8; length + 2];
                stream.read_exact(&mut from).await?;
                Ok(())
            }
            [5, code, ..] => Err(No::Said(socks_words(code))),
            _ => Err(other()),
        }
    }
}

/// What a refusal of SOCKS 5 means.
fn socks_words(code: u8) -> String {
    match code {
        2 => "it does not allow that connection".to_owned(),
        3 => "it does not reach the server's network".to_owned(),
        4 => "it does not reach the server, or does not find its name".to_owned(),
        5 => "the server refused its connection".to_owned(),
        6 => "the server did not answer it".to_owned(),
        code => format!("it failed (SOCKS {code})"),
    }
}

/// The port of a proxy of the environment that names none, as curl has it.
fn environment_port(kind: ProxyKind) -> u16 {
    match kind {
        ProxyKind::Http => 80,
        ProxyKind::Https | ProxyKind::Socks5 => kind.default_port(),
    }
}

/// User and password of a header of basic authorization.
fn decoded(header: &str) -> Option<(String, SecretString)> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(header.strip_prefix("Basic ")?).ok()?);
    let text = std::str::from_utf8(&bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), SecretString::from(password)))
}

/// A proxy's address: `http://host:port`, `https://`, `socks5://`, or `host:port`.
///
/// # Errors
/// A clause that says what is wrong; user and password are never repeated.
pub fn proxy_address(text: &str) -> std::result::Result<ProxyAddress, &'static str> {
    let text = text.trim();
    if text.contains('@') {
        return Err("it has a user before @; give user and password in their own fields");
    }
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&full).map_err(|_| "it is no host:port and no URL")?;
    let kind = ProxyKind::of_scheme(url.scheme()).ok_or("its scheme is not http, https or socks5")?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("there is something behind the port");
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no host")?;
    let given = full.rsplit(':').next().and_then(|end| end.trim_end_matches('/').parse::<u16>().ok());
    // `url` leaves the port of a web server out, which is as good as any for a proxy.
    let port = url.port().or(given).unwrap_or(kind.default_port());
    if port == 0 {
        return Err("port 0 cannot be connected to");
    }
    Ok(ProxyAddress { kind, host: host.trim_matches(['[', ']']).to_owned(), port })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_forms_of_a_proxys_address() {
        let read = |text| proxy_address(text).map(|address| address.to_string());
        assert_eq!(read("proxy:8080").unwrap(), "http://proxy:8080");
        assert_eq!(read("http://proxy:80").unwrap(), "http://proxy:80");
        assert_eq!(read("https://proxy/").unwrap(), "https://proxy:443");
        assert_eq!(read("socks5h://[::1]:9050").unwrap(), "socks5://[::1]:9050");
        assert_eq!(read("http://[::1]").unwrap(), "http://[::1]:3128");
        for wrong in ["ftp://proxy:1", "http://me:sesame@proxy:1", "http://proxy:1/x", "http://", "proxy:0"] {
            let said = read(wrong).unwrap_err();
            assert!(!said.contains("sesame"), "{said}");
        }
    }

    #[test]
    fn the_environment_has_no_say_for_this_machine() {
        let matcher = Matcher::builder().all("http://me:pw@proxy:8080").no("private.example.com").build();
        let of = |host: &str| Proxy::of_environment(&matcher, &Server::new(host, 6334, true)).unwrap();
        assert!(of("localhost").is_none() && of("127.0.0.1").is_none() && of("private.example.com").is_none());
        let found = of("db.example.com").unwrap();
        assert_eq!(found.address().to_string(), "http://proxy:8080");
        assert!(found.credentials.is_some_and(|(user, password)| user == "me" && password.expose_secret() == "pw"));
    }
}
