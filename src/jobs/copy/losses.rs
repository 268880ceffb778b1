//! What is lost, refused, changed or moved on the way, from what the target can do and from a sample.

use std::collections::BTreeMap;

use super::shape::{Misfit, SOURCE_JSON, SOURCE_TEXT, misfit};
use crate::jobs::model::plan::{Change, Holds, VectorPlan, Weight};
use crate::provider::model::{CollectionInfo, Record, Vector};
use crate::provider::{Capabilities, Support};

/// Bytes of a payload as JSON that makers with a limit may refuse, and the words for it: Milvus counts those of its
/// dynamic fields, and the smallest limit of the others is 40 KB.
fn large(product: &str) -> (usize, &'static str) {
    match product {
        "milvus" => (65_536, "payloads of more than 65,536 bytes"),
        _ => (40_000, "payloads of 40 KB and more"),
    }
}

/// What payloads of the target can hold.
pub fn holds(can: &Capabilities) -> Holds {
    Holds {
        nested: can.nested_payload.is_yes(),
        arrays: can.array_payload.is_yes(),
        nulls: can.null_values.is_yes(),
        unsigned: can.unsigned_integers.is_yes(),
        exact_integers: can.exact_integers.is_yes(),
        exact_floats: can.exact_floats.is_yes(),
        whole_floats: can.whole_floats.is_yes(),
        negative_zeros: can.negative_zeros.is_yes(),
        any_keys: can.any_keys.is_yes(),
        reserved_keys: can.reserved_keys.is_yes(),
    }
}

/// What both ends, a sample of records and the planned vectors say.
pub struct Seen<'a> {
    /// What the source can do.
    pub source: &'a Capabilities,
    /// What the target can do.
    pub target: &'a Capabilities,
    /// The product that is copied to.
    pub product: &'a str,
    /// What the source tells of the collection.
    pub info: &'a CollectionInfo,
    /// Some records, with vectors.
    pub sample: &'a [Record],
    /// The vectors that are copied.
    pub vectors: &'a [VectorPlan],
}

