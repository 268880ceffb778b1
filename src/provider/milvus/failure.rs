//! What a failure means: a gRPC status, or the status inside an answer of Milvus.

use std::error::Error;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tonic::{Code, Status};

use super::proto::Answer;
use crate::provider::ProviderError;
use crate::provider::transport::{NOT_GRPC, Server, grpc_busy, grpc_too_large, grpc_transport_failure};

/// Codes of `Status.code` (Milvus 2.3 and later) that have a meaning of their own here.
mod code {
    pub const NOT_READY: i32 = 1;
    pub const UNAVAILABLE: i32 = 2;
    pub const MEMORY: i32 = 3;
    pub const TOO_MANY_REQUESTS: i32 = 8;
    pub const RATE_LIMIT: i32 = 9;
    pub const COLLECTION_NOT_FOUND: i32 = 100;
    pub const COLLECTION_NOT_LOADED: i32 = 101;
    pub const COLLECTION_NOT_FULLY_LOADED: i32 = 103;
    pub const DATABASE_NOT_FOUND: i32 = 800;
    pub const PRIVILEGE: std::ops::RangeInclusive<i32> = 1400..=1402;
    pub const PARAMETERS: std::ops::RangeInclusive<i32> = 1100..=1102;
    /// Of `Status.error_code`, the old enumeration: permission denied.
    pub const OLD_PERMISSION: i32 = 5;
    pub const OLD_NO_COLLECTION: i32 = 4;
    pub const OLD_ILLEGAL: i32 = 6;
    pub const OLD_NOT_LOADED: i32 = 101;
}

/// Knows the server, its deadline and its key, to say the first two and never the third.
pub(super) struct Failures {
    server: Server,
    after: Duration,
    key: Option<SecretString>,
}

/// Milvus Lite's words for a collection that is not there.
pub(super) fn is_gone(cause: &str) -> bool {
    let cause = cause.to_lowercase();
    cause.starts_with("collection '") && cause.trim_end_matches('.').ends_with("does not exist")
}

impl Failures {
    pub(super) fn new(server: Server, after: Duration, key: Option<SecretString>) -> Self {
        Self { server, after, key }
    }

    /// Whether the server answered in gRPC that it does not know this request.
    pub(super) fn is_unknown_request(status: &Status) -> bool {
        status.code() == Code::Unimplemented
            && status.source().is_none()
            && !status.message().starts_with(NOT_GRPC)
            && !status.message().contains("unknown service")
    }

    /// What to say of a request that the server does not know.
    pub(super) fn unknown_request(&self, method: &str) -> ProviderError {
        ProviderError::WrongProtocol {
            address: self.server.to_string(),
            expected: "the version of Milvus' interface that we need",
            cause: format!("it does not know the request {method}"),
            mend: "Use Milvus 2.3 or later, or Milvus Lite.".to_owned(),
        }
    }

    /// The failure that an answer tells of; `None` if all went well.
    pub(super) fn of_answer(&self, answer: &impl Answer, collection: Option<&str>) -> Option<ProviderError> {
        let status = answer.status()?;
        if status.code == 0 && status.error_code == 0 {
            return None;
        }
        let (new, old) = (status.code, status.error_code);
        let address = self.server.to_string();
        let cause = self.clean(&status.reason);
        let lower = cause.to_lowercase();
        if let Some(name) = collection {
            let missing = new == code::COLLECTION_NOT_FOUND || (new == 0 && old == code::OLD_NO_COLLECTION);
            if missing || is_gone(&lower) || (lower.contains("can't find collection") && !lower.contains("database")) {
                return Some(ProviderError::NoSuchCollection { collection: name.to_owned() });
            }
            let unloaded = new == code::COLLECTION_NOT_LOADED || (new == 0 && old == code::OLD_NOT_LOADED);
            if unloaded || new == code::COLLECTION_NOT_FULLY_LOADED || lower.contains("collection not loaded") {
                return Some(not_loaded(name));
            }
        }
        Some(match new {
            code::DATABASE_NOT_FOUND => no_database(cause),
            _ if lower.contains("database not found") => no_database(cause),
            // Milvus Lite
            _ if lower.starts_with("database '") && lower.ends_with("does not exist") => no_database(cause),
            code::NOT_READY | code::UNAVAILABLE if !cause.is_empty() && self.is_busy(&lower) => grpc_busy(&cause),
            code::TOO_MANY_REQUESTS | code::RATE_LIMIT | code::MEMORY => grpc_busy(&cause),
            _ if code::PRIVILEGE.contains(&new) => ProviderError::Unauthorized { address, cause },
            _ if new == 0 && old == code::OLD_PERMISSION => ProviderError::Unauthorized { address, cause },
            _ if code::PARAMETERS.contains(&new) || old == code::OLD_ILLEGAL || new == code::OLD_ILLEGAL => {
                ProviderError::BadRequest { cause, mend: "Correct the request.".to_owned() }
            }
            _ => ProviderError::Server { address, cause },
        })
    }

