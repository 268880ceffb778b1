//! Why a database did not do what it was asked: one variant per cause, each a sentence with what
//! happened, why, and what to do. No variant ever holds a credential.

use std::time::Duration;

use thiserror::Error;

use super::filter::Span;
use super::gate::Lock;

/// What helps against a PostgreSQL without TLS; who has no options recognizes it by this.
pub const NO_TLS_MEND: &str =
    "Turn TLS on at the server (ssl = on), or give the option sslmode = \"disable\" if the network between is private.";

/// What an error means for the health of a connection, and for a script's exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The server did not answer (refused, reset, timed out): trying again may help.
    Unreachable,
    /// The server does not let us in: trying again would lock accounts.
    Authentication,
    /// The certificate is not trusted: trying again would change nothing.
    Certificate,
    /// Something else than this kind of database answers there.
    Protocol,
    /// The request is wrong or its object does not exist; the connection is well.
    Request,
    /// The server failed inside, or a fault of ours.
    Server,
}

/// A text before a full stop of ours: others end their sentences themselves.
pub(crate) fn clause(text: &str) -> &str {
    text.trim_end().trim_end_matches('.')
}

/// A failure of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProviderError {
    /// Nothing listens there.
    #[error("{address} refused the connection: nothing listens there. Start the server or correct the address.")]
    Refused {
        /// `host:port`.
        address: String,
    },
    /// The name has no address.
    #[error("the host name {host} was not found. Check its spelling, or the network's name service.")]
    UnknownHost {
        /// The name.
        host: String,
    },
    /// No answer in time.
    #[error("{what} did not answer within {} s. The server may be overloaded or unreachable: try again, or raise the profile's timeout.", after.as_secs_f32())]
    TimedOut {
        /// What was asked.
        what: String,
        /// How long we waited.
        after: Duration,
    },
    /// The connection broke while an answer was under way.
    #[error("the connection to {address} broke in mid-answer ({cause}). Nothing was lost here; ask again.")]
    Interrupted {
        /// `host:port`.
        address: String,
        /// The transport's words.
        cause: String,
    },
    /// Key missing, wrong, expired or without the right.
    #[error(
        "{address} refused the key: {}. Give the profile a valid key, token or password with the right to read.",
        clause(cause)
    )]
    Unauthorized {
        /// `host:port`.
        address: String,
        /// The server's words.
        cause: String,
    },
    /// The key is asked for each time, and nobody has typed it yet.
    #[error(
        "the key is asked for each time and was not typed. Check the connection again (! on the screen), then type it."
    )]
    KeyNotTyped,
    /// The secret could not be had where the profile takes it from.
    #[error(
        "the secret could not be had: {}. Correct where the profile takes it from (e in the sidebar), then check again (!).",
        clause(cause)
    )]
    NoSecret {
        /// Why; never its content.
        cause: String,
    },
    /// The identity provider gives no token for what it is shown.
    #[error(
        "the identity provider {address} refused the sign-in: {}. Sign in again: `I` in the sidebar, or `vector-inspector login`.",
        clause(cause)
    )]
    SignInRefused {
        /// `host:port` of the identity provider, not of the database.
        address: String,
        /// Its words.
        cause: String,
    },
    /// The server wants another certificate of ours, or one at all.
    #[error(
        "{address} did not let us in by certificate: {}. Give the profile a client certificate and its key (cert_file, key_file) that the server's CA has signed.",
        clause(cause)
    )]
    ClientCertificate {
        /// `host:port`.
        address: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The certificate is not trusted.
    #[error(
        "the certificate of {address} was not accepted: {}. Give the profile the right CA file, or correct the host name.",
        clause(cause)
    )]
    Certificate {
        /// `host:port`.
        address: String,
        /// Which check failed.
        cause: String,
    },
    /// Something else answers at that port.
    #[error("{address} does not speak {expected}: {}. {mend}", clause(cause))]
    WrongProtocol {
        /// `host:port`.
        address: String,
        /// What we speak.
        expected: &'static str,
        /// What came back.
        cause: String,
        /// What to do, a sentence.
        mend: String,
    },
    /// There is no such collection.
    #[error(
        "there is no collection {collection:?}; it may have been dropped meanwhile. Refresh the list of collections."
    )]
    NoSuchCollection {
        /// Its name.
        collection: String,
    },
    /// There is no such record.
    #[error("there is no record {id} in {collection:?}. Check the id and its kind (\"1\" is not 1).")]
    NoSuchRecord {
        /// The collection.
        collection: String,
        /// The id.
        id: String,
    },
    /// The request cannot be answered as it is.
    #[error("the request is not possible: {}. {mend}", clause(cause))]
    BadRequest {
        /// Why.
        cause: String,
        /// What to do, a sentence.
        mend: String,
    },
    /// This maker cannot do that.
    #[error("{product} cannot do this: {}.", clause(reason))]
    Unsupported {
        /// The maker.
        product: &'static str,
        /// Why not.
        reason: String,
    },
    /// This maker has no request for a piece of the filter.
    #[error("{product} cannot do this: at characters {} to {} of the filter: {}.", span.start + 1, span.end, clause(reason))]
    FilterRefused {
        /// The maker.
        product: &'static str,
        /// Which piece of the filter's text.
        span: Span,
        /// Why not, a clause.
        reason: String,
    },
    /// The directory is in use by another process.
    #[error("{path} is open in another process. Close the other program, or open a copy of the directory.")]
    Locked {
        /// The directory.
        path: String,
    },
    /// The directory holds no database of that kind.
    #[error("{path} is no {expected} database: {}. Give the directory that holds its collections.", clause(cause))]
    NotADatabase {
        /// The directory.
        path: String,
        /// What was expected.
        expected: &'static str,
        /// What is missing or wrong.
        cause: String,
    },
    /// A file of a backup is not as it was written.
    #[error(
        "{path} is not as the backup wrote it: {}. Its records cannot be trusted: take another copy of the backup.",
        clause(cause)
    )]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// A file could not be read or written.
    #[error("{path} could not be used: {}. Check that it exists and that you may read it.", clause(cause))]
    File {
        /// The file.
        path: String,
        /// The system's words.
        cause: String,
    },
    /// The server answered with an error of its own.
    #[error("{address} answered with an error: {}. See the server's log.", clause(cause))]
    Server {
        /// `host:port`, or the directory.
        address: String,
        /// The server's words.
        cause: String,
    },
    /// The answer could not be understood.
    #[error(
        "{address} sent an answer that could not be read: {}. Is the server of a supported version?",
        clause(cause)
    )]
    BadAnswer {
        /// `host:port`.
        address: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A program that was started for the connection has ended.
    #[error(
        "{product}: {program}, which was started on {path}, has ended ({cause}). Open the connection again to start it anew, or run it by hand to see more."
    )]
    HelperEnded {
        /// The maker.
        product: &'static str,
        /// The program.
        program: String,
        /// What it was started on.
        path: String,
        /// How it ended and its last words.
        cause: String,
    },
    /// The proxy did not lead to the server.
    #[error(
        "the proxy {proxy} did not lead to {address}: {}. Correct the profile's proxy, or ask whoever runs it.",
        clause(cause)
    )]
    ProxyFailed {
        /// Its address.
        proxy: String,
        /// `host:port` of the server.
        address: String,
        /// Its words, or the transport's.
        cause: String,
    },
    /// The proxy does not know us.
    #[error(
        "the proxy {proxy} did not let us in: {}. Correct the proxy's user and where its password comes from.",
        clause(cause)
    )]
    ProxyRefused {
        /// Its address.
        proxy: String,
        /// Which of the two.
        cause: String,
    },
    /// The SSH tunnel does not stand (any more).
    #[error(
        "the SSH tunnel through {host} does not stand: {}. Try `ssh {host}` in a terminal; it must work without a question.",
        clause(cause)
    )]
    TunnelDown {
        /// The SSH server.
        host: String,
        /// The words of `ssh`.
        cause: String,
    },
    /// The SSH server does not let us in.
    #[error(
        "the SSH server {host} did not let us in: {}. Load the right key into the agent, or give the profile the user and the key file.",
        clause(cause)
    )]
    TunnelRefused {
        /// The SSH server.
        host: String,
        /// The words of `ssh`.
        cause: String,
    },
    /// The SSH server is not known to be the right one.
    #[error(
        "the SSH server {host} was not trusted: {}. Connect once with `ssh {host}` in a terminal and compare the key that it shows.",
        clause(cause)
    )]
    TunnelDistrusted {
        /// The SSH server.
        host: String,
        /// Which check failed.
        cause: String,
    },
    /// A command that runs before the connection failed.
    #[error(
        "the command {program}, which runs before the connection, failed: {}. Run it in a terminal to see more.",
        clause(cause)
    )]
    CommandFailed {
        /// The program.
        program: String,
        /// How it ended and its last words.
        cause: String,
    },
    /// The maker is behind a cargo feature that this build was made without.
    #[error(
        "{product} is not in this build. Take the released binary, or build with `cargo build --release --features {feature}`."
    )]
    NotInThisBuild {
        /// The maker.
        product: &'static str,
        /// The feature.
        feature: &'static str,
    },
    /// The connection is read-only here, whatever the server would allow.
    #[error("{what} was refused here: {lock}. {}", lock.mend())]
    ReadOnly {
        /// What was to be done, e.g. `dropping "docs"`.
        what: String,
        /// What is in the way.
        lock: Lock,
    },
    /// The user cancelled.
    #[error("cancelled")]
    Cancelled,
    /// The connection is closed or not yet open.
    #[error("not connected. Wait for the connection to come up, or retry it.")]
    NotConnected,
    /// The inbox of the connection's task is full.
    #[error("too many requests wait for this connection. Wait for them, or cancel with ctrl-c.")]
    Busy,
    /// A fault of this program inside a provider.
    #[error(
        "an internal fault while talking to the database: {}. Please report it; the log has the details.",
        clause(cause)
    )]
    Panicked {
        /// The panic's message.
        cause: String,
    },
}

