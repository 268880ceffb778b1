//! Fields with a full-text index: there Qdrant compares words, and finds no parts of texts. The
//! filter says whether that matters; only then the collection is asked for its indexes.

use super::conditions::key;
use crate::provider::Result;
use crate::provider::filter::{Check, Comparison, Expr, Literal, Test, refuse};

/// Whether the filter looks for parts of texts anywhere.
pub(in crate::provider) fn matter(expr: &Expr) -> bool {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(matter),
        Expr::Not(inner) => matter(inner),
        Expr::Test(test) => looks_for_parts(&test.check),
        Expr::Text(_) => false,
    }
}

/// Refuses to look for parts in a field that `indexed` knows to have such an index, by its JSON path.
pub(in crate::provider) fn check(expr: &Expr, indexed: &dyn Fn(&str) -> bool, product: &'static str) -> Result<()> {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().try_for_each(|part| check(part, indexed, product)),
        Expr::Not(inner) => check(inner, indexed, product),
        Expr::Test(test) => check_test(test, indexed, product),
        Expr::Text(_) => Ok(()),
    }
}

fn check_test(test: &Test, indexed: &dyn Fn(&str) -> bool, product: &'static str) -> Result<()> {
    if looks_for_parts(&test.check) && indexed(&key(&test.path, test.span, product)?) {
        let reason = "this field has a full-text index, with which it compares words and not parts of texts";
        return Err(refuse(product, test.span, reason));
    }
    Ok(())
}

/// `contains` does, and so does "any text", which is among what is not a number.
fn looks_for_parts(check: &Check) -> bool {
    let no_text = |literal: &Literal| !matches!(literal, Literal::Text(_));
    match check {
        Check::Contains(literal) => !no_text(literal),
        Check::Compare(Comparison::NotEqual, literal) => no_text(literal),
        Check::NotIn(list) => list.iter().any(no_text),
        Check::Compare(..) | Check::In(_) | Check::Between(..) => false,
        Check::Exists | Check::IsNull | Check::IsMissing => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::provider::filter::Filter;

    #[test]
    fn parts_are_refused_in_fields_with_a_full_text_index_only() {
        let asked = |text: &str| {
            let filter = Filter::parse(text).unwrap();
            (matter(filter.root()), check(filter.root(), &|key| key == "a.title", "Qdrant").is_ok())
        };
        assert_eq!(asked("a.title = 'x' and not a.title != 'y'"), (false, true));
        assert_eq!(asked("n = 1 and not (a.title contains 'x')"), (true, false));
        assert_eq!(asked("a.title != 5"), (true, false));
        assert_eq!(asked("title contains 'x' or a.title contains 5"), (true, true));
    }
}
