//! Our filter language to Milvus' expressions.
//!
//! What a test means depends on the field: `declared` are those of the schema, `json` what is in
//! dynamic fields and in JSON fields. Milvus has no type for a field there, and compares the elements of
//! no array; some things it cannot even tell apart. Such a test is sent together with a [`Doubt`]: a
//! question for records of which the answer would be wrong. If there are any, the filter is refused.
//! Measured on Milvus Lite 3.2.2 and Milvus 2.3.5; `docs/providers.md` says what was found.

mod declared;
mod json;
#[cfg(test)]
mod tests;

use super::expression::{self, is_plain};
use super::layout::Layout;
use super::server::Dialect;
use super::{PRODUCT, layout::DYNAMIC};
use crate::provider::filter::{Check, Expr, Filter, Test, no_text, refuse};
use crate::provider::{ProviderError, Result};

use super::proto::data_type;

/// An expression, and what must not be in the collection for it to mean what it should.
#[derive(Debug, PartialEq)]
pub(super) struct Translated {
    pub(super) expr: String,
    pub(super) doubts: Vec<Doubt>,
}

/// Records that would make the answer wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Doubt {
    /// Selects them.
    pub(super) expr: String,
    /// Holds for all of those that are well: it is unknown for the others, which no condition can select.
    pub(super) unless: Option<String>,
    /// What to say if there are any.
    pub(super) refusal: ProviderError,
}

impl Translated {
    /// For people: the expression, and what is asked before it.
    pub(super) fn shown(&self) -> String {
        let shown = |doubt: &Doubt| match &doubt.unless {
            None => doubt.expr.clone(),
            Some(known) => format!("{}\nbut for those of\n{known}", doubt.expr),
        };
        let asked: Vec<String> = self.doubts.iter().map(shown).collect();
        match asked.as_slice() {
            [] => self.expr.clone(),
            asked => format!("{}\n\nasked first, and must select nothing:\n{}", self.expr, asked.join("\n")),
        }
    }
}

/// The expression for a filter.
///
/// # Errors
/// [`ProviderError::Unsupported`], with the place, for what this server has no expression for.
pub(super) fn translate(filter: &Filter, layout: &Layout, dialect: Dialect) -> Result<Translated> {
    let mut asked = Asked { layout, dialect, doubts: Vec::new(), rows_in_python: None };
    let piece = asked.piece(filter.root())?;
    let expr = match piece {
        Piece::Always(holds) => expression::constant(&layout.key, holds),
        // Milvus Lite has a second way to compute, which is not exact. A function makes it take the first,
        // and so does a path into a value: what is added holds for every record.
        Piece::Text(text) => match asked.rows_in_python {
            Some(path) if !text.contains("json_contains") => {
                format!("({text}) and ({path} is not null or {path} is null or {path}[\"_\"] is null)")
            }
            _ => text,
        },
    };
    Ok(Translated { expr, doubts: asked.doubts })
}

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// Holds for every record, or for none.
    Always(bool),
    Text(String),
}

impl Piece {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn not(self) -> Self {
        match self {
            Self::Always(holds) => Self::Always(!holds),
            Self::Text(text) => Self::Text(format!("not ({text})")),
        }
    }

    fn all(pieces: Vec<Self>) -> Self {
        Self::join(pieces, false, " and ")
    }

    fn any(pieces: Vec<Self>) -> Self {
        Self::join(pieces, true, " or ")
    }

    /// `decides` is the value that settles it whatever the others are.
    fn join(pieces: Vec<Self>, decides: bool, word: &str) -> Self {
        let mut texts = Vec::new();
        for piece in pieces {
            match piece {
                Self::Always(holds) if holds == decides => return Self::Always(decides),
                Self::Always(_) => {}
                Self::Text(text) => texts.push(text),
            }
        }
        match texts.len() {
            0 => Self::Always(!decides),
            1 => Self::Text(texts.swap_remove(0)),
            _ => Self::Text(format!("({})", texts.join(word))),
        }
    }
}

struct Asked<'a> {
    layout: &'a Layout,
    dialect: Dialect,
    doubts: Vec<Doubt>,
    /// A path that the expression asks for, where Milvus Lite is to be exact.
    rows_in_python: Option<String>,
}

impl Asked<'_> {
    fn piece(&mut self, expr: &Expr) -> Result<Piece> {
        Ok(match expr {
            Expr::And(parts) => Piece::all(self.pieces(parts)?),
            Expr::Or(parts) => Piece::any(self.pieces(parts)?),
            Expr::Not(inner) => self.piece(inner)?.not(),
            Expr::Test(test) => self.test(test)?,
            Expr::Text(test) => return Err(no_text(PRODUCT, test)),
        })
    }

    fn pieces(&mut self, parts: &[Expr]) -> Result<Vec<Piece>> {
        parts.iter().map(|part| self.piece(part)).collect()
    }

    fn test(&mut self, test: &Test) -> Result<Piece> {
        let Some((head, inner)) = test.path.0.split_first() else { return Ok(Piece::Always(false)) };
        if let Some(field) = self.layout.field(head) {
            return match (field.kind, inner.is_empty()) {
                (data_type::JSON, true) => {
                    Err(self::refused(test, "a JSON field is asked for by its keys, `field.key`"))
                }
                (data_type::JSON, false) if !is_plain(head) => Err(unwritable(test, head)),
                (data_type::JSON, false) => json::Asked::new(self, test, head.clone(), inner)?.piece(),
                (_, false) => Ok(missing(&test.check)),
                (_, true) if !is_plain(head) => Err(unwritable(test, head)),
                (_, true) => declared::piece(field, test, self.dialect),
            };
        }
        if *head == self.layout.key.field {
            let reason =
                format!("{head} is the record's id, which is no part of the payload; look the record up by it");
            return Err(refused(test, reason));
        }
        if self.layout.vectors.iter().any(|vector| vector.field == *head) {
            return Err(refused(test, format!("{head} is a vector")));
        }
        if let Some((_, kind)) = self.layout.hidden.iter().find(|(name, _)| name == head) {
            return Err(refused(test, format!("fields of the type {} are not compared here", data_type::name(*kind))));
        }
        if !self.layout.dynamic {
            return Ok(missing(&test.check));
        }
        let path = format!("{DYNAMIC}[{}]", expression::quote(head));
        json::Asked::dynamic(self, test, path, head, inner)?.piece()
    }
}

/// What a test of a field that no record has comes to.
fn missing(check: &Check) -> Piece {
    Piece::Always(matches!(check, Check::IsNull | Check::IsMissing))
}

fn refused(test: &Test, reason: impl AsRef<str>) -> ProviderError {
    refuse(PRODUCT, test.span, reason)
}

fn unwritable(test: &Test, name: &str) -> ProviderError {
    refused(test, format!("{name:?} is a word of its expressions, or none that may stand in them"))
}
