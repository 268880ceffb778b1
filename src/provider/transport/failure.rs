//! From an error of the operating system, TLS or HTTP to a [`ProviderError`].

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, PeerIncompatible};

use super::Server;
use super::certificate::{date, names};
use super::dial::timed_out;
use crate::provider::ProviderError;

/// The beginning of what is told where a handshake was refused without a reason.
const REFUSED_HANDSHAKE: &str = "it refused the TLS handshake";

/// The cause of a failed exchange with the server, found anywhere in the chain of sources. What has
/// no clearer name is `Interrupted` with the transport's words. `after` is told when time ran out.
///
/// Takes `io::Error`, `rustls::Error`, hyper's errors, `tonic::Status` and all that wrap them.
pub fn failure(error: &(dyn Error + 'static), server: &Server, after: Duration) -> ProviderError {
    chain(error).find_map(|link| of_link(link, server, after)).unwrap_or_else(|| {
        let words = words(error);
        of_words(&words, server).unwrap_or(ProviderError::Interrupted { address: server.to_string(), cause: words })
    })
}

/// Whether the error already names its cause, so that asking the port who it is would add nothing.
pub fn is_explained(error: &ProviderError) -> bool {
    !matches!(error, ProviderError::Interrupted { .. } | ProviderError::BadAnswer { .. } | ProviderError::Server { .. })
}

/// The error and all its sources, with the errors that `io::Error` carries inside (its own `source`
/// skips them).
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    fn next<'a>(link: &&'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
        let link: &'a (dyn Error + 'static) = *link;
        match link.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => link.source(),
        }
    }
    // No chain is that long; a loop of sources must not hang us.
    std::iter::successors(Some(error), next).take(16)
}

/// The texts of the chain, without repetitions.
fn words(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for link in chain(error) {
        let text = link.to_string();
        if !text.is_empty() && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

fn of_link(link: &(dyn Error + 'static), server: &Server, after: Duration) -> Option<ProviderError> {
    if let Some(known) = link.downcast_ref::<ProviderError>() {
        return Some(known.clone());
    }
    if let Some(tls) = link.downcast_ref::<rustls::Error>() {
        return of_tls(tls, server);
    }
    if let Some(io) = link.downcast_ref::<io::Error>() {
        return of_io(io, server, after);
    }
    None
}

fn of_io(error: &io::Error, server: &Server, after: Duration) -> Option<ProviderError> {
    let address = server.to_string();
    // An error inside says more than the kind around it.
    if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>() || inner.is::<ProviderError>()) {
        return None;
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(ProviderError::Refused { address }),
        io::ErrorKind::TimedOut => Some(timed_out(server, after)),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            Some(ProviderError::Interrupted { address, cause: format!("no route to it: {error}") })
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Some(ProviderError::Interrupted { address, cause: "the connection was reset".to_owned() })
        }
        io::ErrorKind::UnexpectedEof => {
            Some(ProviderError::Interrupted { address, cause: "the server hung up".to_owned() })
        }
        _ => None,
    }
}

fn of_tls(error: &rustls::Error, server: &Server) -> Option<ProviderError> {
    let certificate = |cause: String| Some(ProviderError::Certificate { address: server.to_string(), cause });
    match error {
        rustls::Error::InvalidCertificate(check) => certificate(failed_check(check, server)),
        rustls::Error::NoCertificatesPresented => certificate("the server showed none".to_owned()),
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => Some(too_old(server)),
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => Some(refused_handshake(server)),
        rustls::Error::AlertReceived(alert) => of_alert(*alert, server),
        rustls::Error::InvalidMessage(_) => Some(ProviderError::WrongProtocol {
            address: server.to_string(),
            expected: "TLS",
            cause: "its answer to the TLS hello was plain text".to_owned(),
            mend: "Leave TLS out of the address (http:// instead of https://, redis:// instead of rediss://), or give \
                   the server's TLS port."
                .to_owned(),
        }),
        _ => None,
    }
}

fn too_old(server: &Server) -> ProviderError {
    ProviderError::WrongProtocol {
        address: server.to_string(),
        expected: "TLS 1.2 or 1.3",
        cause: "its TLS is older than 1.2".to_owned(),
        mend: "Turn TLS 1.2 or newer on at the server, or update it.".to_owned(),
    }
}

/// What the server did not like is not said.
fn refused_handshake(server: &Server) -> ProviderError {
    ProviderError::WrongProtocol {
        address: server.to_string(),
        expected: "TLS 1.2 or 1.3",
        cause: format!("{REFUSED_HANDSHAKE}: it has no cipher or curve of today's"),
        mend: "Turn ECDHE with AES-GCM or ChaCha20 on at the server, or update it.".to_owned(),
    }
}

/// Whether the server refused the handshake without a reason.
pub(super) fn is_refused_handshake(error: &ProviderError) -> bool {
    matches!(error, ProviderError::WrongProtocol { cause, .. } if cause.starts_with(REFUSED_HANDSHAKE))
}

/// The error for a server that wanted a client certificate, and got the profile's or none.
pub(super) fn client_certificate(server: &Server, given: bool) -> ProviderError {
    let alert = if given { AlertDescription::BadCertificate } else { AlertDescription::CertificateRequired };
    of_alert(alert, server).unwrap_or_else(|| refused_handshake(server))
}

/// What the server did not like about our certificate; `None` for alerts that are not about certificates.
fn of_alert(alert: AlertDescription, server: &Server) -> Option<ProviderError> {
    let address = server.to_string();
    let cause = match alert {
        AlertDescription::CertificateRequired => {
            "the server asks for a client certificate, and the profile has none (cert_file and key_file)"
        }
        AlertDescription::UnknownCA => "the server does not know the CA of the profile's client certificate",
        AlertDescription::CertificateExpired => "the profile's client certificate has expired",
        AlertDescription::CertificateRevoked => "the profile's client certificate was revoked",
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied => "the server does not accept the profile's client certificate",
        AlertDescription::UnrecognisedName => {
            let cause = "the server has no certificate for that host name".to_owned();
            return Some(ProviderError::Certificate { address, cause });
        }
        _ => return None,
    };
    Some(ProviderError::ClientCertificate { address, cause: cause.to_owned() })
}

fn failed_check(check: &CertificateError, server: &Server) -> String {
    match check {
        CertificateError::UnknownIssuer => "it was issued by a CA that is not trusted here".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            format!("it is not valid for the host name {}, but for {}", server.name(), names(presented))
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("it is not valid for the host name {}", server.name())
        }
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("it has expired, on {}", date(not_after.as_secs()))
        }
        CertificateError::Expired => "it has expired".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            let from = date(not_before.as_secs());
            format!("it is not valid yet, but from {from} on (is this machine's clock right?)")
        }
        CertificateError::NotValidYet => "it is not valid yet (is this machine's clock right?)".to_owned(),
        CertificateError::Revoked => "it was revoked".to_owned(),
        CertificateError::BadSignature => "its signature is wrong".to_owned(),
        CertificateError::BadEncoding => "it is damaged".to_owned(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is not meant for a server".to_owned()
        }
        other if other.to_string().contains("CaUsedAsEndEntity") => {
            "it is an authority's own, and a server needs one that an authority has issued".to_owned()
        }
        other => format!("{other}"),
    }
}

