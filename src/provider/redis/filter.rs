//! Our filter language to an expression of `FT.AGGREGATE`.
//!
//! The engine reads the fields from the documents themselves and evaluates the expression there, so a
//! field need not be in the index. Of a JSON document each test reads a few columns by JSONPath, some
//! with a condition in it, such as `$["x"][?(@>5)]`: such a path gives a single value or the elements of an
//! array that satisfy it, but also the values of an object, which our language does not look into; the
//! other columns tell the kinds apart. A path that RedisJSON does not understand gives nothing,
//! without an error: only forms that were tried are made here, the rest is refused.

use super::PRODUCT;
use super::documents::is_numeric;
use super::index::Index;
use super::json_path;
use crate::provider::filter::{Check, Comparison, Expr, Filter, Literal, Test, no_text, refuse};
use crate::provider::{ProviderError, Result};

/// Which documents are taken: columns to be read of each, named `vi_0`, `vi_1` and so on, and an
/// expression on them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Selection {
    /// What is read.
    pub(super) columns: Vec<String>,
    /// What must hold; all documents are taken without it.
    pub(super) condition: Option<String>,
}

/// The selection for a filter on that index.
///
/// # Errors
/// `Unsupported`, with the place, for what has no expression.
pub(super) fn translate(index: &Index, filter: Option<&Filter>) -> Result<Selection> {
    let mut writer = Writer { index, columns: Vec::new() };
    let condition = filter.map(|filter| writer.expression(filter.root())).transpose()?;
    Ok(Selection { columns: writer.columns, condition })
}

impl Selection {
    /// The selection as `FT.AGGREGATE` takes it, on several lines.
    pub(super) fn shown(&self) -> String {
        let columns = self.columns.iter().enumerate();
        let mut text = format!("LOAD {}\n", 3 * self.columns.len());
        text += &columns.map(|(at, column)| format!("  {column} AS vi_{at}\n")).collect::<String>();
        text + &format!("FILTER {}", self.condition.as_deref().unwrap_or(ALWAYS))
    }
}

struct Writer<'a> {
    index: &'a Index,
    columns: Vec<String>,
}

const ALWAYS: &str = "(1 == 1)";
const NEVER: &str = "(1 == 0)";

