//! A backup that was written, for people.

use std::fmt::Write as _;
use std::path::Path;

use super::{Done, Proof};
use crate::text::format;

/// A line for each collection, and where it is. What has no proof was not compared.
pub fn report(done: &Done, proofs: &[Proof], dir: &Path) -> String {
    let mut text = String::new();
    for (stored, vanished) in done.manifest.collections.iter().zip(&done.vanished) {
        let bytes = format::bytes(stored.parts.iter().map(|part| part.bytes).sum());
        let files = if stored.parts.len() == 1 { "1 file".to_owned() } else { format!("{} files", stored.parts.len()) };
        let _ = write!(text, "{}: {} records in {files}, {bytes}", stored.name, format::exact(stored.records));
        if *vanished > 0 {
            let _ = write!(text, "; {} were deleted meanwhile", format::exact(*vanished));
        }
        text += &match proofs.iter().find(|proof| proof.collection == stored.name) {
            None => "; not compared with its source".to_owned(),
            Some(proof) if proof.holds() => "; every record is what the database has".to_owned(),
            Some(proof) if proof.moved => "; NOT VERIFIED: the database was changed meanwhile".to_owned(),
            Some(proof) => {
                format!("; NOT VERIFIED: {} records are not what the database has", format::exact(proof.different))
            }
        };
        text.push('\n');
    }
    let _ = writeln!(text, "the backup is in {}", dir.display());
    text
}
