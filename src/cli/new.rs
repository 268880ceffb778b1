//! `new DIR`: an empty embedded database, as a target for `copy` and `restore`, or to look at how the program works
//! without a server.

use std::path::PathBuf;

use serde_json::json;

use super::{CliError, Context, Exit, Out};
use crate::provider::{Gate, make_embedded};

/// Make an empty embedded database (Qdrant) in a directory
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Nothing is opened and nothing is overwritten. Afterwards DIR is a target like any other: `copy prod docs DIR docs`, \
`restore BACKUP DIR`, `vector-inspector DIR`.\nWith --json: {dir, provider}.")]
pub struct Args {
    /// The directory: new, or empty
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Print JSON for scripts
    #[arg(long)]
    json: bool,
}

/// Makes it.
///
/// # Errors
/// A run that is read-only; a directory that is a database already, holds other files, or cannot be made.
pub async fn run(args: &Args, context: &Context, out: &mut Out) -> Result<Exit, CliError> {
    let shown = args.dir.display().to_string();
    let gate = Gate::new(context.rules()?.lock_of_ad_hoc());
    make_embedded(&args.dir, &gate).await.map_err(|error| CliError::provider(&shown, error))?;
    match args.json {
        true => out.json(&json!({ "dir": shown, "provider": "qdrant-edge" }))?,
        false => out.line(&format!("{shown} is an empty database now (embedded Qdrant)."))?,
    }
    Ok(Exit::Done)
}
