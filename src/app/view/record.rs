//! One record: payload as a tree, raw JSON, or its vectors.

use std::collections::BTreeSet;

use super::tree::{self, TreeLine};
use crate::app::list::ListState;
use crate::app::loadable::Loadable;
use crate::provider::model::{Record, RecordId, Vector};

/// Which face of the record is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecordMode {
    /// The payload as a tree.
    #[default]
    Tree,
    /// The record as JSON, without vectors.
    Json,
    /// Each vector as sparkline, norm and numbers.
    Vector,
}

impl RecordMode {
    /// All, in the order of the key.
    pub const ALL: [Self; 3] = [Self::Tree, Self::Json, Self::Vector];

    /// The next face.
    pub fn next(self) -> Self {
        match self {
            Self::Tree => Self::Json,
            Self::Json => Self::Vector,
            Self::Vector => Self::Tree,
        }
    }

    /// The word on the pane's border.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Json => "json",
            Self::Vector => "vector",
        }
    }
}

/// Numbers of a vector on one line.
pub const NUMBERS_PER_LINE: usize = 5;

/// One line of the vector face.
#[derive(Debug, Clone, PartialEq)]
pub enum VectorLine {
    /// Name, kind and norm.
    Header {
        /// Name of the vector, empty for the unnamed one.
        name: String,
        /// `dense 384`, `sparse 12 of ...`, `multi 3 x 128`.
        kind: String,
        /// Euclidean norm.
        norm: f64,
    },
    /// All values, to be drawn as a sparkline.
    Spark(Vec<f32>),
    /// Some numbers from an index on.
    Numbers {
        /// Index of the first (place, for sparse vectors).
        index: u32,
        /// The numbers.
        values: Vec<f32>,
    },
}

/// One record in a pane.
#[derive(Debug, Clone)]
pub struct RecordView {
    /// The collection.
    pub collection: String,
    /// Which record.
    pub id: RecordId,
    /// The record, with its vectors.
    pub record: Loadable<Record>,
    /// Which face.
    pub mode: RecordMode,
    /// Selected line and what is in sight.
    pub list: ListState,
    /// Collapsed places of the tree.
    pub collapsed: BTreeSet<String>,
}

impl RecordView {
    /// A view of a record of which nothing, or only what the table knows, is loaded.
    pub fn new(collection: &str, id: RecordId, known: Option<Record>) -> Self {
        let record = Loadable { value: known, ..Loadable::default() };
        let (mode, list, collapsed) = Default::default();
        Self { collection: collection.to_owned(), id, record, mode, list, collapsed }
    }

    /// The lines of the tree: the text first, if the maker stores one apart.
    pub fn tree_lines(&self) -> Vec<TreeLine> {
        let Some(record) = &self.record.value else { return Vec::new() };
        let mut lines = Vec::new();
        if let Some(text) = &record.text {
            lines.push(TreeLine {
                depth: 0,
                key: "text".to_owned(),
                path: "text".to_owned(),
                value: text.clone(),
                kind: tree::ValueKind::Text,
                expanded: None,
            });
        }
        lines.extend(tree::lines(&record.payload, &self.collapsed));
        lines
    }

    /// The lines of the JSON face.
    pub fn json_lines(&self) -> Vec<String> {
        let Some(record) = &self.record.value else { return Vec::new() };
        let without = Record { vectors: None, ..record.clone() };
        let text = serde_json::to_string_pretty(&without.to_json()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The lines of the vector face.
    pub fn vector_lines(&self) -> Vec<VectorLine> {
        let vectors = self.record.value.as_ref().and_then(|r| r.vectors.as_ref());
        vectors.iter().flat_map(|v| &v.0).flat_map(|(name, vector)| vector_lines(name, vector)).collect()
    }

    /// Number of lines of the face that is shown.
    pub fn len(&self) -> usize {
        match self.mode {
            RecordMode::Tree => self.tree_lines().len(),
            RecordMode::Json => self.json_lines().len(),
            RecordMode::Vector => self.vector_lines().len(),
        }
    }

    /// Whether the face has no line.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn vector_lines(name: &str, vector: &Vector) -> Vec<VectorLine> {
    let header = |kind: String| VectorLine::Header { name: name.to_owned(), kind, norm: vector.norm() };
    let dense = |values: &[f32]| {
        let numbers = values.chunks(NUMBERS_PER_LINE).enumerate().map(|(i, chunk)| VectorLine::Numbers {
            index: u32::try_from(i * NUMBERS_PER_LINE).unwrap_or(u32::MAX),
            values: chunk.to_vec(),
        });
        std::iter::once(VectorLine::Spark(values.to_vec())).chain(numbers).collect::<Vec<_>>()
    };
    let mut lines = Vec::new();
    match vector {
        Vector::Dense(values) => {
            lines.push(header(format!("dense {}", values.len())));
            lines.extend(dense(values));
        }
        Vector::Sparse { indices, values } => {
            lines.push(header(format!("sparse {} non-zero", values.len())));
            let pairs = indices.iter().zip(values);
            lines.extend(pairs.map(|(i, v)| VectorLine::Numbers { index: *i, values: vec![*v] }));
        }
        Vector::Multi(rows) => {
            lines.push(header(format!("multi {} x {}", rows.len(), rows.first().map_or(0, Vec::len))));
            for row in rows {
                lines.extend(dense(row));
            }
        }
    }
    lines
}