impl Writer<'_> {
    fn expression(&mut self, expr: &Expr) -> Result<String> {
        match expr {
            Expr::And(parts) => self.joined(parts, " && "),
            Expr::Or(parts) => self.joined(parts, " || "),
            Expr::Not(inner) => Ok(format!("!({})", self.expression(inner)?)),
            Expr::Test(test) => self.test(test),
            Expr::Text(test) => Err(no_text(PRODUCT, test)),
        }
    }

    fn joined(&mut self, parts: &[Expr], sign: &str) -> Result<String> {
        let parts = parts.iter().map(|part| self.expression(part)).collect::<Result<Vec<_>>>()?;
        Ok(format!("({})", parts.join(sign)))
    }

    fn test(&mut self, test: &Test) -> Result<String> {
        if self.is_in_a_vector(&test.path.0) {
            return Ok(of_nothing(test));
        }
        if self.index.json { self.json(test) } else { self.hash(test) }
    }

    /// Vectors are no part of the payload.
    fn is_in_a_vector(&self, keys: &[String]) -> bool {
        self.index.vectors.iter().filter_map(|field| field.path.as_deref()).any(|path| keys.starts_with(path))
    }

    /// The name of a column, which is read once.
    fn column(&mut self, source: String) -> String {
        let at = self.columns.iter().position(|known| *known == source).unwrap_or_else(|| {
            self.columns.push(source);
            self.columns.len() - 1
        });
        format!("@vi_{at}")
    }

    fn json(&mut self, test: &Test) -> Result<String> {
        let Some(path) = json_path::write(&test.path.0) else {
            let reason = "its paths cannot name a key that is empty or has a backslash or both kinds of quotes";
            return Err(refuse(PRODUCT, test.span, reason));
        };
        let value = Kinds::of(self, &path);
        let one_that = |writer: &mut Self, condition: String| {
            let column = writer.column(format!("{path}[?({condition})]"));
            format!("exists({column})")
        };
        Ok(match &test.check {
            Check::Exists => value.is_something(),
            Check::IsNull => format!("!{}", value.is_something()),
            Check::IsMissing => format!("!exists({})", value.value),
            Check::Compare(Comparison::NotEqual, literal) => {
                let condition = other_than(test, std::slice::from_ref(literal))?;
                format!("({} || {})", value.is_object(), one_that(self, condition))
            }
            Check::NotIn(list) => {
                let condition = other_than(test, list)?;
                format!("({} || {})", value.is_object(), one_that(self, condition))
            }
            Check::Contains(Literal::Text(part)) => {
                let inside = one_that(self, format!("@=~{}", pattern(test, part)?));
                let element = one_that(self, one_of(test, &[Literal::Text(part.clone())])?);
                let (text, object) = (value.is_text(), value.is_object());
                format!("(({text} && {inside}) || (!{text} && !{object} && {element}))")
            }
            check => {
                let condition = match check {
                    Check::In(list) => one_of(test, list)?,
                    Check::Between(low, high) => {
                        format!("@>={} && @<={}", json_literal(test, low)?, json_literal(test, high)?)
                    }
                    Check::Contains(literal) | Check::Compare(Comparison::Equal, literal) => {
                        one_of(test, std::slice::from_ref(literal))?
                    }
                    Check::Compare(comparison, literal) => {
                        format!("@{}{}", comparison.sign(), json_literal(test, literal)?)
                    }
                    Check::Exists | Check::IsNull | Check::IsMissing | Check::NotIn(_) => return Ok(NEVER.to_owned()),
                };
                format!("({} && !{})", one_that(self, condition), value.is_object())
            }
        })
    }

    /// Hashes hold texts, and numbers where the index says so.
    fn hash(&mut self, test: &Test) -> Result<String> {
        let [name] = test.path.0.as_slice() else {
            return Ok(of_nothing(test));
        };
        if name.is_empty() || name.starts_with(['@', '$']) || name.contains('\0') {
            return Err(refuse(PRODUCT, test.span, format!("its queries cannot name a field such as {name:?}")));
        }
        let numeric = is_numeric(self.index, name);
        let known = self.index.fields.iter().find(|field| numeric && field.identifier == *name);
        let column = self.column(format!("@{}", known.map_or(name, |field| &field.attribute)));
        let exists = format!("exists({column})");
        let one = |sign: &str, literal: &Literal| match hash_literal(test, literal)? {
            Some(value) if literal.is_number() == numeric => Ok(format!("{column} {sign} {value}")),
            _ => Ok(NEVER.to_owned()),
        };
        let any = |list: &[Literal]| {
            let parts = list.iter().map(|literal| one("==", literal)).collect::<Result<Vec<_>>>()?;
            Ok::<_, ProviderError>(parts.join(" || "))
        };
        let condition = match &test.check {
            Check::Exists => return Ok(exists),
            Check::IsNull | Check::IsMissing => return Ok(format!("!{exists}")),
            Check::Compare(Comparison::Equal, literal) => one("==", literal)?,
            Check::Compare(Comparison::NotEqual, literal) => format!("!({})", one("==", literal)?),
            Check::Compare(comparison, literal) => one(comparison.sign(), literal)?,
            Check::In(list) => any(list)?,
            Check::NotIn(list) => format!("!({})", any(list)?),
            Check::Between(low, high) => format!("{} && {}", one(">=", low)?, one("<=", high)?),
            Check::Contains(Literal::Text(part)) if !numeric && part.is_empty() => return Ok(exists),
            Check::Contains(Literal::Text(part)) if !numeric => {
                format!("contains({column}, {}) > 0", quoted(test, part)?)
            }
            Check::Contains(literal) => one("==", literal)?,
        };
        Ok(format!("({exists} && ({condition}))"))
    }
}

/// What a test says of a field that no record has.
fn of_nothing(test: &Test) -> String {
    let holds = matches!(test.check, Check::IsNull | Check::IsMissing);
    if holds { ALWAYS } else { NEVER }.to_owned()
}

/// What tells the kinds of a JSON value apart, in expressions.
struct Kinds {
    /// The value: texts as they are, objects and arrays as JSON.
    value: String,
    /// The value or its elements, without null.
    solid: String,
    /// The value if it is a text, else the first text in it.
    text: String,
}

