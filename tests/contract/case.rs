//! A case of the contract, and how one is run.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use vector_inspector::provider::{Capabilities, Support};

use crate::bench::Bench;
use crate::makers::{Maker, block_on};

/// What a case returns: nothing, or a panic.
pub type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The longest that a case may take: a hang is a failure with a name.
const LIMIT: Duration = Duration::from_secs(120);
/// The same for cases that ask 200 filters of 5,000 records or write thousands beside all others, which a server built for
/// debugging takes minutes for.
const LONG: Duration = Duration::from_secs(600);
/// Those cases.
const LONG_ONES: [&str; 7] = [
    "generated_filters_select_the_same_everywhere",
    "each_record_comes_once_while_others_are_written_and_deleted",
    "a_copy_to_every_other_maker_and_back_is_the_same",
    "a_copy_of_named_vectors_is_verified",
    "a_copy_under_cosine_is_verified",
    "the_same_records_in_embedded_qdrant_differ_in_what_is_declared_only",
    "the_folder_reads_as_the_server_does",
];

/// One case.
pub struct Case {
    /// The second half of the test's name.
    pub name: &'static str,
    /// Which ability it needs.
    pub needs: fn(&Capabilities) -> &Support,
    /// The case.
    pub run: fn(Bench) -> Running,
}

impl Case {
    /// Why the provider cannot be asked to pass it.
    pub fn left_out(&self, capabilities: &Capabilities) -> Option<&'static str> {
        match (self.needs)(capabilities) {
            Support::Yes => None,
            Support::No(reason) => Some(reason),
        }
    }
}

/// A list of cases: `name`, `name needs ability` or `name needs ability and another`.
#[macro_export]
macro_rules! cases {
    ($($name:ident $(needs $ability:ident $(and $another:ident)?)?),* $(,)?) => {
        pub fn cases() -> Vec<$crate::case::Case> {
            vec![$($crate::case::Case {
                name: stringify!($name),
                needs: $crate::cases!(@needs $($ability $($another)?)?),
                run: |bench| Box::pin(async move { $name(&bench).await }),
            }),*]
        }
    };
    (@needs) => { |_| &vector_inspector::provider::Support::Yes };
    (@needs $ability:ident $another:ident) => {
        |can| if can.$ability.is_yes() { &can.$another } else { &can.$ability }
    };
    (@needs $ability:ident) => { |capabilities| &capabilities.$ability };
}

/// Runs a case on a fresh connection; whatever it made is dropped, also after a panic.
pub fn run(maker: &Maker, case: &Case) -> Result<(), String> {
    block_on(async {
        let opened = maker.open().await?;
        let bench = Bench::new(opened.provider.clone(), maker.name, case.name, maker.naming());
        // Milvus Lite answers one question after the other: each case waits for all others.
        let waits = maker.name == "milvus_lite";
        let limit = if waits || LONG_ONES.contains(&case.name) { LONG } else { LIMIT };
        let running = tokio::time::timeout(limit, tokio::spawn((case.run)(bench.clone()))).await;
        bench.clear().await;
        match running {
            Ok(Ok(())) => Ok(()),
            Ok(Err(panic)) => Err(message(panic)),
            Err(_) => Err(format!("did not end within {} s", limit.as_secs())),
        }
    })
}

fn message(error: tokio::task::JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "was cancelled".to_owned() };
    match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text.clone(),
        (None, Some(text)) => (*text).to_owned(),
        (None, None) => "panicked".to_owned(),
    }
}
