//! The list of what makes the second side like the first, in temporary files without a name: memory stays bounded
//! also where every record differs.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

use serde_json::Value;

use crate::jobs::JobError;
use crate::jobs::compare::id_of;
use crate::jobs::model::comparison::{Difference, DifferenceKind};
use crate::provider::model::RecordId;

/// What is to be written and what is to be deleted.
#[derive(Default)]
pub struct Writes {
    upserts: Ids,
    deletes: Ids,
}

/// A record of the first side that the second is to have, with the id that it has there, if it is there.
pub(super) type Upsert = (RecordId, Option<RecordId>);

impl Writes {
    /// Takes in what one difference needs.
    ///
    /// # Errors
    /// A temporary file that cannot be written.
    pub fn note(&mut self, one: &Difference) -> Result<(), JobError> {
        let (a, b) = (one.id_a.as_ref(), one.id_b.as_ref());
        let (upsert, delete) = needed(one.kind);
        if upsert {
            // An id of another kind is another id: its record is written beside it.
            self.upserts.push(a, b.filter(|_| one.kind == DifferenceKind::Changed))?;
        }
        if delete {
            self.deletes.push(b, None)?;
        }
        Ok(())
    }

    /// Records that are missing or different on the second side.
    pub fn upserts(&self) -> u64 {
        self.upserts.count
    }

    /// Records that only the second side has, under that id.
    pub fn deletes(&self) -> u64 {
        self.deletes.count
    }

    /// Both lists, each from its beginning.
    ///
    /// # Errors
    /// A temporary file that cannot be read.
    pub(super) fn read(self) -> Result<(Reader, Reader), JobError> {
        Ok((self.upserts.read()?, self.deletes.read()?))
    }
}

/// Whether a difference needs a record written, and one deleted.
pub fn needed(kind: DifferenceKind) -> (bool, bool) {
    match kind {
        DifferenceKind::Missing | DifferenceKind::Changed => (true, false),
        DifferenceKind::Extra => (false, true),
        DifferenceKind::KindChanged => (true, true),
    }
}

/// Some ids, one pair a line.
#[derive(Default)]
struct Ids {
    file: Option<BufWriter<File>>,
    count: u64,
}

impl Ids {
    fn push(&mut self, one: Option<&Value>, other: Option<&Value>) -> Result<(), JobError> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::new(tempfile::tempfile().map_err(failed)?)),
        };
        self.count += 1;
        writeln!(file, "{}", Value::from(vec![one.cloned(), other.cloned()])).map_err(failed)
    }

    fn read(self) -> Result<Reader, JobError> {
        let Some(file) = self.file else { return Ok(Reader(None)) };
        let mut file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(Reader(Some(BufReader::new(file))))
    }
}

/// Reads a list on.
pub(super) struct Reader(Option<BufReader<File>>);

impl Reader {
    /// The next ones, so many at most; none at the end.
    ///
    /// # Errors
    /// A temporary file that cannot be read.
    pub(super) fn next(&mut self, most: usize) -> Result<Vec<Upsert>, JobError> {
        let Some(file) = &mut self.0 else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for line in file.lines().take(most) {
            let line = line.map_err(failed)?;
            let pair: Value = serde_json::from_str(&line).map_err(|error| failed(error.into()))?;
            let id = |at| pair.get(at).and_then(id_of);
            if let Some(one) = id(0) {
                found.push((one, id(1)));
            }
        }
        Ok(found)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: std::io::Error) -> JobError {
    JobError::TempFile { cause: error.to_string() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn each_difference_becomes_what_mends_it_and_comes_back_as_it_was_noted() {
        let one = |kind, id_a: Option<Value>, id_b: Option<Value>| Difference {
            noted: None,
            kind,
            id_a,
            id_b,
            parts: Vec::new(),
            fields: Vec::new(),
            not_opened: None,
        };
        let (seven, text) = (json!({ "integer": 7 }), json!({ "text": "line\nbreak \"7\"" }));
        let uuid = json!({ "uuid": "936da01f-9abd-4d9d-80c7-02af85c822a8" });
        let mut writes = Writes::default();
        for difference in [
            one(DifferenceKind::Missing, Some(seven.clone()), None),
            one(DifferenceKind::Changed, Some(seven.clone()), Some(text.clone())),
            one(DifferenceKind::Extra, None, Some(uuid.clone())),
            one(DifferenceKind::KindChanged, Some(seven.clone()), Some(json!({ "text": "7" }))),
        ] {
            writes.note(&difference).unwrap();
        }
        assert_eq!((writes.upserts(), writes.deletes()), (3, 2));
        let (mut upserts, mut deletes) = writes.read().unwrap();
        let seven = RecordId::from(7_u64);
        let first = upserts.next(2).unwrap();
        assert_eq!(first, [(seven.clone(), None), (seven.clone(), Some("line\nbreak \"7\"".into()))]);
        assert_eq!((upserts.next(2).unwrap(), upserts.next(2).unwrap()), (vec![(seven, None)], vec![]));
        let uuid = RecordId::Uuid(uuid::Uuid::from_u128(0x936d_a01f_9abd_4d9d_80c7_02af_85c8_22a8));
        assert_eq!(deletes.next(9).unwrap(), [(uuid, None), ("7".into(), None)]);
        assert_eq!(Writes::default().read().unwrap().0.next(9).unwrap(), []);
    }
}
