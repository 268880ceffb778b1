//! How one collection was made like another one, as data.

use serde::Serialize;
use serde_json::Value;

use super::comparison::Contents;
use crate::text::format;

/// A record that the second side did not take.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refusal {
    /// Its id: `{"integer": 1}`, `{"text": "1"}`, `{"uuid": "…"}`.
    pub id: Value,
    /// Why not.
    pub why: String,
}

/// What was written, and what a comparison says afterwards.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Aligned {
    /// Records that were missing or different.
    pub upserts: u64,
    /// Records that only the second side had.
    pub deletes: u64,
    /// Records that were written and acknowledged.
    pub upserted: u64,
    /// Records that were deleted.
    pub deleted: u64,
    /// Records that only the second side had and that were left: nobody asked to delete them, some records were
    /// refused, or the first side has them now.
    pub left: u64,
    /// Records that the first side did not have any more.
    pub gone: u64,
    /// Records that the second side did not take.
    pub refused: u64,
    /// The first of these.
    pub refusals: Vec<Refusal>,
    /// The reason of the last one, where there were too many and the rest was not tried.
    pub stopped: Option<String>,
    /// The records compared again.
    pub after: Contents,
}

impl Aligned {
    /// Whether the second side is like the first one now.
    pub fn is_equal(&self) -> bool {
        self.after.is_equal()
    }

    /// How it ended, in a sentence.
    pub fn sentence(&self) -> String {
        let deleted = format::exact(self.deleted);
        let done = format!("{} written, {deleted} deleted", format::many(self.upserted, "record", "records"));
        if self.is_equal() {
            return format!("{done}; compared again: no difference.");
        }
        let still = format::many(self.after.different(), "record still differs", "records still differ");
        format!("{done}; compared again: {still}.")
    }

    /// What else is to be said, a sentence each.
    pub fn notes(&self) -> Vec<String> {
        let counted = [
            (self.left, "record that only B has was left as it is", "records that only B has were left as they are"),
            (self.gone, "record was gone from A meanwhile", "records were gone from A meanwhile"),
            (self.refused, "record was refused", "records were refused"),
        ];
        let mut notes: Vec<String> = counted
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, several)| format!("{}.", format::many(count, one, several)))
            .collect();
        notes.extend(self.refusals.iter().map(|one| format!("refused: {}: {}", one.id, one.why)));
        if let Some(why) = &self.stopped {
            notes.push(format!("too many were refused, the rest was not tried: {why}"));
        }
        notes.extend(self.after.moved.iter().map(|side| format!("{side} was changed while it was compared again.")));
        notes
    }
}
