//! A tree as a text that is read back to an equal tree.

use std::fmt::{self, Display, Formatter, Write};

use super::ast::{Check, Expr, Literal, Path, Test};
use super::{Filter, parse};

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.root().fmt(f)
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, " and ", |part| matches!(part, Self::And(_) | Self::Or(_))),
            Self::Or(parts) => joined(f, parts, " or ", |part| matches!(part, Self::Or(_))),
            Self::Not(inner) => {
                f.write_str("not ")?;
                one(f, inner, matches!(**inner, Self::And(_) | Self::Or(_)))
            }
            Self::Test(test) => test.fmt(f),
            Self::Text(test) => {
                f.write_str("$text contains ")?;
                quoted(f, &test.part)
            }
        }
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Expr], with: &str, in_brackets: fn(&Expr) -> bool) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            f.write_str(with)?;
        }
        one(f, part, in_brackets(part))?;
    }
    Ok(())
}

fn one(f: &mut Formatter<'_>, expr: &Expr, in_brackets: bool) -> fmt::Result {
    if in_brackets { write!(f, "({expr})") } else { expr.fmt(f) }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.check {
            Check::Compare(comparison, literal) => write!(f, "{path} {} {literal}", comparison.sign()),
            Check::In(list) => write!(f, "{path} in {}", List(list)),
            Check::NotIn(list) => write!(f, "{path} not in {}", List(list)),
            Check::Between(low, high) => write!(f, "{path} between {low} and {high}"),
            Check::Contains(literal) => write!(f, "{path} contains {literal}"),
            Check::Exists => write!(f, "{path} exists"),
            Check::IsNull => write!(f, "{path} is null"),
            Check::IsMissing => write!(f, "{path} is missing"),
        }
    }
}

struct List<'a>(&'a [Literal]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (place, literal) in self.0.iter().enumerate() {
            write!(f, "{}{literal}", if place == 0 { "(" } else { ", " })?;
        }
        f.write_char(')')
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (place, part) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_char('.')?;
            }
            if parse::is_bare(part) { f.write_str(part)? } else { quoted(f, part)? }
        }
        Ok(())
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => quoted(f, text),
            Self::Integer(n) => n.fmt(f),
            // `Debug` keeps the point or the exponent, and with it the kind
            Self::Float(n) => fmt::Debug::fmt(n, f),
            Self::Bool(b) => b.fmt(f),
        }
    }
}

fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
