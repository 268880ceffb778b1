//! A filter in the few conditions that Qdrant has, before it becomes types of the server's protocol
//! (`filter` here) or of the embedded engine (`qdrant_edge::filter`): what they mean is the same.
//!
//! Numbers are asked for as ranges, because `match` sees no whole float, and ranges compare as
//! `f64`: numbers from 2^53 are refused where that could select a neighbour.

use crate::provider::Result;
use crate::provider::filter::{Check, Comparison, Expr, Literal, Path, Span, Test, no_text, refuse};

/// Qdrant's conditions.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::provider) enum Plan {
    /// `must`.
    All(Vec<Plan>),
    /// `should`.
    Any(Vec<Plan>),
    /// `must_not`.
    Not(Box<Plan>),
    /// A condition on the field of that JSON path.
    Field(String, Leaf),
}

/// A condition on one field; on an array it holds if it holds for an element.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::provider) enum Leaf {
    /// Is one of these texts.
    Texts(Vec<String>),
    /// Is anything but null and these texts.
    NoneOf(Vec<String>),
    /// Is this whole number, stored as such.
    Integer(i64),
    /// Is this.
    Bool(bool),
    /// Is a number in these bounds.
    Range(Bounds),
    /// Is a text with this part.
    Substring(String),
    /// Is missing, null or an empty array.
    Empty,
    /// Is there, also as null or as an empty array.
    Present,
    /// Of the values at this path, one is null or an empty array.
    OneEmpty,
    /// Of the values at this path, one is null.
    OneNull,
    /// Is an array with an object in it.
    HasObject,
}

/// Bounds of a range.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::provider) struct Bounds {
    pub(in crate::provider) gt: Option<f64>,
    pub(in crate::provider) gte: Option<f64>,
    pub(in crate::provider) lt: Option<f64>,
    pub(in crate::provider) lte: Option<f64>,
}

/// The conditions for a filter; `product` is named in refusals.
pub(in crate::provider) fn plan(expr: &Expr, product: &'static str) -> Result<Plan> {
    let plans = |parts: &[Expr]| parts.iter().map(|part| plan(part, product)).collect::<Result<Vec<_>>>();
    Ok(match expr {
        Expr::And(parts) => Plan::All(plans(parts)?),
        Expr::Or(parts) => Plan::Any(plans(parts)?),
        Expr::Not(inner) => Plan::Not(Box::new(plan(inner, product)?)),
        Expr::Test(test) => {
            let asked = Asked { key: key(&test.path, test.span, product)?, span: test.span, product };
            asked.test(test)?
        }
        Expr::Text(test) => return Err(no_text(product, test)),
    })
}

/// The JSON path of a field.
pub(super) fn key(path: &Path, span: Span, product: &'static str) -> Result<String> {
    let mut key = String::new();
    for part in &path.0 {
        if part.contains(['"', '\\']) {
            return Err(refuse(product, span, format!("its paths have no key with a quote or backslash, as {part:?}")));
        }
        let separator = if key.is_empty() { "" } else { "." };
        let bare = !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let quote = if bare { "" } else { "\"" };
        key += &format!("{separator}{quote}{part}{quote}");
    }
    Ok(key)
}

struct Asked {
    key: String,
    span: Span,
    product: &'static str,
}

impl Asked {
    fn test(&self, test: &Test) -> Result<Plan> {
        match &test.check {
            Check::Compare(Comparison::Equal, literal) => self.equal(literal),
            Check::Compare(Comparison::NotEqual, literal) => self.none_of(std::slice::from_ref(literal)),
            Check::Compare(comparison, literal) => {
                let bound = Some(self.bound(literal)?);
                Ok(self.range(match comparison {
                    Comparison::Less => Bounds { lt: bound, ..Bounds::default() },
                    Comparison::AtMost => Bounds { lte: bound, ..Bounds::default() },
                    Comparison::Greater => Bounds { gt: bound, ..Bounds::default() },
                    _ => Bounds { gte: bound, ..Bounds::default() },
                }))
            }
            Check::Between(low, high) => {
                let (gte, lte) = (Some(self.bound(low)?), Some(self.bound(high)?));
                Ok(self.range(Bounds { gte, lte, ..Bounds::default() }))
            }
            Check::In(list) => Ok(Plan::Any(list.iter().map(|literal| self.equal(literal)).collect::<Result<_>>()?)),
            Check::NotIn(list) => self.none_of(list),
            Check::Contains(Literal::Text(part)) => Ok(Plan::Any(vec![
                self.field(Leaf::Texts(vec![part.clone()])),
                // a part of the text, but only of a text that is no element: `x[]` are the elements
                Plan::All(vec![
                    self.field(Leaf::Substring(part.clone())),
                    Plan::Field(format!("{}[]", self.key), Leaf::Empty),
                ]),
            ])),
            Check::Contains(literal) => self.equal(literal),
            Check::Exists => Ok(not(self.field(Leaf::Empty))),
            Check::IsNull => Ok(self.field(Leaf::Empty)),
            Check::IsMissing => Ok(not(self.field(Leaf::Present))),
        }
    }

