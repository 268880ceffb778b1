//! From the error of a connect to the step that it belongs to, its cause and its mend.
//!
//! Our own errors say all of it in one sentence; here the sentence is taken apart again. The texts that
//! are looked for are those of `provider`; `tests/health/doctor.rs` makes each failure and would go red
//! if one of them were reworded.

use std::time::{SystemTime, UNIX_EPOCH};

use secrecy::ExposeSecret;

use super::key::{self, Tells};
use super::model::{Cause, Step, StepKind};
use crate::provider::{Address, ConnectSpec, ProviderError, ProviderKind, clause};

/// The step that failed, for a connect (or a question of the step `at`) that ended so.
pub(super) fn blame(error: &ProviderError, spec: &ConnectSpec, at: StepKind, tried: &str) -> Step {
    let (found, own_mend) = halves(error);
    let fail = |kind, cause, mend: &str| Step::fail(kind, tried, found.clone(), cause, mend);
    let own = |kind, cause| fail(kind, cause, &own_mend);
    let directory = matches!(spec.address, Address::Directory(_));
    match error {
        ProviderError::UnknownHost { .. } => own(StepKind::Name, Cause::HostNotFound),
        ProviderError::Refused { .. } => own(StepKind::Port, Cause::NothingListens),
        ProviderError::ProxyFailed { .. } => own(StepKind::Route, Cause::ProxyFailed),
        ProviderError::ProxyRefused { .. } => own(StepKind::Route, Cause::ProxyRefused),
        ProviderError::TunnelDown { .. } => own(StepKind::Route, Cause::TunnelDown),
        ProviderError::TunnelRefused { .. } => own(StepKind::Route, Cause::TunnelRefused),
        ProviderError::TunnelDistrusted { .. } => own(StepKind::Route, Cause::TunnelDistrusted),
        ProviderError::CommandFailed { .. } => own(StepKind::Route, Cause::CommandFailed),
        ProviderError::Certificate { cause, .. } => {
            let (cause, mend) = certificate(cause);
            fail(StepKind::Tls, cause, mend)
        }
        ProviderError::ClientCertificate { .. } => own(StepKind::Tls, Cause::ClientCertificate),
        ProviderError::WrongProtocol { expected, cause, mend, .. } => {
            let (kind, cause) = protocol(expected, cause, mend);
            own(kind, cause)
        }
        ProviderError::Unauthorized { cause, .. } => unauthorized(cause, &found, spec, at, tried),
        ProviderError::BadRequest { cause, mend } => {
            let (kind, cause) = request(cause, mend, at);
            own(kind, cause)
        }
        ProviderError::File { .. } if directory => own(StepKind::Access, Cause::NotReadable),
        ProviderError::File { path, .. } => {
            let tls = [&spec.tls.ca_file, &spec.tls.cert_file, &spec.tls.key_file];
            match tls.into_iter().flatten().any(|file| file.display().to_string() == *path) {
                true => own(StepKind::Tls, Cause::TlsFile),
                false => own(at, Cause::ProfileNotUsable),
            }
        }
        ProviderError::NotADatabase { .. } => own(StepKind::Contents, Cause::NotADatabase),
        ProviderError::Locked { .. } => own(StepKind::Lock, Cause::LockedElsewhere),
        ProviderError::NotInThisBuild { .. } => {
            own(if directory { StepKind::Contents } else { StepKind::Protocol }, Cause::NotInThisBuild)
        }
        ProviderError::SignInRefused { .. } => own(StepKind::Authentication, Cause::KeyRefused),
        ProviderError::KeyNotTyped | ProviderError::NoSecret { .. } => {
            own(StepKind::Authentication, Cause::ProfileNotUsable)
        }
        ProviderError::TimedOut { .. } => own(at, Cause::NoAnswer),
        ProviderError::Interrupted { .. } => own(at, Cause::ConnectionBroke),
        ProviderError::BadAnswer { .. } | ProviderError::Damaged { .. } => own(at, Cause::UnreadableAnswer),
        ProviderError::Unsupported { reason, .. } if reason.contains("does not know a command") => {
            fail(StepKind::Version, Cause::ServerTooOld, "Use Redis 8, Redis Stack, or load RediSearch and RedisJSON.")
        }
        ProviderError::Server { cause, .. } if cause.contains("the server behind it does not") => fail(
            StepKind::Protocol,
            Cause::UpstreamDown,
            "Start the server behind the gateway, or correct where the gateway passes it on.",
        ),
        ProviderError::Server { .. } | ProviderError::HelperEnded { .. } | ProviderError::Unsupported { .. } => {
            own(at, Cause::ServerError)
        }
        ProviderError::NoSuchCollection { .. }
        | ProviderError::NoSuchRecord { .. }
        | ProviderError::FilterRefused { .. }
        | ProviderError::ReadOnly { .. }
        | ProviderError::Cancelled
        | ProviderError::NotConnected
        | ProviderError::Busy
        | ProviderError::Panicked { .. } => own(at, Cause::Fault),
    }
}

