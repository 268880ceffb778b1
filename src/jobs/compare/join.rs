//! Joins the entries of both sides by id, one partition after the other.

use std::collections::HashMap;
use std::mem::discriminant;

use tokio::sync::mpsc;

use super::entry::{Compared, Entry};
use super::shape;
use super::spool::Spool;
use crate::jobs::JobError;
use crate::jobs::model::comparison::{DifferenceKind, Tolerances};
use crate::provider::model::RecordId;

/// Bytes of both sides that are joined at once. A partition with more is read in several rounds.
const AT_ONCE: u64 = 24 << 20;

/// A record that differs, with the ids that its sides know it by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub kind: DifferenceKind,
    pub a: Option<RecordId>,
    pub b: Option<RecordId>,
    pub payload: bool,
    pub vectors: bool,
    /// The id that it is compared by, where only one side has it and knows it by another: a copy has noted it.
    pub noted: Option<RecordId>,
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub equal: u64,
    pub by_tolerance: u64,
    pub repeated: (u64, u64),
}

/// Joins all partitions, and sends what differs.
///
/// # Errors
/// A temporary file that cannot be read; the receiver has gone away.
pub(super) fn join(
    mut a: Spool,
    mut b: Spool,
    tolerances: &Tolerances,
    found: &mpsc::Sender<Found>,
) -> Result<Tally, JobError> {
    let mut tally = Tally::default();
    for partition in 0..a.partitions() {
        let rounds = (a.bytes(partition) + b.bytes(partition)).div_ceil(AT_ONCE).max(1);
        for round in 0..rounds {
            let mut pairs = Pairs { tolerances, tally: &mut tally, of_a: HashMap::new(), of_b: HashMap::new() };
            let now = |entry: &Entry| entry.hash % rounds == round;
            let mut found_now = Vec::new();
            a.read(partition, |entry| {
                if now(&entry) {
                    pairs.first(entry);
                }
            })?;
            b.read(partition, |entry| {
                if now(&entry) {
                    found_now.extend(pairs.second(entry));
                }
            })?;
            found_now.extend(pairs.rest());
            found_now.sort_by(|one, other| (&one.a, &one.b).cmp(&(&other.a, &other.b)));
            for one in found_now {
                found.blocking_send(one).map_err(|_| JobError::Cancelled)?;
            }
        }
    }
    Ok(tally)
}

/// The entries of one round.
struct Pairs<'a> {
    tolerances: &'a Tolerances,
    tally: &'a mut Tally,
    /// With whether it was met.
    of_a: HashMap<RecordId, (Entry, bool)>,
    /// Those that `of_a` does not have.
    of_b: HashMap<RecordId, Entry>,
}

impl Pairs<'_> {
    fn first(&mut self, entry: Entry) {
        if self.of_a.insert(entry.id.clone(), (entry, false)).is_some() {
            self.tally.repeated.0 += 1;
        }
    }

    fn second(&mut self, entry: Entry) -> Option<Found> {
        let Some((own, met)) = self.of_a.get_mut(&entry.id) else {
            if self.of_b.insert(entry.id.clone(), entry).is_some() {
                self.tally.repeated.1 += 1;
            }
            return None;
        };
        if std::mem::replace(met, true) {
            self.tally.repeated.1 += 1;
            return None;
        }
        let compared = own.compare(&entry, self.tolerances);
        if !compared.differs() {
            self.tally.equal += 1;
            self.tally.by_tolerance += u64::from(compared.by_tolerance);
            return None;
        }
        let own = own.original.clone();
        Some(both(DifferenceKind::Changed, own, entry.original, compared))
    }

    /// What only one side has; a pair of the same id in another kind becomes one difference.
    fn rest(self) -> Vec<Found> {
        let mut by_text: HashMap<String, Vec<Entry>> = HashMap::new();
        for entry in self.of_b.into_values() {
            by_text.entry(shape::plain(&entry.id)).or_default().push(entry);
        }
        let mut lone: Vec<Entry> = self.of_a.into_values().filter(|(_, met)| !met).map(|(entry, _)| entry).collect();
        lone.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        let mut found = Vec::new();
        for entry in lone {
            let others = by_text.entry(shape::plain(&entry.id)).or_default();
            let other_kind = |other: &Entry| discriminant(&other.id) != discriminant(&entry.id);
            let found_now = match others.iter().position(other_kind) {
                Some(at) => {
                    let other = others.swap_remove(at);
                    let compared = entry.compare(&other, self.tolerances);
                    both(DifferenceKind::KindChanged, entry.original, other.original, compared)
                }
                None => alone(DifferenceKind::Missing, entry),
            };
            found.push(found_now);
        }
        let left = by_text.into_values().flatten();
        found.extend(left.map(|entry| alone(DifferenceKind::Extra, entry)));
        found
    }
}

fn both(kind: DifferenceKind, a: RecordId, b: RecordId, compared: Compared) -> Found {
    let (payload, vectors) = (compared.payload_differs, compared.vectors_differ);
    Found { kind, a: Some(a), b: Some(b), payload, vectors, noted: None }
}

fn alone(kind: DifferenceKind, entry: Entry) -> Found {
    let noted = (shape::plain(&entry.id) != shape::plain(&entry.original)).then_some(entry.id);
    let (a, b) = match kind {
        DifferenceKind::Extra => (None, Some(entry.original)),
        _ => (Some(entry.original), None),
    };
    Found { kind, a, b, payload: false, vectors: false, noted }
}
