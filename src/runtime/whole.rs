//! The jobs of the screen on whole databases: copying all collections, bringing a backup back, backing up. `jobs`
//! starts them.

use std::path::PathBuf;
use std::sync::Arc;

use super::jobs::goes_on;
use super::store::expanded;
use crate::app::job::JobReport;
use crate::jobs::backup::{self, Proved, Wish};
use crate::jobs::copy::several::{self, Several};
use crate::jobs::copy::{Words, report};
use crate::jobs::model::copied::Verdict;
use crate::jobs::model::plan::Wishes;
use crate::jobs::{Control, Meter, Side};
use crate::profile::one_word::one_word;
use crate::provider::{ConnectSpec, ProviderKind, connect};

/// Bytes of a file of a backup, about.
const PART: u64 = 128 << 20;

/// Plans the copy of every collection. A backup is brought back only if it is as it was written; that it was not found
/// to have what its source had is said above the plans.
pub(super) async fn plan(
    [source, target]: [Side; 2],
    words: Words,
    (wishes, backup): (Wishes, Option<String>),
    control: Control,
    mut meter: Meter,
) -> Result<JobReport, String> {
    let mut doubt = String::new();
    if let Some(dir) = backup {
        let dir = expanded(&dir);
        backup::check(&dir, &control, &mut meter).await.map_err(|error| error.to_string())?;
        let known = Proved::read(&dir).and_then(|known| known.doubt());
        doubt = known.map_or_else(String::new, |why| format!("note     {why}\n\n"));
    }
    let names = several::collections(&source, &[], &control).await.map_err(|error| error.to_string())?;
    let plans = several::plans([&source, &target], &words, &names, &wishes, &control, &mut meter).await;
    let plans = plans.map_err(|error| error.to_string())?;
    Ok(JobReport::Plans { text: doubt + &report::plans(&plans), plans })
}

/// Copies what is left of several collections.
pub(super) async fn copy(
    several: Several,
    state_dir: PathBuf,
    [source, target]: [Side; 2],
    control: Control,
    mut meter: Meter,
) -> Result<JobReport, String> {
    let ended = several.run(&state_dir, [&source, &target], &|_| {}, &control, &mut meter).await;
    let (ended, of) = (ended.map_err(|error| error.to_string())?, several.copies.len());
    let well = ended.iter().filter(|one| one.is_well()).count();
    let goes_on = goes_on(&several.id);
    match ended.last().and_then(|one| one.outcome.as_ref().err()) {
        Some(error) if error.is_cancelled() => Err(format!("{error} {goes_on}")),
        _ => {
            // A command may have begun them without a proof.
            let unproved =
                ended.iter().any(|one| one.outcome.as_ref().is_ok_and(|copied| copied.verdict == Verdict::Copied));
            let done = if unproved { "copied" } else { "copied and verified" };
            let mut text = report::summary(&ended, of);
            if well < of && several.can_go_on(&state_dir) {
                text += &goes_on;
            }
            text = format!("{}\n\n{}", text.trim_end(), report::several(&ended));
            Ok(JobReport::Whole { well, of, done, text })
        }
    }
}

/// Writes a backup, and proves it.
pub(super) async fn back_up(
    source: Side,
    word: String,
    dir: String,
    control: Control,
    mut meter: Meter,
) -> Result<JobReport, String> {
    let dir = expanded(&dir);
    let wish = Wish { collections: Vec::new(), part_bytes: PART, prove: true };
    let word = one_word(&word, &|name| std::env::var(name).ok());
    let done = backup::run(&dir, &word, &source, &wish, &control, &mut meter).await;
    let done = done.map_err(|error| match error.is_cancelled() {
        true => format!("{error} The files that are whole stay; a backup into the same directory goes on."),
        false => error.to_string(),
    })?;
    let opened = connect(&ConnectSpec::directory(ProviderKind::ParquetBackup, &dir)).await;
    let provider = Arc::from(opened.map_err(|error| error.to_string())?);
    let written =
        Side { label: dir.display().to_string(), provider, collection: String::new(), request: source.request };
    let proofs = backup::prove_all(&dir, &done, &source, &written, &control, &mut meter).await;
    let proofs =
        proofs.map_err(|error| format!("the backup is whole, but was not compared with its source: {error}"))?;
    let well = done.vanished.iter().zip(&proofs).filter(|(vanished, proof)| **vanished == 0 && proof.holds()).count();
    let text = backup::report(&done, &proofs, &dir);
    Ok(JobReport::Whole { well, of: proofs.len(), done: "backed up and verified", text })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::provider::model::{CollectionSpec, Metric};
    use crate::provider::qdrant_edge::QdrantEdge;
    use crate::provider::{Address, Provider};

    async fn side(kind: ProviderKind, dir: &Path) -> Side {
        let opened = connect(&ConnectSpec::new(kind, Address::Directory(dir.to_owned()))).await.unwrap();
        let (label, request) = (dir.display().to_string(), Duration::from_secs(30));
        Side { label, provider: Arc::from(opened), collection: String::new(), request }
    }

    #[tokio::test]
    async fn bringing_back_what_was_never_compared_is_planned_with_a_word_about_that() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        let database = QdrantEdge::create(&at("source")).await.unwrap();
        database.create_collection(&CollectionSpec::dense("docs", 2, Metric::Dot)).await.unwrap();
        database.close().await;
        QdrantEdge::create(&at("target")).await.unwrap().close().await;
        let (control, dir) = (Control::default(), at("backup"));
        let source = side(ProviderKind::QdrantEdge, &at("source")).await;
        let wish = Wish { part_bytes: PART, ..Wish::default() };
        let mut meter = Meter::silent();
        let done = backup::run(&dir, "source", &source, &wish, &control, &mut meter).await.unwrap();
        let written = side(ProviderKind::ParquetBackup, &dir).await;
        let target = side(ProviderKind::QdrantEdge, &at("target")).await;
        let planned = async || {
            let words = Words { from: dir.display().to_string(), to: "target".to_owned() };
            let backup = Some(dir.display().to_string());
            let (ends, wishes) = ([written.clone(), target.clone()], (Wishes::default(), backup));
            match plan(ends, words, wishes, Control::default(), Meter::silent()).await.unwrap() {
                JobReport::Plans { text, .. } => text,
                other => panic!("{other:?}"),
            }
        };
        let text = planned().await;
        assert!(text.starts_with("note     this backup was never found to have what its source had"), "{text}");
        backup::prove_all(&dir, &done, &source, &written, &control, &mut meter).await.unwrap();
        let text = planned().await;
        assert!(text.starts_with("copy "), "{text}");
    }
}