impl Kinds {
    fn of(writer: &mut Writer<'_>, path: &str) -> Self {
        Self {
            value: writer.column(path.to_owned()),
            solid: writer.column(format!("{path}[?(@!=null)]")),
            text: writer.column(format!("{path}[?(@=~\"\")]")),
        }
    }

    fn is_text(&self) -> String {
        let Self { value, text, .. } = self;
        // A text in an object or an array is shorter than that object or array.
        format!("(exists({text}) && exists({value}) && {value} == {text})")
    }

    fn begins(&self, sign: char) -> String {
        let value = &self.value;
        format!("(exists({value}) && startswith(format(\"%s\", {value}), \"{sign}\") && !{})", self.is_text())
    }

    fn is_object(&self) -> String {
        self.begins('{')
    }

    /// Neither missing nor null nor an empty array.
    fn is_something(&self) -> String {
        let Self { value, solid, .. } = self;
        let array = self.begins('[');
        format!("(exists({solid}) || {} || ({array} && format(\"%s\", {value}) != \"[]\"))", self.is_object())
    }
}

fn one_of(test: &Test, list: &[Literal]) -> Result<String> {
    let parts = list.iter().map(|literal| Ok(format!("@=={}", json_literal(test, literal)?)));
    Ok(parts.collect::<Result<Vec<_>>>()?.join(" || "))
}

fn other_than(test: &Test, list: &[Literal]) -> Result<String> {
    let parts = list.iter().map(|literal| Ok(format!("@!={}", json_literal(test, literal)?)));
    Ok(parts.chain([Ok("@!=null".to_owned())]).collect::<Result<Vec<_>>>()?.join(" && "))
}

/// A literal of a JSONPath.
fn json_literal(test: &Test, literal: &Literal) -> Result<String> {
    match literal {
        Literal::Text(text) => {
            // Seen on RedisJSON 2.8: spaces at the beginning are lost, a backslash escapes between " only.
            let odd = text.starts_with(' ') || (text.contains('\\') && text.contains('"'));
            let quoted = json_path::quote(&text.replace('\\', "\\\\")).filter(|_| !odd);
            quoted.ok_or_else(|| {
                let reason = "its paths cannot hold a text that begins with a space, or has a NUL, or a double quote \
                              beside a single one or a backslash";
                refuse(PRODUCT, test.span, reason)
            })
        }
        Literal::Bool(flag) => Ok(flag.to_string()),
        Literal::Integer(_) | Literal::Float(_) => number(test, literal),
    }
}

/// A number without an exponent, which the paths do not understand.
fn number(test: &Test, literal: &Literal) -> Result<String> {
    match literal.exact_f64() {
        Some(number) => Ok(number.to_string()),
        None => {
            let reason = format!("it may compare numbers as floats, which are not exact for {literal} (from 2^53)");
            Err(refuse(PRODUCT, test.span, reason))
        }
    }
}

/// A regular expression that finds this text in another one.
fn pattern(test: &Test, part: &str) -> Result<String> {
    if part.contains(['\\', '[', ']', '^', '"', '\'', '\0']) {
        return Err(refuse(
            PRODUCT,
            test.span,
            "its patterns cannot look for a quote, a backslash, a bracket, ^ or a NUL",
        ));
    }
    let escaped = part.chars().fold(String::new(), |text, c| match c {
        ' ' | '.' | '$' | '*' | '+' | '?' | '(' | ')' | '{' | '}' | '|' => text + &format!("[{c}]"),
        c => text + c.encode_utf8(&mut [0; 4]),
    });
    Ok(format!("\"{escaped}\""))
}

/// A literal of an expression; `None` for what no field of a hash is equal to.
fn hash_literal(test: &Test, literal: &Literal) -> Result<Option<String>> {
    match literal {
        Literal::Text(text) => quoted(test, text).map(Some),
        Literal::Bool(_) => Ok(None),
        Literal::Integer(_) | Literal::Float(_) => number(test, literal).map(Some),
    }
}

fn quoted(test: &Test, text: &str) -> Result<String> {
    if text.contains(['\n', '\0', '\\']) {
        let reason = "its expressions cannot hold a text with a line break, a NUL or a backslash";
        return Err(refuse(PRODUCT, test.span, reason));
    }
    Ok(format!("\"{}\"", text.replace('"', "\\\"")))
}