/// What came back, and what to do: the two parts of an error's sentence.
pub(super) fn halves(error: &ProviderError) -> (String, String) {
    let whole = error.to_string();
    let mend = match error {
        ProviderError::WrongProtocol { mend, .. } | ProviderError::BadRequest { mend, .. } => mend.clone(),
        _ => return sentence(&whole),
    };
    let found = whole.strip_suffix(mend.as_str()).unwrap_or(&whole);
    (clause(found).to_owned(), mend)
}

/// The same of a sentence that is known only whole: its last part is what to do.
pub(super) fn sentence(whole: &str) -> (String, String) {
    match whole.rsplit_once(". ") {
        Some((found, mend)) => (clause(found).to_owned(), mend.to_owned()),
        None => (clause(whole).to_owned(), "See the log for more (VECTOR_INSPECTOR_LOG=debug).".to_owned()),
    }
}

/// Which check of the certificate failed, and what mends that.
fn certificate(cause: &str) -> (Cause, &'static str) {
    if cause.contains("has expired") {
        return (Cause::CertificateExpired, "Renew the server's certificate; check this machine's clock first.");
    }
    if cause.contains("not valid yet") {
        return (
            Cause::CertificateNotYetValid,
            "Set this machine's clock right, or wait until the certificate begins.",
        );
    }
    if cause.contains("not valid for the host name") || cause.contains("no certificate for that host name") {
        return (
            Cause::CertificateWrongHost,
            "Give the host name that the certificate is for, or have one made for this name.",
        );
    }
    if cause.contains("not trusted here") {
        return (
            Cause::CertificateUnknownCa,
            "Give the profile the CA file of whoever signed it (`own CA`, or ?ca_file=PATH). Behind a company's proxy that \
             reads TLS, it is the proxy's CA.",
        );
    }
    (
        Cause::CertificateRefused,
        "Have the server's certificate made anew, for this host name and by a CA that is trusted here.",
    )
}

fn protocol(expected: &str, cause: &str, mend: &str) -> (StepKind, Cause) {
    let says = |words: &[&str]| words.iter().any(|word| cause.contains(word) || mend.contains(word));
    if expected.contains("TLS 1.2") {
        (StepKind::Tls, Cause::TlsTooOld)
    } else if says(&["a proxy answers"]) {
        (StepKind::Protocol, Cause::ProxyInTheWay)
    } else if expected.contains("version") || says(&["has no interface v2", "Update the", " or later"]) {
        (StepKind::Version, Cause::ServerTooOld)
    } else if expected.contains("TLS") || says(&["Turn TLS off", "Leave TLS out"]) {
        (StepKind::Tls, Cause::TlsOnPlainPort)
    } else if says(&["Turn TLS on"]) {
        (StepKind::Tls, Cause::PlainTextOnTlsPort)
    } else if says(&["as the kind of database"]) {
        (StepKind::Protocol, Cause::OtherMaker)
    } else if says(&["REST port"]) {
        (StepKind::Protocol, Cause::RestPortForGrpc)
    } else if says(&["as gRPC servers do"]) {
        (StepKind::Protocol, Cause::GrpcPortForRest)
    } else if says(&["does not answer"]) {
        (StepKind::Protocol, Cause::NoAnswer)
    } else {
        (StepKind::Protocol, Cause::OtherServer)
    }
}

fn request(cause: &str, mend: &str, at: StepKind) -> (StepKind, Cause) {
    if cause.contains("no tenant") {
        (StepKind::Permission, Cause::TenantMissing)
    } else if mend.contains("option `database`") {
        (StepKind::Permission, Cause::DatabaseMissing)
    } else if mend.contains("GRANT") {
        (StepKind::Permission, Cause::NoPermission)
    } else if cause.contains("without encryption") {
        (StepKind::Authentication, Cause::KeyInPlainText)
    } else if cause.contains("TLS settings") {
        (StepKind::Tls, Cause::TlsFile)
    } else {
        (at, Cause::ProfileNotUsable)
    }
}

