//! Tests of what is in dynamic fields and in JSON fields.
//!
//! What Milvus 2.3.5 does: `==` and the orders see single values and tell numbers, texts and booleans
//! apart; `!=` is true of a missing field; `exists` is true of null; null, an object and `[]` look alike;
//! `json_contains` finds an integer among floats only if it is asked for as a float.
//! What Milvus Lite 3.2.2 does: Python's comparisons, so that `true` is 1; null counts as missing; a
//! text that looks like JSON is taken apart; an order of what Python does not compare is unknown, and so is
//! `not` of it.

use super::{Doubt, Piece, refused};
use crate::provider::filter::{Check, Comparison, Literal, Test};
use crate::provider::milvus::expression::{self, is_plain, quote};
use crate::provider::{ProviderError, Result};

/// Why 0, 1, `true` and `false` make doubts.
const TRUTHS: &str = "Milvus Lite takes true for 1 and false for 0 in dynamic fields and JSON, and this field holds one of \
                      those that are asked for; fields of the schema tell them apart";

/// The most elements of an array that are compared one by one.
const PLACES: usize = 8;

/// One test of one path.
pub(super) struct Asked<'a, 'b> {
    whole: &'a mut super::Asked<'b>,
    test: &'a Test,
    /// The value, e.g. `$meta["a"]["b"]`.
    path: String,
    /// The same where functions take it: Milvus Lite wants a name in front.
    argument: Option<String>,
    /// Holds if the way to the value leads through objects only.
    objects: Option<String>,
}

impl<'a, 'b> Asked<'a, 'b> {
    /// A value in a declared JSON field.
    pub(super) fn new(
        whole: &'a mut super::Asked<'b>,
        test: &'a Test,
        field: String,
        inner: &[String],
    ) -> Result<Self> {
        let path = longer(test, field, inner, !whole.dialect.is_lite())?;
        Ok(Self { whole, test, argument: Some(path.clone()), path, objects: None })
    }

    /// A dynamic field, or a value in one.
    pub(super) fn dynamic(
        whole: &'a mut super::Asked<'b>,
        test: &'a Test,
        base: String,
        head: &str,
        inner: &[String],
    ) -> Result<Self> {
        let lite = whole.dialect.is_lite();
        if !lite {
            check_key(test, head)?;
        }
        let objects = (lite && !inner.is_empty()).then(|| format!("not ({base} like \"%\")"));
        let path = longer(test, base, inner, !lite)?;
        let argument = match (lite, is_plain(head)) {
            (false, _) => Some(path.clone()),
            (true, true) => Some(longer(test, head.to_owned(), inner, false)?),
            (true, false) => None,
        };
        Ok(Self { whole, test, path, argument, objects })
    }

    fn lite(&self) -> bool {
        self.whole.dialect.is_lite()
    }

    pub(super) fn piece(mut self) -> Result<Piece> {
        let (test, path) = (self.test, self.path.clone());
        if self.lite() {
            self.whole.rows_in_python = Some(path);
        }
        match &test.check {
            Check::Compare(Comparison::Equal, literal) => self.equal(std::slice::from_ref(literal)),
            Check::In(list) => self.equal(list),
            Check::Compare(Comparison::NotEqual, literal) => self.unequal(std::slice::from_ref(literal)),
            Check::NotIn(list) => self.unequal(list),
            Check::Compare(comparison, literal) => self.order(&[(*comparison, literal)]),
            Check::Between(low, high) => self.order(&[(Comparison::AtLeast, low), (Comparison::AtMost, high)]),
            Check::Contains(Literal::Text(part)) => self.contains(part),
            Check::Contains(literal) => self.equal(std::slice::from_ref(literal)),
            Check::Exists => self.exists(),
            Check::IsNull => Ok(self.exists()?.not()),
            Check::IsMissing => self.missing(),
        }
    }

