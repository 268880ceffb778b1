//! The jobs of the screen on whole databases: copying all collections, bringing a backup back, backing up. `jobs`
//! starts them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::jobs::QUERIES;
use super::store::expanded;
use crate::app::job::JobReport;
use crate::jobs::backup::{self, Done, Proof, Wish};
use crate::jobs::copy::several::{self, Several};
use crate::jobs::copy::{Words, report};
use crate::jobs::model::plan::Wishes;
use crate::jobs::{Control, Meter, Side};
use crate::provider::{ConnectSpec, ProviderKind, connect};

/// Bytes of a file of a backup, about.
const PART: u64 = 128 << 20;

/// Plans the copy of every collection. A backup is brought back only if it is as it was written.
pub(super) async fn plan(
    [source, target]: [Side; 2],
    words: Words,
    backup: Option<String>,
    control: Control,
    mut meter: Meter,
) -> Result<JobReport, String> {
    if let Some(dir) = backup {
        backup::check(&expanded(&dir), &control, &mut meter).await.map_err(|error| error.to_string())?;
    }
    let wishes = Wishes { queries: QUERIES, ..Wishes::default() };
    let names = several::collections(&source, &[], &control).await.map_err(|error| error.to_string())?;
    let plans = several::plans([&source, &target], &words, &names, &wishes, &control, &mut meter).await;
    let plans = plans.map_err(|error| error.to_string())?;
    Ok(JobReport::Plans { text: report::plans(&plans), plans })
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
    match ended.last().and_then(|one| one.outcome.as_ref().err()) {
        Some(error) if error.is_cancelled() => Err(format!(
            "{error} Go on with enter, here or in the list of jobs, or with: vector-inspector copy --resume {}",
            several.id
        )),
        _ => Ok(JobReport::Whole { well, of, done: "copied", text: report::several(&ended, of) }),
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
    let wish = Wish { collections: Vec::new(), part_bytes: PART };
    let done = backup::run(&dir, &word, &source, &wish, &control, &mut meter).await;
    let done = done.map_err(|error| match error.is_cancelled() {
        true => format!("{error} The files that are whole stay; a backup into the same directory goes on."),
        false => error.to_string(),
    })?;
    let proofs = proved(&dir, &source, &done, &control, &mut meter).await?;
    let vanished = |at: usize| done.vanished.get(at).copied().unwrap_or(0);
    let well = proofs.iter().enumerate().filter(|(at, proof)| proof.holds() && vanished(*at) == 0).count();
    let text = backup::report(&done, &proofs, &dir);
    Ok(JobReport::Whole { well, of: proofs.len(), done: "backed up", text })
}

async fn proved(
    dir: &Path,
    source: &Side,
    done: &Done,
    control: &Control,
    meter: &mut Meter,
) -> Result<Vec<Proof>, String> {
    let opened = connect(&ConnectSpec::directory(ProviderKind::ParquetBackup, dir)).await;
    let provider = Arc::from(opened.map_err(|error| error.to_string())?);
    let written =
        Side { label: dir.display().to_string(), provider, collection: String::new(), request: source.request };
    let mut proofs = Vec::new();
    for stored in &done.manifest.collections {
        let (from, to) = (source.of(&stored.name), written.of(&stored.name));
        let proof = backup::prove(&from, &to, control, meter).await;
        proofs.push(
            proof.map_err(|error| format!("the backup is whole, but was not compared with its source: {error}"))?,
        );
    }
    Ok(proofs)
}
