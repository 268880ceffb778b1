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
        let files = format::number_of(stored.parts.len(), "file");
        let records = format::many(stored.records, "record", "records");
        let _ = write!(text, "{}: {records} in {files}, {bytes}", stored.name);
        if *vanished > 0 {
            let _ = write!(text, "; {} deleted meanwhile", format::many(*vanished, "was", "were"));
        }
        text += &match proofs.iter().find(|proof| proof.collection == stored.name) {
            None => "; not compared with its source".to_owned(),
            Some(proof) if proof.holds() => "; every record is what the database has".to_owned(),
            Some(proof) if proof.moved => "; NOT VERIFIED: the database was changed meanwhile".to_owned(),
            Some(proof) => {
                let records = format::many(proof.different, "record is", "records are");
                format!("; NOT VERIFIED: {records} not what the database has")
            }
        };
        text.push('\n');
    }
    let _ = writeln!(text, "the backup is in {}", dir.display());
    text
}
