//! What an error of PostgreSQL or of the driver means.

use std::time::Duration;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::provider::transport::{Server, failure};
use crate::provider::{NO_TLS_MEND, ProviderError};

/// The driver's words when the server answered that it speaks no TLS.
const NO_TLS: &str = "server does not support TLS";
/// The beginning of the driver's words when a password is wanted and there is none.
const NO_PASSWORD: &str = "password missing";

/// The cause of a failed exchange. `after` is the limit that the server was given.
pub(super) fn of(error: &Error, server: &Server, after: Duration) -> ProviderError {
    if let Some(told) = error.as_db_error() {
        return of_server(told, server, after);
    }
    let words = inner(error);
    let address = server.to_string();
    if words.contains(NO_TLS) {
        return ProviderError::WrongProtocol {
            address,
            expected: "PostgreSQL under TLS",
            cause: "the server offers no TLS".to_owned(),
            mend: NO_TLS_MEND.to_owned(),
        };
    }
    if words.contains(NO_PASSWORD) {
        return ProviderError::Unauthorized { address, cause: "it asks for a password, and there is none".to_owned() };
    }
    if error.is_closed() {
        return ProviderError::Interrupted { address, cause: "the server hung up".to_owned() };
    }
    failure(error, server, after)
}

fn inner(error: &Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

/// The words of the server, with its detail in the same line.
fn words(told: &DbError) -> String {
    let detail = told.detail().map(|detail| format!(" ({})", detail.trim_end_matches('.'))).unwrap_or_default();
    format!("{}{detail}", told.message()).replace('\n', " ")
}

fn of_server(told: &DbError, server: &Server, after: Duration) -> ProviderError {
    let address = server.to_string();
    let cause = words(told);
    let request = |mend: &str| ProviderError::BadRequest { cause: cause.clone(), mend: mend.to_owned() };
    let state = told.code();
    match state {
        &SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            ProviderError::Unauthorized { address, cause }
        }
        &SqlState::INVALID_CATALOG_NAME => request("Give the profile's option `database` the name of one that exists."),
        &SqlState::INSUFFICIENT_PRIVILEGE => request("Ask its owner to GRANT the right to this user."),
        &SqlState::READ_ONLY_SQL_TRANSACTION => request("Connect to the primary server for writing."),
        &SqlState::QUERY_CANCELED => ProviderError::TimedOut { what: address, after },
        &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN => ProviderError::Interrupted { address, cause },
        _ => match state.code().get(..2) {
            // data, constraints, names and syntax, what the server does not have
            Some("22" | "23" | "42" | "0A" | "54") => request("Correct what was asked for or written."),
            Some("28") => ProviderError::Unauthorized { address, cause },
            Some("08") => ProviderError::Interrupted { address, cause },
            _ => ProviderError::Server { address, cause },
        },
    }
}