    fn equal(&self, literal: &Literal) -> Result<Plan> {
        Ok(match literal {
            Literal::Text(text) => self.field(Leaf::Texts(vec![text.clone()])),
            Literal::Bool(value) => self.field(Leaf::Bool(*value)),
            Literal::Integer(n) if literal.exact_f64().is_none() => self.field(Leaf::Integer(self.no_float(*n)?)),
            Literal::Integer(_) | Literal::Float(_) => {
                let value = Some(self.bound(literal)?);
                self.range(Bounds { gte: value, lte: value, ..Bounds::default() })
            }
        })
    }

    /// A large whole number that no float is equal to.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    fn no_float(&self, n: i128) -> Result<i64> {
        i64::try_from(n).ok().filter(|_| n as f64 as i128 != n).ok_or_else(|| {
            self.refuse(format!("it cannot tell {n} from its neighbours, because it compares such numbers as floats"))
        })
    }

    /// A value that is not null and equal to none of these.
    fn none_of(&self, list: &[Literal]) -> Result<Plan> {
        let texts: Vec<String> =
            list.iter().filter_map(|l| if let Literal::Text(text) = l { Some(text.clone()) } else { None }).collect();
        let flags: Vec<bool> =
            list.iter().filter_map(|l| if let Literal::Bool(flag) = l { Some(*flag) } else { None }).collect();
        if texts.len() == list.len() {
            return Ok(self.field(Leaf::NoneOf(texts)));
        }
        if !texts.is_empty() || !(flags.is_empty() || flags.len() == list.len()) {
            return Err(self.refuse("`not in` a list with values of different kinds; write a list for each kind"));
        }
        let mut numbers =
            if flags.is_empty() { list.iter().map(|l| self.bound(l)).collect::<Result<Vec<_>>>()? } else { Vec::new() };
        numbers.sort_unstable_by(f64::total_cmp);
        // Numbers beside these, any text, the other boolean; what is left are objects and arrays.
        let edges = |gt, lt| self.range(Bounds { gt, lt, ..Bounds::default() });
        let mut ways = match (numbers.first(), numbers.last()) {
            (Some(first), Some(last)) => vec![edges(None, Some(*first)), edges(Some(*last), None)],
            _ => vec![self.range(Bounds { gte: Some(f64::MIN), ..Bounds::default() })],
        };
        ways.extend(numbers.windows(2).filter(|pair| pair[0] < pair[1]).map(|p| edges(Some(p[0]), Some(p[1]))));
        ways.push(self.field(Leaf::Substring(String::new())));
        ways.extend([true, false].into_iter().filter(|b| !flags.contains(b)).map(|b| self.field(Leaf::Bool(b))));
        let listed = list.iter().map(|literal| self.equal(literal)).collect::<Result<_>>()?;
        ways.push(Plan::All(vec![self.field(Leaf::NoneOf(vec![String::new()])), not(Plan::Any(listed))]));
        // ... also in an array with one of the listed values: `x[]` are its elements
        ways.push(self.field(Leaf::HasObject));
        let elements = |leaf| Plan::Field(format!("{}[]", self.key), leaf);
        ways.push(Plan::Field(format!("{}[][]", self.key), Leaf::Present));
        let empty = vec![elements(Leaf::Present), elements(Leaf::OneEmpty), not(elements(Leaf::OneNull))];
        ways.push(Plan::All(empty));
        Ok(Plan::Any(ways))
    }

    /// A number that Qdrant's ranges are exact for.
    fn bound(&self, literal: &Literal) -> Result<f64> {
        match literal {
            Literal::Text(_) => Err(self.refuse("it has no order of texts")),
            _ => literal.exact_f64().ok_or_else(|| {
                self.refuse(format!("it compares numbers as floats, which are not exact for {literal} (from 2^53)"))
            }),
        }
    }

    fn range(&self, bounds: Bounds) -> Plan {
        self.field(Leaf::Range(bounds))
    }

    fn field(&self, leaf: Leaf) -> Plan {
        Plan::Field(self.key.clone(), leaf)
    }

    fn refuse(&self, reason: impl AsRef<str>) -> crate::provider::ProviderError {
        refuse(self.product, self.span, reason)
    }
}

fn not(plan: Plan) -> Plan {
    Plan::Not(Box::new(plan))
}