    /// Milvus Lite gives the code 1 to every failure that has no other.
    fn is_busy(&self, reason: &str) -> bool {
        reason.contains("not ready") || reason.contains("unavailable") || reason.contains("not healthy")
    }

    /// What a gRPC status means.
    pub(super) fn of_status(&self, status: Status, collection: Option<&str>) -> ProviderError {
        if let Some(error) = grpc_transport_failure(&status, &self.server, self.after, |text| self.clean(text)) {
            return error;
        }
        let address = self.server.to_string();
        let cause = self.clean(status.message());
        match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => ProviderError::Unauthorized { address, cause },
            Code::NotFound if collection.is_some() => {
                ProviderError::NoSuchCollection { collection: collection.unwrap_or_default().to_owned() }
            }
            Code::OutOfRange if cause.contains("message length too large") => grpc_too_large(&cause),
            Code::ResourceExhausted if cause.contains("larger than max") => grpc_too_large(&cause),
            Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange | Code::NotFound => {
                ProviderError::BadRequest { cause, mend: "Correct the request.".to_owned() }
            }
            Code::ResourceExhausted => grpc_busy(&cause),
            Code::DeadlineExceeded => ProviderError::TimedOut { what: address, after: self.after },
            Code::Cancelled => ProviderError::Interrupted { address, cause: format!("the server gave up: {cause}") },
            Code::Internal if cause.contains("decode") => ProviderError::BadAnswer { address, cause },
            Code::Unimplemented => ProviderError::BadAnswer { address, cause },
            _ if cause.starts_with(NOT_GRPC) => ProviderError::BadAnswer { address, cause },
            _ => ProviderError::Server { address, cause },
        }
    }

    /// A server may quote what it was sent: the key never passes on, nor does its second half, a
    /// password. Milvus' texts end with traces of its own code, which help nobody here.
    fn clean(&self, text: &str) -> String {
        let text = text.split(": stack trace:").next().unwrap_or_default().trim();
        let Some(key) = self.key.as_ref().map(ExposeSecret::expose_secret) else { return text.to_owned() };
        let password = key.split_once(':').map_or("", |(_, password)| password);
        [key, password]
            .into_iter()
            .filter(|secret| !secret.is_empty())
            .fold(text.to_owned(), |text, secret| text.replace(secret, "[key]"))
    }
}

fn not_loaded(name: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("the collection {name:?} is not loaded, and Milvus reads only what it has in memory"),
        mend: "Load it with Milvus' own tools (`client.load_collection(...)`), then ask again; \
               this program loads nobody's collections by itself, because of the memory that it takes."
            .to_owned(),
    }
}

fn no_database(cause: String) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("the server has no such database ({cause})"),
        mend: "Give the profile's option `database` the name of one that exists.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::proto;
    use super::*;

    fn failures() -> Failures {
        let server = Server::new("h", 19530, false);
        Failures::new(server, Duration::from_secs(30), Some(SecretString::from("root:s3cret")))
    }

    fn of(code: i32, error_code: i32, reason: &str) -> Option<ProviderError> {
        failures().of_answer(&proto::Status { code, error_code, reason: reason.to_owned() }, Some("docs"))
    }

    #[test]
    fn codes_of_old_and_new_servers_mean_the_same() {
        let missing = ProviderError::NoSuchCollection { collection: "docs".to_owned() };
        assert_eq!(of(0, 0, ""), None);
        assert_eq!(of(100, 4, "collection not found"), Some(missing.clone()));
        assert_eq!(of(0, 4, "x"), Some(missing));
        let unloaded = of(101, 0, "x").unwrap().to_string();
        assert!(unloaded.contains("is not loaded") && unloaded.contains("load_collection"), "{unloaded}");
        assert_eq!(of(0, 101, "x"), of(101, 0, "x"));
        assert!(of(800, 1, "database not found[database=x]").unwrap().to_string().contains("option `database`"));
    }

    #[test]
    fn neither_key_nor_password_passes_on() {
        for text in ["bad token root:s3cret", "bad password s3cret"] {
            let error = failures().of_status(Status::unauthenticated(text), None).to_string();
            assert!(error.contains("[key]") && !error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn an_answer_that_is_too_large_says_what_to_do() {
        let status = Status::out_of_range("Error, decoded message length too large: found 170000000 bytes");
        assert!(failures().of_status(status, Some("docs")).to_string().contains("fewer records"));
    }
}
