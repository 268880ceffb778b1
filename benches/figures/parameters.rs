//! What can be set from outside, by environment variables.

use std::time::Duration;

/// Seconds of idleness.
pub fn idle() -> Duration {
    Duration::from_secs(number("FIGURES_IDLE_S", 60))
}

/// Records of the collection that the program pages through to see what memory it takes.
pub fn memory_records() -> u64 {
    number("FIGURES_MEMORY_RECORDS", 100_000)
}

/// Records that are paged through over gRPC, by the provider and by a bare loop.
pub fn grpc_records() -> u64 {
    number("FIGURES_GRPC_RECORDS", 200_000)
}

/// Records that are paged through in an embedded database, by the provider and by a bare loop.
pub fn embedded_records() -> u64 {
    number("FIGURES_EMBEDDED_RECORDS", 20_000)
}

/// Records that are read with their vectors through each provider and by a bare loop.
pub fn reading_records() -> u64 {
    number("FIGURES_READING_RECORDS", 100_000)
}

/// Records that are copied from one database into another.
pub fn copy_records() -> u64 {
    number("FIGURES_COPY_RECORDS", 200_000)
}

/// The server of that name that the tests use, too; host and port.
pub fn server(name: &str) -> Option<(String, u16)> {
    let text = std::env::var(format!("VECTOR_INSPECTOR_TEST_{name}_URL")).ok()?;
    let url = url::Url::parse(&text).unwrap_or_else(|error| panic!("{text:?} is no URL: {error}"));
    Some((url.host_str()?.to_owned(), url.port()?))
}

/// User and path of that server's URL.
pub fn user_and_path(name: &str) -> (String, String) {
    let text = std::env::var(format!("VECTOR_INSPECTOR_TEST_{name}_URL")).unwrap_or_default();
    let url = url::Url::parse(&text).unwrap_or_else(|error| panic!("{text:?} is no URL: {error}"));
    (url.username().to_owned(), url.path().trim_matches('/').to_owned())
}

/// Whether that maker is to be read: all, or those that are named with commas between.
pub fn is_wanted(maker: &str) -> bool {
    match std::env::var("FIGURES_READING_MAKERS") {
        Ok(names) => names.split(',').any(|name| name.trim() == maker),
        Err(_) => true,
    }
}

/// Keys of each measurement of latency.
pub fn keys() -> usize {
    usize::try_from(number("FIGURES_KEYS", 400)).unwrap_or(usize::MAX)
}

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.replace('_', "").parse().unwrap_or_else(|_| panic!("{name} is no whole number: {text:?}")),
        Err(_) => default,
    }
}
