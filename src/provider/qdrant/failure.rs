//! From a gRPC status to a cause with a name.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tonic::{Code, Status};

use crate::provider::ProviderError;
use crate::provider::transport::{NOT_GRPC, Server, grpc_busy, grpc_too_large, grpc_transport_failure};

/// Knows the server, its deadline and its key, to say the first two and never the third.
pub(super) struct Failures {
    server: Server,
    after: Duration,
    key: Option<SecretString>,
}

impl Failures {
    pub(super) fn new(server: Server, after: Duration, key: Option<SecretString>) -> Self {
        Self { server, after, key }
    }

    /// What the status means for a question about `collection`, if it was about one.
    pub(super) fn of(&self, status: Status, collection: Option<&str>) -> ProviderError {
        if let Some(error) = grpc_transport_failure(&status, &self.server, self.after, |text| self.clean(text)) {
            return error;
        }
        let address = self.server.to_string();
        let cause = self.clean(status.message());
        match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => ProviderError::Unauthorized { address, cause },
            Code::NotFound => not_found(cause, collection),
            Code::AlreadyExists => ProviderError::BadRequest {
                cause,
                mend: "Choose another name, or drop the one that is there.".to_owned(),
            },
            Code::OutOfRange if cause.contains("message length too large") => grpc_too_large(&cause),
            Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
                ProviderError::BadRequest { cause, mend: "Correct the request.".to_owned() }
            }
            Code::ResourceExhausted => grpc_busy(&cause),
            Code::DeadlineExceeded => ProviderError::TimedOut { what: address, after: self.after },
            Code::Cancelled => ProviderError::Interrupted { address, cause: format!("the server gave up: {cause}") },
            Code::Unimplemented if !cause.starts_with(NOT_GRPC) => ProviderError::WrongProtocol {
                address,
                expected: "the version of Qdrant's interface that we need",
                cause: format!("it does not know this request ({cause})"),
                mend: "Use a Qdrant server of version 1.10 or later.".to_owned(),
            },
            Code::Internal if cause.contains("decode") => ProviderError::BadAnswer { address, cause },
            _ if cause.starts_with(NOT_GRPC) => ProviderError::BadAnswer { address, cause },
            Code::Ok
            | Code::Unknown
            | Code::Unimplemented
            | Code::Aborted
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss => ProviderError::Server { address, cause },
        }
    }

    /// A server may quote what it was sent: the key never passes on.
    fn clean(&self, text: &str) -> String {
        match self.key.as_ref().map(ExposeSecret::expose_secret) {
            Some(key) if !key.is_empty() => text.replace(key, "[key]"),
            _ => text.to_owned(),
        }
    }
}

fn not_found(cause: String, collection: Option<&str>) -> ProviderError {
    let lower = cause.to_lowercase();
    match collection {
        Some(name) if lower.contains("collection") => ProviderError::NoSuchCollection { collection: name.to_owned() },
        Some(name) if lower.contains("point") => ProviderError::NoSuchRecord {
            collection: name.to_owned(),
            id: lower.split_whitespace().skip_while(|word| *word != "id").nth(1).unwrap_or("asked for").to_owned(),
        },
        _ => ProviderError::BadRequest { cause, mend: "Refresh, and check the names.".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn failures() -> Failures {
        let server = Server::new("h", 6334, false);
        Failures::new(server, Duration::from_secs(30), Some(SecretString::from("s3cret-key")))
    }

    #[test]
    fn a_missing_collection_and_a_missing_point_are_told_apart() {
        let of = |text: &str| failures().of(Status::not_found(text), Some("docs"));
        assert_eq!(
            of("Not found: Collection `docs` doesn't exist!"),
            ProviderError::NoSuchCollection { collection: "docs".to_owned() }
        );
        assert_eq!(
            of("Not found: No point with id 42 found"),
            ProviderError::NoSuchRecord { collection: "docs".to_owned(), id: "42".to_owned() }
        );
    }

    #[test]
    fn a_key_that_the_server_quotes_is_not_passed_on() {
        let error = failures().of(Status::unauthenticated("Invalid key s3cret-key"), None).to_string();
        assert!(error.contains("[key]") && !error.contains("s3cret"), "{error}");
    }

    #[test]
    fn an_answer_that_is_too_large_says_what_to_do() {
        let status = Status::out_of_range("Error, decoded message length too large: found 70000000 bytes");
        let error = failures().of(status, Some("docs")).to_string();
        assert!(error.contains("fewer records"), "{error}");
    }
}