    /// There is something, and a condition on it; two-valued, whatever the server makes of a missing
    /// value. A condition that is not said comes to `exists` of the server.
    fn there(&self, condition: Option<String>) -> Piece {
        let there = if self.lite() { format!("{} is not null", self.path) } else { format!("(exists {})", self.path) };
        let parts: Vec<String> = [Some(there), self.objects.clone(), condition].into_iter().flatten().collect();
        Piece::text(if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(" and ")) })
    }

    /// Is, or has as an element, one of these.
    fn equal(&mut self, list: &[Literal]) -> Result<Piece> {
        self.no_truths(list)?;
        let mut single = Vec::new();
        let mut elements = Vec::new();
        for literal in list {
            single.push(format!("{} == {}", self.path, self.value(literal)?));
            elements.push(self.value(literal)?);
        }
        let argument = self.argument()?;
        let single = single.join(" or ");
        // A list, because Milvus Lite takes a negative number only there.
        let elements = format!("json_contains_any({argument}, [{}])", elements.join(", "));
        Ok(self.there(Some(if self.lite() {
            format!("({single} or ({elements} and not ({} like \"%\")))", self.path)
        } else {
            format!("({single} or {elements})")
        })))
    }

    /// Is something else than these.
    fn unequal(&mut self, list: &[Literal]) -> Result<Piece> {
        self.no_truths(list)?;
        let single: Result<Vec<String>> =
            list.iter().map(|literal| Ok(format!("{} == {}", self.path, self.value(literal)?))).collect();
        let single = single?.join(" or ");
        self.no_arrays("asks whether an element is something else")?;
        if self.lite() {
            let array = self.is_array()?;
            return Ok(self.there(Some(format!("not ({single}) and not {array}"))));
        }
        self.nothing_unclear();
        let known = self.is_single();
        Ok(self.there(Some(format!("{known} and not ({single})"))))
    }

    /// Lies in these bounds.
    fn order(&mut self, bounds: &[(Comparison, &Literal)]) -> Result<Piece> {
        let texts = bounds.iter().filter(|(_, literal)| matches!(literal, Literal::Text(_))).count();
        if texts == 0 && self.lite() {
            let path = &self.path;
            let truths: Vec<String> = truths_within(bounds).map(|truth| format!("{path} == {truth}")).collect();
            if !truths.is_empty() {
                self.doubt(truths.join(" or "), TRUTHS);
            }
        }
        let mut values = Vec::new();
        for (comparison, literal) in bounds {
            values.push((comparison.sign(), self.value(literal)?));
        }
        let within = |place: &str| {
            let bounds = values.iter().map(|(sign, value)| format!("{place} {sign} {value}"));
            bounds.collect::<Vec<_>>().join(" and ")
        };
        let path = self.path.clone();
        if self.lite() {
            self.no_arrays("compares the elements of an array by their order")?;
            if texts > 0 {
                return Ok(self.there(Some(format!("{path} like \"%\" and {}", within(&path)))));
            }
            // Nothing of a text, and of an object it is unknown.
            let number = format!("{path} * 0 == 0");
            self.no_objects(&number);
            return Ok(self.there(Some(format!("{number} and {}", within(&path)))));
        }
        // Each element by its place. An object has no length: its key "0" is no element. Lengths are compared
        // for equality only.
        let other = |length: usize| format!("array_length({path}) != {length}");
        let longer: Vec<String> = (0..=PLACES).map(other).collect();
        let reason = format!(
            "it compares the elements of an array one by one, here up to {PLACES}, and this field holds longer ones"
        );
        self.doubt(longer.join(" and "), &reason);
        let elements: Vec<String> =
            (0..PLACES).map(|place| format!("({})", within(&format!("{path}[{place}]")))).collect();
        let (single, array) = (within(&path), other(0));
        Ok(self.there(Some(format!("(({single}) or ({array} and ({})))", elements.join(" or ")))))
    }

    fn contains(&self, part: &str) -> Result<Piece> {
        let argument = self.argument()?;
        let pattern = self.whole.dialect.pattern(part).map_err(|reason| self.refuse(reason))?;
        let element = format!("json_contains({argument}, {})", quote(part));
        let inside = format!("{} like {}", self.path, quote(&pattern));
        Ok(self.there(Some(if self.lite() {
            format!("({inside} or ({element} and not ({} like \"%\")))", self.path)
        } else {
            format!("({inside} or {element})")
        })))
    }

    fn exists(&mut self) -> Result<Piece> {
        if self.lite() {
            let array = self.is_array()?;
            let path = self.path.clone();
            // `[null]` is something, but its first element looks as if it were none.
            let reason = "Milvus Lite cannot tell an array whose first element is null from an empty one, \
                          and this field holds one of them";
            self.doubt(format!("{array} and {path}[0] is null"), reason);
            return Ok(self.there(None));
        }
        self.nothing_unclear();
        let array = format!("array_length({}) != 0", self.path);
        let known = self.is_single();
        Ok(self.there(Some(format!("({known} or {array})"))))
    }

    /// The key itself is not there.
    fn missing(&self) -> Result<Piece> {
        if self.whole.dialect.tells_null_from_missing() {
            return Ok(self.there(None).not());
        }
        Err(self.refuse("it cannot tell a missing key from null; write `is null`"))
    }

    /// A number, a text or a boolean; for Milvus.
    fn is_single(&self) -> String {
        let path = &self.path;
        format!("({path} like \"%\" or {path} < 0 or {path} >= 0 or {path} == true or {path} == false)")
    }

    /// An array, empty or not; for Milvus Lite.
    fn is_array(&self) -> Result<String> {
        Ok(format!("(json_contains_all({}, []) and not ({} like \"%\"))", self.argument()?, self.path))
    }

    /// The answer is right only if the field holds no arrays with elements.
    fn no_arrays(&mut self, what: &str) -> Result<()> {
        let expr = if self.lite() { self.is_array()? } else { format!("array_length({}) != 0", self.path) };
        self.doubt(expr, &format!("no server of Milvus {what}, and this field holds arrays"));
        Ok(())
    }

    /// The answer is right only if the field holds no null and no object.
    fn nothing_unclear(&mut self) {
        let expr = format!("(exists {}) and array_length({}) == 0 and not {}", self.path, self.path, self.is_single());
        self.doubt(expr, "it cannot tell null, {} and [] from each other, and this field holds one of them");
    }

    /// The answer is right only if the field holds nothing of which it is unknown whether it is a number: an
    /// object, for Milvus Lite.
    fn no_objects(&mut self, number: &str) {
        let there = format!("{} is not null", self.path);
        let exact = format!("{path}[\"_\"] is null or {path}[\"_\"] is not null", path = self.path);
        let known = format!("{there} and ({number} or not ({number})) and ({exact})");
        let reason = "Milvus Lite does not say whether an object lies in a range, and this field holds objects";
        self.doubt_unless(format!("{there} and ({exact})"), Some(known), reason);
    }

    /// The answer is right only if the field holds none of what Milvus Lite takes for another: neither of two
    /// that it confuses is there, then.
    fn no_truths(&mut self, list: &[Literal]) -> Result<()> {
        if !self.lite() {
            return Ok(());
        }
        let truths: Vec<String> = list
            .iter()
            .filter(|literal| is_truth(literal))
            .map(|literal| self.value(literal))
            .collect::<Result<_>>()?;
        if !truths.is_empty() {
            let single: Vec<String> = truths.iter().map(|truth| format!("{} == {truth}", self.path)).collect();
            let element = format!("json_contains_any({}, [{}])", self.argument()?, truths.join(", "));
            self.doubt(format!("{} or {element}", single.join(" or ")), TRUTHS);
        }
        Ok(())
    }

    fn doubt(&mut self, expr: String, reason: &str) {
        self.doubt_unless(expr, None, reason);
    }

    fn doubt_unless(&mut self, expr: String, unless: Option<String>, reason: &str) {
        let doubt = Doubt { expr, unless, refusal: self.refuse(reason) };
        if !self.whole.doubts.contains(&doubt) {
            self.whole.doubts.push(doubt);
        }
    }

    fn argument(&self) -> Result<&str> {
        self.argument.as_deref().ok_or_else(|| {
            self.refuse("Milvus Lite looks into arrays of those dynamic fields only whose names are plain words")
        })
    }

    /// A value to compare with.
    fn value(&self, literal: &Literal) -> Result<String> {
        match literal {
            Literal::Text(text) => Ok(quote(text)),
            Literal::Bool(flag) => Ok(flag.to_string()),
            Literal::Integer(number) if self.lite() => Ok(number.to_string()),
            Literal::Float(number) if self.lite() => Ok(format!("{number:?}")),
            Literal::Integer(_) | Literal::Float(_) => Ok(format!("{:?}", self.double(literal)?)),
        }
    }

    /// Milvus compares integers and floats with each other as floats. Beyond all integers that is exact.
    fn double(&self, literal: &Literal) -> Result<f64> {
        const BEYOND_INTEGERS: f64 = 2e19;
        if let Literal::Float(number) = literal
            && number.abs() > BEYOND_INTEGERS
        {
            return Ok(*number);
        }
        literal.exact_f64().ok_or_else(|| {
            self.refuse(&format!("it compares numbers as floats, which are not exact for {literal} (from 2^53)"))
        })
    }

    fn refuse(&self, reason: &str) -> ProviderError {
        refused(self.test, reason)
    }
}