/// A key that is not accepted: missing, over, somebody else's, or only without this right.
fn unauthorized(said: &str, found: &str, spec: &ConnectSpec, at: StepKind, tried: &str) -> Step {
    let fail = |kind, found: &str, cause, mend: &str| Step::fail(kind, tried, found, cause, mend);
    let lower = said.to_lowercase();
    if spec.kind == ProviderKind::Pgvector && (lower.contains("no encryption") || lower.contains("ssl off")) {
        return fail(
            StepKind::Tls,
            found,
            Cause::PlainTextOnTlsPort,
            "The server lets nobody in without TLS: give the profile's option sslmode = \"verify-full\".",
        );
    }
    if at == StepKind::Permission {
        return fail(
            at,
            found,
            Cause::NoPermission,
            "Give the key the right to list collections and to read, or take one that has it.",
        );
    }
    let Some(secret) = &spec.secret else {
        return fail(
            StepKind::Authentication,
            found,
            Cause::KeyMissing,
            "Give the profile a key (stored, from a variable, a file or a command); in a URL, ?key_env=NAME.",
        );
    };
    let host = match &spec.address {
        Address::Server { host, .. } => host.as_str(),
        Address::Directory(_) => "",
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let elsewhere = ["cluster", "another project", "does not belong", "does not match", "audience"];
    let other = "Take the key of this cluster from its console, or correct the address: keys open the cluster alone that \
                 they were made for.";
    match key::read(secret.expose_secret(), host, spec.kind, now) {
        Tells::For(whom) => fail(
            StepKind::Authentication,
            &format!("{found}; the key says of itself that it is for {whom}"),
            Cause::KeyForAnotherCluster,
            other,
        ),
        Tells::Maker(maker) => fail(
            StepKind::Authentication,
            &format!("{found}; the key has the form of a key of {maker}"),
            Cause::KeyOfAnotherMaker,
            "Take the key that this database's own console or administrator gives.",
        ),
        Tells::Expired => fail(
            StepKind::Authentication,
            &format!("{found}; the key says of itself that its time is over"),
            Cause::KeyExpired,
            "Have a new key made; where keys are short-lived, let a command of the profile fetch them.",
        ),
        Tells::Nothing if elsewhere.iter().any(|word| lower.contains(word)) => {
            fail(StepKind::Authentication, found, Cause::KeyForAnotherCluster, other)
        }
        Tells::Nothing => fail(
            StepKind::Authentication,
            found,
            Cause::KeyRefused,
            if spec.kind == ProviderKind::Pgvector {
                "Check where the profile takes the key from (`profiles show NAME`): mistyped, withdrawn, or of another \
                 cluster. PostgreSQL also looks into pg_hba.conf."
            } else {
                "Check where the profile takes the key from (`profiles show NAME`): mistyped, withdrawn, or of another \
                 cluster."
            },
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use rustls::CertificateError;

    use super::*;
    use crate::provider::transport::{Server, failure};

    #[test]
    fn each_check_of_a_certificate_has_its_own_cause() {
        let server = Server::new("db", 1, true);
        let cases = [
            (CertificateError::Expired, Cause::CertificateExpired),
            (CertificateError::NotValidYet, Cause::CertificateNotYetValid),
            (CertificateError::NotValidForName, Cause::CertificateWrongHost),
            (CertificateError::UnknownIssuer, Cause::CertificateUnknownCa),
            (CertificateError::Revoked, Cause::CertificateRefused),
        ];
        for (check, expected) in cases {
            let error = failure(&rustls::Error::InvalidCertificate(check), &server, Duration::from_secs(1));
            let ProviderError::Certificate { cause, .. } = &error else { unreachable!("{error}") };
            assert_eq!(certificate(cause).0, expected, "{cause}");
        }
    }

    #[test]
    fn a_sentence_falls_into_what_came_back_and_what_to_do() {
        let error = ProviderError::Refused { address: "db:1".to_owned() };
        let (found, mend) = halves(&error);
        assert_eq!(found, "db:1 refused the connection: nothing listens there");
        assert_eq!(mend, "Start the server or correct the address.");
        let error =
            ProviderError::BadRequest { cause: "no. such. thing".to_owned(), mend: "Do this. Or that.".to_owned() };
        assert_eq!(halves(&error).1, "Do this. Or that.");
    }
}