/// The last resort, for errors that HTTP libraries keep only as text: they flatten the TLS alert that
/// arrives after a TLS 1.3 handshake, and the failure of a name lookup.
fn of_words(words: &str, server: &Server) -> Option<ProviderError> {
    const ALERTS: [(&str, AlertDescription); 8] = [
        ("CertificateRequired", AlertDescription::CertificateRequired),
        ("UnknownCA", AlertDescription::UnknownCA),
        ("CertificateExpired", AlertDescription::CertificateExpired),
        ("CertificateRevoked", AlertDescription::CertificateRevoked),
        ("BadCertificate", AlertDescription::BadCertificate),
        ("UnsupportedCertificate", AlertDescription::UnsupportedCertificate),
        ("CertificateUnknown", AlertDescription::CertificateUnknown),
        ("AccessDenied", AlertDescription::AccessDenied),
    ];
    if words.contains("received fatal alert: ProtocolVersion") {
        return Some(too_old(server));
    }
    if words.contains("received fatal alert: HandshakeFailure") {
        return Some(refused_handshake(server));
    }
    if words.contains("received fatal alert") {
        let (_, alert) = ALERTS.into_iter().find(|(name, _)| words.contains(name))?;
        return of_alert(alert, server);
    }
    words.contains("dns error").then(|| ProviderError::UnknownHost { host: server.host.clone() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    const AFTER: Duration = Duration::from_secs(5);

    fn server() -> Server {
        Server::new("db.test", 6334, true)
    }

    fn wrapped(error: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }

    #[test]
    fn each_kind_of_io_error_has_its_own_cause() {
        let of = |kind: io::ErrorKind| failure(&io::Error::from(kind), &server(), AFTER);
        assert!(matches!(of(io::ErrorKind::ConnectionRefused), ProviderError::Refused { .. }));
        assert!(matches!(of(io::ErrorKind::TimedOut), ProviderError::TimedOut { after: AFTER, .. }));
        assert!(matches!(of(io::ErrorKind::ConnectionReset), ProviderError::Interrupted { .. }));
        assert!(matches!(of(io::ErrorKind::UnexpectedEof), ProviderError::Interrupted { .. }));
        assert!(matches!(of(io::ErrorKind::Other), ProviderError::Interrupted { .. }));
    }

    #[test]
    fn the_failed_check_of_a_certificate_is_named_however_deep_it_is_buried() {
        let cases = [
            (CertificateError::UnknownIssuer, "CA that is not trusted"),
            (CertificateError::NotValidForName, "not valid for the host name db.test"),
            (CertificateError::Expired, "has expired"),
            (CertificateError::NotValidYet, "not valid yet"),
        ];
        for (check, expected) in cases {
            let buried = wrapped(wrapped(rustls::Error::InvalidCertificate(check)));
            let error = failure(&buried, &server(), AFTER);
            assert!(matches!(&error, ProviderError::Certificate { .. }), "{error}");
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn an_error_of_ours_survives_a_foreign_chain() {
        let ours = ProviderError::UnknownHost { host: "db.test".to_owned() };
        assert_eq!(failure(&wrapped(ours.clone()), &server(), AFTER), ours);
    }

    #[test]
    fn an_alert_that_survived_only_as_text_is_still_a_certificate_problem() {
        let text = "error reading a body from connection: received fatal alert: CertificateRequired";
        let error = failure(&io::Error::other(text), &server(), AFTER);
        assert!(matches!(error, ProviderError::ClientCertificate { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("asks for a client certificate") && text.contains("cert_file, key_file"), "{text}");
        assert!(!text.contains("CA file"), "its mend is not that of the server's certificate: {text}");
    }
}
