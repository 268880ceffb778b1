//! Opens records that differ on both sides, to say which fields do.

use std::collections::HashMap;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::fields;
use super::join::Found;
use super::options::{ContentOptions, Depth};
use super::shape::{Shaper, Which};
use crate::jobs::model::comparison::{Contents, Difference, DifferenceKind, Part};
use crate::jobs::{Control, JobError, Meter, Side};
use crate::provider::model::{Record, RecordId};

/// Records that are opened with one question to each side.
const TOGETHER: usize = 32;

/// Opens what differs.
pub(super) struct Opener<'a> {
    sides: [(&'a Side, Shaper); 2],
    options: &'a ContentOptions,
    control: &'a Control,
}

impl<'a> Opener<'a> {
    pub(super) fn new(a: &'a Side, b: &'a Side, options: &'a ContentOptions, control: &'a Control) -> Self {
        let sides = [(a, Shaper::new(Which::A, options)), (b, Shaper::new(Which::B, options))];
        Self { sides, options, control }
    }

    /// Counts, lists and opens what comes in, until no more comes.
    ///
    /// # Errors
    /// What `each` says, a side that cannot be asked, or that the job was cancelled.
    pub(super) async fn run(
        &self,
        mut waiting: mpsc::Receiver<Found>,
        contents: &mut Contents,
        meter: &mut Meter,
        each: &mut (dyn FnMut(&Difference) -> Result<(), JobError> + Send),
    ) -> Result<(), JobError> {
        let mut batch = Vec::with_capacity(TOGETHER);
        while self
            .control
            .unless_cancelled(async { Ok::<_, JobError>(waiting.recv_many(&mut batch, TOGETHER).await) })
            .await?
            > 0
        {
            self.control.checkpoint().await?;
            meter.advance(batch.len() as u64);
            let mut listed = Vec::new();
            for found in batch.drain(..) {
                count(&found, contents);
                if !(self.options.allow_extra && found.kind == DifferenceKind::Extra) {
                    listed.push(found);
                }
            }
            let room = self.options.list.saturating_sub(contents.differences.len());
            let opened = if self.options.open_all { listed.len() } else { room.min(listed.len()) };
            let records = self.open(listed.get(..opened).unwrap_or_default()).await?;
            for (at, found) in listed.into_iter().enumerate() {
                let difference = self.difference(found, (at < opened).then_some(&records));
                each(&difference)?;
                if contents.differences.len() < self.options.list {
                    contents.differences.push(difference);
                }
            }
        }
        Ok(())
    }

    /// The records of these on both sides, by the ids that those know them by.
    async fn open(&self, found: &[Found]) -> Result<[HashMap<RecordId, Record>; 2], JobError> {
        let differ = |one: &&Found| one.payload || one.vectors;
        let ids =
            |of: fn(&Found) -> &Option<RecordId>| found.iter().filter(differ).filter_map(move |one| of(one).clone());
        let (of_a, of_b): (Vec<_>, Vec<_>) = (ids(|one| &one.a).collect(), ids(|one| &one.b).collect());
        let [(a, _), (b, _)] = &self.sides;
        let (a, b) = tokio::try_join!(self.get(a, of_a), self.get(b, of_b))?;
        Ok([a, b])
    }

    async fn get(&self, side: &Side, ids: Vec<RecordId>) -> Result<HashMap<RecordId, Record>, JobError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let with_vectors = self.options.depth == Depth::All;
        let asked = side.ask("the records that differ", side.provider.get(&side.collection, &ids, with_vectors));
        let records = self.control.unless_cancelled(asked).await?;
        Ok(records.into_iter().map(|record| (record.id.clone(), record)).collect())
    }

    fn difference(&self, found: Found, opened: Option<&[HashMap<RecordId, Record>; 2]>) -> Difference {
        let mut parts = Vec::new();
        parts.extend(found.payload.then_some(Part::Payload));
        parts.extend(found.vectors.then_some(Part::Vectors));
        let (mut fields, mut not_opened) = (Vec::new(), None);
        if !parts.is_empty() {
            let of = |at: usize, id: &Option<RecordId>| {
                let record = opened?.get(at)?.get(id.as_ref()?)?.clone();
                Some(self.sides.get(at)?.1.shape(record).record)
            };
            match (of(0, &found.a), of(1, &found.b)) {
                (Some(a), Some(b)) => {
                    let [(_, shaper), _] = &self.sides;
                    fields = fields::compare(&a, &b, shaper);
                    if fields.is_empty() {
                        not_opened = Some("it was changed meanwhile and is the same now".to_owned());
                    }
                }
                _ if opened.is_some() => not_opened = Some("it is gone from one side meanwhile".to_owned()),
                _ => not_opened = Some("only the first differences are opened".to_owned()),
            }
        }
        let (id_a, id_b) = (found.a.as_ref().map(typed), found.b.as_ref().map(typed));
        let noted = found.noted.as_ref().map(typed);
        Difference { kind: found.kind, id_a, id_b, noted, parts, fields, not_opened }
    }
}

fn count(found: &Found, contents: &mut Contents) {
    let counter = match found.kind {
        DifferenceKind::Missing => &mut contents.missing,
        DifferenceKind::Extra => &mut contents.extra,
        DifferenceKind::KindChanged => &mut contents.kind_changed,
        DifferenceKind::Changed => &mut contents.changed,
    };
    *counter += 1;
}

/// An id with its kind.
pub(in crate::jobs) fn typed(id: &RecordId) -> Value {
    match id {
        RecordId::Integer(_) => json!({ "integer": id.to_json() }),
        RecordId::Text(text) => json!({ "text": text }),
        RecordId::Uuid(uuid) => json!({ "uuid": uuid.to_string() }),
    }
}

/// The id that [`typed`] has made this of.
pub(in crate::jobs) fn id_of(typed: &Value) -> Option<RecordId> {
    let (kind, value) = typed.as_object()?.iter().next()?;
    match (kind.as_str(), value) {
        ("integer", Value::Number(number)) => number.to_string().parse().ok().map(RecordId::Integer),
        ("integer", Value::String(digits)) => digits.parse().ok().map(RecordId::Integer),
        ("text", Value::String(text)) => Some(RecordId::Text(text.clone())),
        ("uuid", Value::String(uuid)) => uuid.parse().ok().map(RecordId::Uuid),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_from_its_words() {
        let large = i128::from(u64::MAX) * 3;
        for id in [0, -5, i128::from(u64::MAX), large, -large].map(RecordId::Integer) {
            assert_eq!(id_of(&typed(&id)), Some(id));
        }
        for id in [RecordId::from("5"), RecordId::from(""), RecordId::Uuid(uuid::Uuid::from_u128(7))] {
            assert_eq!(id_of(&typed(&id)), Some(id));
        }
        assert_eq!(id_of(&json!({ "integer": 0.5 })), None);
    }
}