impl ProviderError {
    /// The brief cause of [`ProviderError::KeyNotTyped`]: whoever sees it may ask for the key.
    pub const KEY_NOT_TYPED: &'static str = "key not typed";

    /// What a maker says that is not searched by text.
    pub fn not_by_text(product: &'static str) -> Self {
        Self::Unsupported { product, reason: super::capabilities::BY_VECTORS.to_owned() }
    }

    /// What this means for the connection's health.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused { .. }
            | Self::UnknownHost { .. }
            | Self::TimedOut { .. }
            | Self::Interrupted { .. }
            | Self::NotConnected
            | Self::HelperEnded { .. }
            | Self::ProxyFailed { .. }
            | Self::TunnelDown { .. }
            | Self::CommandFailed { .. }
            | Self::Locked { .. } => ErrorKind::Unreachable,
            // Asking again could lock the account there, too.
            Self::Unauthorized { .. }
            | Self::SignInRefused { .. }
            | Self::ProxyRefused { .. }
            | Self::TunnelRefused { .. } => ErrorKind::Authentication,
            Self::Certificate { .. } | Self::ClientCertificate { .. } | Self::TunnelDistrusted { .. } => {
                ErrorKind::Certificate
            }
            Self::WrongProtocol { .. } | Self::NotADatabase { .. } | Self::Damaged { .. } => ErrorKind::Protocol,
            Self::NoSuchCollection { .. }
            | Self::NoSuchRecord { .. }
            | Self::BadRequest { .. }
            | Self::Unsupported { .. }
            | Self::NotInThisBuild { .. }
            | Self::FilterRefused { .. }
            | Self::File { .. }
            | Self::ReadOnly { .. }
            | Self::KeyNotTyped
            | Self::NoSecret { .. }
            | Self::Busy
            | Self::Cancelled => ErrorKind::Request,
            Self::Server { .. } | Self::BadAnswer { .. } | Self::Panicked { .. } => ErrorKind::Server,
        }
    }

    /// From the brief cause down to the words of the system or the server, each the reason of the one before.
    pub fn chain(&self) -> Vec<String> {
        let inner = match self {
            Self::Interrupted { cause, .. }
            | Self::ProxyFailed { cause, .. }
            | Self::ProxyRefused { cause, .. }
            | Self::TunnelDown { cause, .. }
            | Self::TunnelRefused { cause, .. }
            | Self::TunnelDistrusted { cause, .. }
            | Self::CommandFailed { cause, .. }
            | Self::Unauthorized { cause, .. }
            | Self::NoSecret { cause }
            | Self::SignInRefused { cause, .. }
            | Self::ClientCertificate { cause, .. }
            | Self::Certificate { cause, .. }
            | Self::WrongProtocol { cause, .. }
            | Self::BadRequest { cause, .. }
            | Self::NotADatabase { cause, .. }
            | Self::File { cause, .. }
            | Self::Damaged { cause, .. }
            | Self::Server { cause, .. }
            | Self::BadAnswer { cause, .. }
            | Self::HelperEnded { cause, .. }
            | Self::Panicked { cause } => cause.as_str(),
            Self::Unsupported { reason, .. } | Self::FilterRefused { reason, .. } => reason.as_str(),
            Self::Refused { .. }
            | Self::UnknownHost { .. }
            | Self::TimedOut { .. }
            | Self::NoSuchCollection { .. }
            | Self::NoSuchRecord { .. }
            | Self::Locked { .. }
            | Self::NotInThisBuild { .. }
            | Self::ReadOnly { .. }
            | Self::Cancelled
            | Self::NotConnected
            | Self::KeyNotTyped
            | Self::Busy => "",
        };
        // Transports join what lies behind with a colon.
        let links = inner.split(": ").map(str::trim).filter(|link| !link.is_empty()).map(str::to_owned);
        std::iter::once(self.brief().to_owned()).chain(links).take(8).collect()
    }

    /// The cause in one to four words, for the place beside a glyph. Never a text of the server.
    pub fn brief(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::UnknownHost { .. } => "host not found",
            Self::TimedOut { .. } => "no answer",
            Self::Interrupted { .. } => "connection broke",
            Self::Unauthorized { .. } => "key refused",
            Self::KeyNotTyped => Self::KEY_NOT_TYPED,
            Self::NoSecret { .. } => "no key to be had",
            Self::SignInRefused { .. } => "sign-in refused",
            Self::ClientCertificate { .. } => "client certificate wanted",
            Self::Certificate { .. } => "certificate not accepted",
            Self::WrongProtocol { .. } => "wrong protocol",
            Self::NoSuchCollection { .. } => "no such collection",
            Self::NoSuchRecord { .. } => "no such record",
            Self::BadRequest { .. } => "request not possible",
            Self::Unsupported { .. } => "not supported",
            Self::NotInThisBuild { .. } => "not in this build",
            Self::FilterRefused { .. } => "filter refused",
            Self::Locked { .. } => "open elsewhere",
            Self::NotADatabase { .. } => "no database there",
            Self::Damaged { .. } => "file damaged",
            Self::File { .. } => "file not usable",
            Self::Server { .. } => "server error",
            Self::BadAnswer { .. } => "unreadable answer",
            Self::HelperEnded { .. } => "helper program ended",
            Self::ProxyFailed { .. } => "proxy in the way",
            Self::ProxyRefused { .. } => "proxy refused us",
            Self::TunnelDown { .. } => "no tunnel",
            Self::TunnelRefused { .. } => "tunnel refused",
            Self::TunnelDistrusted { .. } => "tunnel not trusted",
            Self::CommandFailed { .. } => "command failed",
            Self::ReadOnly { .. } => "read-only here",
            Self::Cancelled => "cancelled",
            Self::NotConnected => "not connected",
            Self::Busy => "too many requests",
            Self::Panicked { .. } => "internal fault",
        }
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
