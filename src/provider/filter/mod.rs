//! The one filter language, typed in the filter bar and given to `--filter`.
//!
//! `parse` reads a text into the tree of `ast`, `eval` says what the tree means (every maker's
//! answer is held to it), each maker's own `filter` file translates the tree to its request, and
//! `refusal` is the error for what a maker has no request for. `docs/filter.md` is the user's side.

mod ast;
mod eval;
mod parse;
#[cfg(test)]
mod parse_tests;
mod print;
mod refusal;

use thiserror::Error;

pub use ast::{Check, Comparison, Expr, Literal, Path, Span, Test, TextTest};
pub use refusal::{no_text, refuse};

use super::model::Record;

/// A filter that was parsed and can be translated to every maker's request.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    root: Expr,
}

/// Why a text is no filter: what was expected, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the filter is not understood at character {}: {message}", at + 1)]
pub struct FilterError {
    /// Place in the text, in characters from its start.
    pub at: usize,
    /// What is wrong and what was expected there, a sentence.
    pub message: String,
}

impl From<Expr> for Filter {
    /// A part of a filter as one of its own.
    fn from(root: Expr) -> Self {
        Self { root }
    }
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// The place and what was expected there.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text).map(|root| Self { root })
    }

    /// The tree, for translations.
    pub fn root(&self) -> &Expr {
        &self.root
    }

    /// Whether it asks for an order (`<`, `>=`, `between` ...) of a field's values.
    pub fn orders(&self) -> bool {
        orders(&self.root)
    }

    /// Whether this record is selected: the meaning of the language, to which every maker's answer is
    /// held.
    pub fn selects(&self, record: &Record) -> bool {
        eval::holds(&self.root, record)
    }
}

fn orders(expr: &Expr) -> bool {
    use Comparison::{AtLeast, AtMost, Greater, Less};
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(orders),
        Expr::Not(inner) => orders(inner),
        Expr::Test(test) => {
            matches!(test.check, Check::Compare(Less | AtMost | Greater | AtLeast, _) | Check::Between(..))
        }
        Expr::Text(_) => false,
    }
}
