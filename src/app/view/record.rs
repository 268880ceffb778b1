//! One record: payload as a tree, raw JSON, or its vectors.

use std::collections::BTreeSet;

use super::contrast::Contrast;
use super::tree::{self, TreeLine};
use crate::app::list::ListState;
use crate::app::loadable::Loadable;
use crate::connection::message::RequestId;
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

/// Most numbers of a vector on one line.
const MOST_PER_LINE: usize = 8;
/// Columns of the index at the start of a line of numbers.
pub const INDEX_WIDTH: usize = 6;
/// Columns of one number, with the blank before it.
pub const NUMBER_WIDTH: usize = 1 + crate::text::format::EXACT_FLOAT;

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

/// The lines of the face that is shown. Made when the record, the face or the folds change, not
/// for each frame: a record may have a megabyte.
#[derive(Debug, Clone, PartialEq)]
pub enum Face {
    /// The payload as a tree; the text first, if the maker stores one apart.
    Tree(Vec<TreeLine>),
    /// The record as JSON, without vectors.
    Json(Vec<String>),
    /// Each vector as sparkline, norm and numbers.
    Vector(Vec<VectorLine>),
}

/// One record in a pane.
#[derive(Debug, Clone)]
pub struct RecordView {
    /// The collection.
    pub collection: String,
    /// Which record.
    pub id: RecordId,
    /// The record, with its vectors. Change it by [`RecordView::finish`].
    pub record: Loadable<Record>,
    /// Selected line and what is in sight.
    pub list: ListState,
    /// The records that were opened together in linked panes have the same number here.
    pub linked: Option<u64>,
    /// Whether the database was asked for the linked record and does not have it.
    pub absent: bool,
    /// Where it differs from the record of the linked pane.
    pub contrast: Option<Contrast>,
    mode: RecordMode,
    collapsed: BTreeSet<String>,
    face: Face,
    /// Numbers of a vector on one line: as many as fit with all their digits.
    per_line: usize,
}

impl RecordView {
    /// A view of a record of which nothing, or only what the table knows, is loaded.
    pub fn new(collection: &str, id: RecordId, known: Option<Record>) -> Self {
        let record = Loadable { value: known, ..Loadable::default() };
        let (mode, list, collapsed) = Default::default();
        let face = Face::Tree(Vec::new());
        let collection = collection.to_owned();
        let (linked, absent, contrast) = (None, false, None);
        let per_line = MOST_PER_LINE;
        let mut view = Self { collection, id, record, list, linked, absent, contrast, mode, collapsed, face, per_line };
        view.rebuild();
        view
    }

    /// The record came, or why it did not; answers to other questions change nothing.
    pub fn finish(&mut self, request: RequestId, result: Result<Record, String>) {
        if self.record.finish(request, result) {
            self.rebuild();
        }
    }

    /// Shows what the view of a linked pane shows: its face, its folds, its line.
    pub fn follow(&mut self, leader: &Self) {
        if (self.mode, &self.collapsed) != (leader.mode, &leader.collapsed) {
            (self.mode, self.collapsed) = (leader.mode, leader.collapsed.clone());
            self.rebuild();
        }
        let line = leader.list.selected;
        let same = match (&leader.face, &self.face) {
            (Face::Tree(theirs), Face::Tree(own)) => {
                theirs.get(line).and_then(|line| own.iter().position(|own| own.path == line.path))
            }
            _ => Some(line).filter(|line| *line < self.len()),
        };
        if let Some(line) = same {
            let offset = leader.list.selected.saturating_sub(leader.list.top);
            self.list = ListState { selected: line, top: line.saturating_sub(offset) };
        }
    }

    /// The database was asked for the record of a linked pane; it has none, or this one.
    pub fn found(&mut self, request: RequestId, record: Option<Record>) {
        match record {
            Some(record) => {
                self.id = record.id.clone();
                self.absent = false;
                self.finish(request, Ok(record));
            }
            None if self.record.request == Some(request) => {
                (self.record, self.absent) = (Loadable::default(), true);
                self.rebuild();
            }
            None => {}
        }
    }

    /// Which face is shown.
    pub fn mode(&self) -> RecordMode {
        self.mode
    }

    /// Shows a face from its top.
    pub fn show(&mut self, mode: RecordMode) {
        self.mode = mode;
        self.list = ListState::default();
        self.rebuild();
    }

    /// Expands or collapses the selected place of the tree.
    pub fn fold(&mut self, expand: bool) {
        let Face::Tree(lines) = &self.face else { return };
        let Some(line) = lines.get(self.list.selected).filter(|line| line.expanded.is_some()) else { return };
        let path = line.path.clone();
        if expand {
            self.collapsed.remove(&path);
        } else {
            self.collapsed.insert(path);
        }
        self.rebuild();
    }

    /// The view has lines of so many columns: numbers are laid out so that each shows every digit. The
    /// selection stays near the number that it was on.
    pub fn fit(&mut self, width: usize) {
        let per_line = (width.saturating_sub(INDEX_WIDTH) / NUMBER_WIDTH).clamp(1, MOST_PER_LINE);
        if per_line == self.per_line {
            return;
        }
        let before = std::mem::replace(&mut self.per_line, per_line);
        if self.mode == RecordMode::Vector {
            let scaled = |row: usize| row * before / per_line;
            (self.list.selected, self.list.top) = (scaled(self.list.selected), scaled(self.list.top));
            self.rebuild();
        }
    }

    /// The lines of the face that is shown.
    pub fn face(&self) -> &Face {
        &self.face
    }

    /// Number of lines of the face that is shown.
    pub fn len(&self) -> usize {
        match &self.face {
            Face::Tree(lines) => lines.len(),
            Face::Json(lines) => lines.len(),
            Face::Vector(lines) => lines.len(),
        }
    }

    /// Whether the face has no line.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn rebuild(&mut self) {
        let record = self.record.value.as_ref();
        self.face = match self.mode {
            RecordMode::Tree => Face::Tree(record.map_or_else(Vec::new, |r| tree_lines(r, &self.collapsed))),
            RecordMode::Json => Face::Json(record.map_or_else(Vec::new, json_lines)),
            RecordMode::Vector => {
                let vectors = record.and_then(|r| r.vectors.as_ref());
                let named = vectors.iter().flat_map(|v| &v.0);
                Face::Vector(named.flat_map(|(name, vector)| vector_lines(name, vector, self.per_line)).collect())
            }
        };
    }
}

fn tree_lines(record: &Record, collapsed: &BTreeSet<String>) -> Vec<TreeLine> {
    let text = record.text.iter().map(|text| TreeLine {
        depth: 0,
        key: "text".to_owned(),
        path: "text".to_owned(),
        value: text.clone(),
        kind: tree::ValueKind::Text,
        expanded: None,
    });
    text.chain(tree::lines(&record.payload, collapsed)).collect()
}

fn json_lines(record: &Record) -> Vec<String> {
    let without = Record { vectors: None, ..record.clone() };
    let text = serde_json::to_string_pretty(&without.to_json()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn vector_lines(name: &str, vector: &Vector, per_line: usize) -> Vec<VectorLine> {
    let header = |kind: String| VectorLine::Header { name: name.to_owned(), kind, norm: vector.norm() };
    let dense = |values: &[f32]| {
        let numbers = values.chunks(per_line).enumerate().map(|(i, chunk)| VectorLine::Numbers {
            index: u32::try_from(i * per_line).unwrap_or(u32::MAX),
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