/// The path with more keys.
fn longer(test: &Test, base: String, inner: &[String], server: bool) -> Result<String> {
    let mut path = base;
    for key in inner {
        if server {
            check_key(test, key)?;
            if key.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(refused(test, format!("it takes the key {key:?} for the place of an element, too")));
            }
        }
        path += &format!("[{}]", expression::quote(key));
    }
    Ok(path)
}

/// Milvus makes a JSON pointer of the keys.
fn check_key(test: &Test, key: &str) -> Result<()> {
    if key.is_empty() || key.contains(['/', '~', '\\']) {
        return Err(refused(test, format!("its paths have no key such as {key:?}")));
    }
    Ok(())
}

/// Whether Python takes it for a boolean.
fn is_truth(literal: &Literal) -> bool {
    match literal {
        Literal::Bool(_) | Literal::Integer(0 | 1) => true,
        Literal::Float(number) => *number == 0.0 || *number == 1.0,
        Literal::Text(_) | Literal::Integer(_) => false,
    }
}

/// Those of 0 and 1 that lie in the bounds.
fn truths_within(bounds: &[(Comparison, &Literal)]) -> impl Iterator<Item = f64> {
    [0.0, 1.0].into_iter().filter(|truth: &f64| {
        bounds.iter().all(|(comparison, literal)| {
            #[allow(clippy::cast_precision_loss)] // rounding crosses neither 0 nor 1
            let bound = match literal {
                Literal::Integer(number) => *number as f64,
                Literal::Float(number) => *number,
                Literal::Text(_) | Literal::Bool(_) => return false,
            };
            match comparison {
                Comparison::Less => *truth < bound,
                Comparison::AtMost => *truth <= bound,
                Comparison::Greater => *truth > bound,
                Comparison::AtLeast => *truth >= bound,
                Comparison::Equal | Comparison::NotEqual => true,
            }
        })
    })
}