impl Seen<'_> {
    /// All of it.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        self.payloads(&mut changes);
        self.floats(&mut changes);
        self.vectors(&mut changes);
        self.texts(&mut changes);
        self.schema(&mut changes);
        changes
    }

    fn count(&self, is: impl Fn(&Record) -> bool) -> u64 {
        self.sample.iter().filter(|record| is(record)).count() as u64
    }

    /// One row of the capabilities: told where the target cannot and the source can.
    fn row(&self, weight: Weight, what: &str, rows: [&Support; 2], then: &str, sampled: Option<u64>) -> Option<Change> {
        let [source, target] = rows;
        let Support::No(reason) = target else { return None };
        if !source.is_yes() && sampled.unwrap_or(0) == 0 {
            return None;
        }
        Some(Change { weight, what: what.to_owned(), why: format!("{reason}{then}."), sampled })
    }

    fn payloads(&self, changes: &mut Vec<Change>) {
        let holds = holds(self.target);
        let mut found: BTreeMap<Misfit, u64> = BTreeMap::new();
        for record in self.sample {
            let mut misfits: Vec<Misfit> =
                record.payload.iter().filter_map(|(key, value)| misfit(&holds, key, value)).collect();
            misfits.sort_unstable();
            misfits.dedup();
            misfits.into_iter().for_each(|misfit| *found.entry(misfit).or_default() += 1);
        }
        let (source, target) = (self.source, self.target);
        let then = format!("; such a field goes as JSON text into {SOURCE_JSON}");
        for (misfit, what, rows) in [
            (Misfit::Nested, "objects in payloads", [&source.nested_payload, &target.nested_payload]),
            (Misfit::Array, "arrays in payloads", [&source.array_payload, &target.array_payload]),
            (Misfit::Null, "null, empty and mixed arrays", [&source.null_values, &target.null_values]),
            (Misfit::Unsigned, "integers above 2^63 - 1", [&source.unsigned_integers, &target.unsigned_integers]),
            (Misfit::Integer, "integers beyond 2^53", [&source.exact_integers, &target.exact_integers]),
            (Misfit::Key, "unusual names of fields", [&source.any_keys, &target.any_keys]),
            (
                Misfit::Key,
                "the empty name of a field, and names with $",
                [&source.reserved_keys, &target.reserved_keys],
            ),
        ] {
            let sampled = Some(found.get(&misfit).copied().unwrap_or(0));
            changes.extend(self.row(Weight::Moved, what, rows, &then, sampled));
        }
        let rows = [&source.mixed_fields, &target.mixed_fields];
        let then = "; a record whose field has another kind than before is refused";
        changes.extend(self.row(Weight::Refused, "fields of mixed kinds", rows, then, None));
        let (most, what) = large(self.product);
        let json = |record: &Record| serde_json::to_string(&record.payload).map_or(0, |text| text.len());
        let found = self.count(|record| json(record) > most);
        let rows = [&source.large_payloads, &target.large_payloads];
        let then = "; a record with more may be refused";
        changes.extend(self.row(Weight::Refused, what, rows, then, Some(found)));
    }

    fn floats(&self, changes: &mut Vec<Change>) {
        let has = |record: &Record, is: &dyn Fn(f64) -> bool| record.payload.values().any(|value| any(value, is));
        let floats = self.count(|record| has(record, &|_| true));
        let rows = [&self.source.exact_floats, &self.target.exact_floats];
        changes.extend(self.row(Weight::Changed, "floats in payloads", rows, "", Some(floats)));
        let whole = self.count(|record| has(record, &|float| float.fract() == 0.0));
        let rows = [&self.source.whole_floats, &self.target.whole_floats];
        changes.extend(self.row(Weight::Changed, "floats without a fraction", rows, "", Some(whole)));
        let zeros = self.count(|record| has(record, &|float| float == 0.0 && float.is_sign_negative()));
        if zeros > 0 {
            let rows = [&self.source.negative_zeros, &self.target.negative_zeros];
            let then = ", which the proof overlooks";
            changes.extend(self.row(Weight::Changed, "-0.0 in payloads", rows, then, Some(zeros)));
        }
    }

    fn vectors(&self, changes: &mut Vec<Change>) {
        let copied = |record: &Record, is: &dyn Fn(&VectorPlan, &Vector) -> bool| {
            let all = record.vectors.iter().flat_map(|vectors| &vectors.0);
            all.into_iter().any(|(name, vector)| {
                self.vectors.iter().find(|planned| planned.from == *name).is_some_and(|planned| is(planned, vector))
            })
        };
        let nan = self.count(|record| copied(record, &|_, vector| !vector.norm().is_finite()));
        let rows = [&self.source.nan_vectors, &self.target.nan_vectors];
        let then = "; a record with others is refused";
        changes.extend(self.row(Weight::Refused, "NaN and infinities in vectors", rows, then, Some(nan)));
        if self.vectors.iter().any(|vector| vector.normalised || vector.rescaled) {
            let longer = |planned: &VectorPlan, vector: &Vector| {
                let rows = if let Vector::Multi(rows) = vector { rows.len().max(1) } else { 1 };
                let norm = vector.norm() / (rows as f64).sqrt();
                planned.normalised && norm != 0.0 && (norm - 1.0).abs() > 1e-5
            };
            let sampled = self.count(|record| copied(record, &longer));
            let rows = [&Support::Yes, &self.target.cosine_lengths];
            // What has the length 1 already is changed by no more than the last bits.
            let weight = if sampled > 0 { Weight::Lost } else { Weight::Changed };
            let lost = self.row(weight, "the length of vectors under cosine", rows, "; directions stay", Some(sampled));
            let rows = [&Support::Yes, &self.target.cosine_vectors];
            let last_bits = || self.row(Weight::Changed, "the last bits of vectors under cosine", rows, "", None);
            changes.extend(lost.or_else(last_bits));
        }
    }

    fn texts(&self, changes: &mut Vec<Change>) {
        let rows = [&self.source.record_text, &self.target.record_text];
        let sampled = Some(self.count(|record| record.text.is_some()));
        let then = format!("; it goes into the field {SOURCE_TEXT}");
        changes.extend(self.row(Weight::Moved, "the text beside the payload", rows, &then, sampled));
    }

    fn schema(&self, changes: &mut Vec<Change>) {
        let mut note = |what: &str, why: String| {
            changes.push(Change { weight: Weight::Note, what: what.to_owned(), why, sampled: None });
        };
        let indexed: Vec<&str> =
            self.info.fields.iter().filter(|field| field.indexed.is_some()).map(|field| field.path.as_str()).collect();
        if !indexed.is_empty() {
            note("payload indexes", format!("indexes of fields are not copied: {}.", indexed.join(", ")));
        }
        let is_copied = |name: &str| self.vectors.iter().any(|vector| vector.from == name);
        let specs = self.info.summary.vectors.iter().filter(|spec| is_copied(&spec.name));
        for spec in specs {
            if let Some(model) = &spec.embedder {
                let why = format!("the model {model} of the vector {:?} is not set up at the target.", spec.name);
                note("the model for texts", why);
            }
        }
        note("settings of the index", "the target builds its index with its own settings.".to_owned());
    }
}

/// Whether a float in the value is so.
pub fn any(value: &serde_json::Value, is: &dyn Fn(f64) -> bool) -> bool {
    match value {
        serde_json::Value::Number(number) => number.is_f64() && number.as_f64().is_some_and(is),
        serde_json::Value::Array(values) => values.iter().any(|value| any(value, is)),
        serde_json::Value::Object(fields) => fields.values().any(|value| any(value, is)),
        _ => false,
    }
}
