//! What every command that writes takes beside its targets. `--yes` answers questions; it opens
//! nothing. A read-only environment is opened by the name of the one collection that is meant.

use std::io::IsTerminal;

use super::open::Resolved;
use super::{CliError, Context, Out};
use crate::provider::{ConnectSpec, Lock};

/// Consent to writing.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Writing {
    /// Answer every question with yes; what is read-only stays so
    #[arg(long)]
    pub yes: bool,
    /// Write to this collection although its environment is read-only, as production is
    #[arg(long, value_name = "COLLECTION")]
    pub allow_production: Option<String>,
}

impl Writing {
    /// Lets the named collection of that database be written to, and nothing where none was named; after a look at
    /// the profiles that lead to the same database.
    ///
    /// # Errors
    /// When the run or the profile is read-only: no flag opens that.
    pub fn permit(&self, resolved: &Resolved, context: &Context) -> Result<(), CliError> {
        resolved.lock_by_profiles(context)?;
        self.open(&resolved.spec)
    }

    fn open(&self, spec: &ConnectSpec) -> Result<(), CliError> {
        let Some(collection) = &self.allow_production else { return Ok(()) };
        spec.gate
            .allow(collection)
            .map_err(|lock| CliError::Usage(format!("--allow-production does not help here: {lock}. {}", lock.mend())))
    }

    /// Lets a database that is not open yet be written to as far as that was named, and refuses it at once where
    /// the write would be refused in the end. `what` is what is to be done, e.g. `writing to "docs"`.
    ///
    /// # Errors
    /// What is read-only, with why.
    pub fn require(
        &self,
        resolved: &Resolved,
        collection: &str,
        what: &str,
        context: &Context,
    ) -> Result<(), CliError> {
        self.permit(resolved, context)?;
        match resolved.spec.gate.access().lock {
            Some(lock) if self.allow_production.as_deref() != Some(collection) => {
                Err(self.refused(&resolved.label, what, lock, Some(collection)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The refusal, with what helps a command. `collection`: the one that was meant, where it is one.
    pub fn refused(&self, target: &str, what: &str, lock: Lock, collection: Option<&str>) -> CliError {
        let mend = match (lock.opens(), collection, &self.allow_production) {
            (false, ..) => lock.mend().to_owned(),
            (true, Some(meant), None) => {
                format!("If it is to be written to all the same, add --allow-production {meant:?}.")
            }
            (true, Some(meant), Some(named)) => {
                format!(
                    "--allow-production names {named:?}; what is to be written to is {meant:?}. Name that one if it is meant."
                )
            }
            (true, None, _) => {
                "--allow-production opens one collection: write to them one by one, naming each.".to_owned()
            }
        };
        CliError::ReadOnly { target: target.to_owned(), what: what.to_owned(), lock, mend }
    }

    /// Whether somebody at a terminal agrees, by the whole word.
    pub fn agreed(&self, question: &str, out: &mut Out) -> bool {
        if !std::io::stdin().is_terminal() {
            return false;
        }
        out.note(&format!("{question} Type yes to do this:"));
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::provider::model::{CollectionSpec, Metric};
    use crate::provider::qdrant_edge::QdrantEdge;
    use crate::provider::{Gate, Provider, ProviderError, ProviderKind, connect};

    async fn made(db: &dyn Provider, collection: &str) -> bool {
        match db.create_collection(&CollectionSpec::dense(collection, 2, Metric::Dot)).await {
            Ok(()) => true,
            Err(ProviderError::ReadOnly { .. }) => false,
            Err(other) => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn yes_does_not_open_production_and_the_collections_name_opens_that_one_only() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("db");
        QdrantEdge::create(&directory).await.unwrap().close().await;
        let mut spec = ConnectSpec::directory(ProviderKind::QdrantEdge, &directory);
        spec.gate = Gate::new(Some(Lock::Environment("production")));
        let db = connect(&spec).await.unwrap();
        Writing { yes: true, allow_production: None }.open(&spec).unwrap();
        assert!(!made(db.as_ref(), "a").await);
        Writing { yes: false, allow_production: Some("a".to_owned()) }.open(&spec).unwrap();
        assert!(!made(db.as_ref(), "b").await, "another one stays closed");
        assert!(made(db.as_ref(), "a").await);
    }

    #[test]
    fn no_flag_opens_a_read_only_run_or_profile() {
        for lock in [Lock::Run, Lock::Profile] {
            let mut spec = ConnectSpec::directory(ProviderKind::QdrantEdge, "/nowhere");
            spec.gate = Gate::new(Some(lock));
            let named = Writing { yes: true, allow_production: Some("a".to_owned()) };
            assert!(named.open(&spec).unwrap_err().to_string().contains("--allow-production does not help here"));
        }
    }

    #[test]
    fn a_refusal_names_what_helps_a_command_and_never_the_screens_window() {
        let said = |lock, named: Option<&str>, meant| {
            let writing = Writing { yes: true, allow_production: named.map(str::to_owned) };
            writing.refused("prod", "copying", lock, meant).to_string()
        };
        let production = Lock::SameDatabase { profile: "prod", environment: Some("production") };
        let plain = said(production, None, Some("docs"));
        assert!(plain.contains("\"prod\" leads to the same database. If it"), "{plain}");
        assert!(plain.ends_with("add --allow-production \"docs\"."), "{plain}");
        assert!(said(production, Some("dcos"), Some("docs")).contains("names \"dcos\""));
        assert!(said(production, None, None).contains("one by one"));
        for lock in [Lock::Run, Lock::Profile, Lock::Environment("production"), production] {
            assert!(!said(lock, None, Some("docs")).contains("window"), "{lock}");
        }
    }
}
