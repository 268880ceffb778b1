//! Names: of collections as users write them, and of everything in SQL.
//!
//! A collection is a table, named `table` in the schema `public` and `schema.table` elsewhere. A part
//! with a point or a double quote in it, or an empty one, stands in double quotes, with quotes in it
//! doubled: `"a.b"` is a table of `public`, `a.b` the table `b` of the schema `a`. Case is kept.

use crate::provider::{ProviderError, Result};

/// The schema that is not written.
const PUBLIC: &str = "public";
/// PostgreSQL cuts longer names off in silence.
const LONGEST: usize = 63;

/// A table with its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableName {
    /// The schema.
    pub(super) schema: String,
    /// The table.
    pub(super) table: String,
}

impl TableName {
    /// The table that a collection's name means, `None` if it can be the name of none.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut parts = parts(name)?.into_iter();
        let (first, second) = (parts.next()?, parts.next());
        if parts.next().is_some() {
            return None;
        }
        let (schema, table) = match second {
            Some(table) => (first, table),
            None => (PUBLIC.to_owned(), first),
        };
        let possible = |part: &str| !part.is_empty() && part.len() <= LONGEST && !part.contains('\0');
        (possible(&schema) && possible(&table)).then_some(Self { schema, table })
    }

    /// The collection's name.
    pub(super) fn shown(&self) -> String {
        let part = |part: &str| if part.contains(['.', '"']) { quote(part) } else { part.to_owned() };
        if self.schema == PUBLIC { part(&self.table) } else { format!("{}.{}", part(&self.schema), part(&self.table)) }
    }

    /// The table in SQL, quoted.
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.table))
    }
}

/// Splits at points outside of quotes, and takes the quotes off.
fn parts(name: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = name;
    loop {
        let (part, behind) = match rest.strip_prefix('"') {
            Some(inner) => quoted(inner)?,
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                let (part, behind) = rest.split_at(end);
                if part.contains('"') {
                    return None;
                }
                (part.to_owned(), behind)
            }
        };
        found.push(part);
        if behind.is_empty() {
            return Some(found);
        }
        rest = behind.strip_prefix('.')?;
    }
}

/// The text up to the closing quote, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"')?;
        part.push_str(rest.get(..end)?);
        rest = rest.get(end + 1..)?;
        match rest.strip_prefix('"') {
            Some(more) => {
                part.push('"');
                rest = more;
            }
            None => return Some((part, rest)),
        }
    }
}

/// An identifier in SQL.
pub(super) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// A text as a constant in SQL, for the few statements that take no parameters.
pub(super) fn constant(text: &str) -> String {
    // With a backslash the plain form would depend on a setting of the server.
    format!(" E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// Refuses a name for something new that PostgreSQL would change or cannot have.
///
/// # Errors
/// `BadRequest` with the reason.
pub(super) fn check_new(what: &str, name: &str) -> Result<()> {
    let fault = if name.is_empty() {
        "it is empty"
    } else if name.len() > LONGEST {
        "PostgreSQL's names have 63 bytes at most"
    } else if name.contains('\0') {
        "it has a NUL in it"
    } else {
        return Ok(());
    };
    Err(ProviderError::BadRequest {
        cause: format!("{name:?} cannot be the name of a {what}: {fault}"),
        mend: "Choose another name.".to_owned(),
    })
}

/// The table for a new collection.
///
/// # Errors
/// `BadRequest` with the reason.
pub(super) fn new_table(name: &str) -> Result<TableName> {
    if let Some(found) = parts(name) {
        for part in &found {
            check_new("table", part)?;
        }
    }
    TableName::parse(name).ok_or_else(|| ProviderError::BadRequest {
        cause: format!("{name:?} is no name of a table"),
        mend: "Write table or schema.table, with double quotes around a part that has a point or a quote in it."
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("articles", "public", "articles")]
    #[case("Shop.Items", "Shop", "Items")]
    #[case("\"a.b\"", "public", "a.b")]
    #[case("\"a.b\".\"say \"\"hi\"\"\"", "a.b", "say \"hi\"")]
    #[case("with space-and-dash", "public", "with space-and-dash")]
    fn a_name_reads_back(#[case] name: &str, #[case] schema: &str, #[case] table: &str) {
        let found = TableName::parse(name).unwrap();
        assert_eq!((found.schema.as_str(), found.table.as_str()), (schema, table));
        assert_eq!(found.shown(), name);
    }

    #[rstest]
    #[case("")]
    #[case(".")]
    #[case("a.")]
    #[case("a.b.c")]
    #[case("a\"b")]
    #[case("\"open")]
    #[case("\"a\"b")]
    #[case("a\0b")]
    fn no_name_of_a_table(#[case] name: &str) {
        assert_eq!(TableName::parse(name), None);
        assert!(matches!(new_table(name), Err(ProviderError::BadRequest { .. })));
    }

    #[test]
    fn the_public_schema_may_be_written_but_is_not_shown() {
        assert_eq!(TableName::parse("public.articles").unwrap().shown(), "articles");
    }

    #[test]
    fn a_name_that_would_be_cut_off_is_refused() {
        let long = "x".repeat(64);
        assert_eq!(TableName::parse(&long), None);
        assert!(new_table(&long).unwrap_err().to_string().contains("63 bytes"));
    }

    #[test]
    fn identifiers_and_constants_cannot_break_out() {
        assert_eq!(quote("a\"; DROP TABLE x; --"), "\"a\"\"; DROP TABLE x; --\"");
        assert_eq!(constant("it's \\' here"), " E'it''s \\\\'' here'");
        assert_eq!(TableName::parse("\"x\"\".y\".t").unwrap().sql(), "\"x\"\".y\".\"t\"");
    }
}
