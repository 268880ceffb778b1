//! `backup TARGET DIR`: collections as Parquet files with a manifest and checksums, and the proof that they have
//! what the database has. The same command goes on with one that was interrupted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::copy::{lines, side, stop_on_signals};
use super::open::resolve;
use super::progress::Shown;
use super::{CliError, Context, Exit, Out};
use crate::jobs::backup::{Done, Proof, Wish, prove_all, report, run as write};
use crate::jobs::{Control, Side};
use crate::profile::one_word::one_word;
use crate::provider::{ConnectSpec, ProviderKind, connect};

/// Write a database's collections into a directory of Parquet files, with checksums and a proof
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The database is only read. DIR is made, or must be empty; a backup there that was interrupted goes on. `restore` brings \
it back; DIR can be opened, browsed, searched, compared and copied from like a database. docs/backup.md has the whole \
story.\nWith --json: {dir, source, resumed, collections: [{name, records, vanished, files, bytes, digest, proof: {records, \
equal, different, moved} or null}]}.\nExit code 0 when every collection has what the database has, 5 when one has not or \
the backup was stopped.")]
pub struct Args {
    /// The database to back up: a profile name, URL, directory, or demo
    #[arg(value_name = "TARGET")]
    target: String,
    /// The directory to write: new, empty, or with an interrupted backup
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Only these collections; may be repeated. All that the database has now without it
    #[arg(long, value_name = "NAME")]
    collection: Vec<String>,
    /// What is proved at the end: full reads both sides and compares every record
    #[arg(long, value_name = "WHAT", value_parser = ["full", "none"], default_value = "full")]
    verify: String,
    /// MiB of a file, about; what is lost of an interrupted backup is one file
    #[arg(long, value_name = "MIB", default_value_t = 128, value_parser = clap::value_parser!(u64).range(1..=16_384))]
    part_size: u64,
    /// Print JSON for scripts
    #[arg(long)]
    json: bool,
}

/// Writes and proves.
///
/// # Errors
/// A database that cannot be opened, a directory with something else in it, a backup that stopped.
pub async fn run(args: &Args, context: &mut Context, out: &mut Out) -> Result<Exit, CliError> {
    let resolved = resolve(&args.target, context, out).await?;
    let target = one_word(&args.target, &Context::env);
    let source = side(resolved, String::new()).await?;
    let control = Control::default();
    let (shown, mut meter) = Shown::new();
    let _stop = stop_on_signals(&control)?;
    let prove = args.verify == "full";
    let wish = Wish { collections: args.collection.clone(), part_bytes: args.part_size << 20, prove };
    let done = write(&args.dir, &target, &source, &wish, &control, &mut meter).await;
    let done = match done {
        Ok(done) => done,
        Err(error) => {
            drop(shown);
            if error.is_cancelled() {
                out.note("the files that are whole stay; the same command goes on.");
            }
            return Err(error.into());
        }
    };
    let mut proofs = Vec::new();
    if prove {
        let backup = open(&args.dir, &source).await?;
        match prove_all(&args.dir, &done, &source, &backup, &control, &mut meter).await {
            Ok(all) => proofs = all,
            Err(error) => {
                drop(shown);
                out.note("the backup is whole, but was not compared with its source; the same command does that.");
                return Err(error.into());
            }
        }
    }
    drop(shown);
    tell(args, &done, &proofs, out)?;
    let well = done.vanished.iter().all(|vanished| *vanished == 0) && proofs.iter().all(Proof::holds);
    Ok(if well { Exit::Done } else { Exit::Partly })
}

/// The backup as a database.
async fn open(dir: &Path, source: &Side) -> Result<Side, CliError> {
    let label = dir.display().to_string();
    let opened = connect(&ConnectSpec::directory(ProviderKind::ParquetBackup, dir)).await;
    let provider = Arc::from(opened.map_err(|error| CliError::provider(&label, error))?);
    Ok(Side { label, provider, collection: String::new(), request: source.request })
}

fn tell(args: &Args, done: &Done, proofs: &[Proof], out: &mut Out) -> Result<(), CliError> {
    if args.json {
        let proof_of = |name: &str| proofs.iter().find(|proof| proof.collection == *name);
        let each = done.manifest.collections.iter().zip(&done.vanished);
        let each: Vec<Value> = each
            .map(|(stored, vanished)| {
                json!({
                    "name": stored.name,
                    "records": stored.records,
                    "vanished": vanished,
                    "files": stored.parts.len(),
                    "bytes": stored.parts.iter().map(|part| part.bytes).sum::<u64>(),
                    "digest": stored.digest,
                    "proof": proof_of(&stored.name).map(|proof| json!({
                        "records": proof.records,
                        "equal": proof.equal,
                        "different": proof.different,
                        "moved": proof.moved,
                    })),
                })
            })
            .collect();
        let dir = args.dir.display().to_string();
        let source = &done.manifest.source;
        return Ok(out.json(&json!({ "dir": dir, "source": source, "resumed": done.resumed, "collections": each }))?);
    }
    lines(&report(done, proofs, &args.dir), out)
}
