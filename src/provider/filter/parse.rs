//! The grammar.
//!
//! ```text
//! any     = all ("or" all)*
//! all     = unary ("and" unary)*
//! unary   = "not" unary | "(" any ")" | "$text" "contains" string | test
//! test    = path ( compare literal | "not"? "in" "(" literal ("," literal)* ")"
//!                | "between" literal "and" literal | "contains" literal
//!                | "exists" | "is" "not"? ("null" | "missing") )?
//! path    = part ("." part)*          part = word | string
//! literal = string | number | "true" | "false"
//! ```
//!
//! A path alone asks whether the field is `true`; `is not missing` is `not` of `is missing`.
//! Blanks before a token are skipped with it. What must follow is a hard error with its place; only
//! a word or sign that may follow is tried and taken back.

use winnow::ascii::digit1;
use winnow::combinator::{alt, eof, opt, peek, preceded, separated};
use winnow::error::{ErrMode, ParserError};
use winnow::stream::{LocatingSlice, Location, Stateful};
use winnow::token::{any as any_char, literal as sign, one_of, take_while};
use winnow::{ModalResult, Parser};

use super::FilterError;
use super::ast::{Check, Comparison, Expr, Literal, Path, Span, Test, TextTest};

/// Deepest nesting of brackets and `not`: each level is a call on the stack, here and later.
const DEEPEST: usize = 64;

/// The words of the grammar, which name a field only in quotes.
const RESERVED: [&str; 11] = ["and", "or", "not", "in", "between", "contains", "exists", "is", "null", "true", "false"];

type Input<'a> = Stateful<LocatingSlice<&'a str>, State<'a>>;
type Parsed<T> = ModalResult<T, Fault>;

#[derive(Debug, Clone)]
struct State<'a> {
    text: &'a str,
    depth: usize,
}

/// An error on its way out: a place in bytes and a sentence.
#[derive(Debug)]
struct Fault {
    at: usize,
    message: String,
}

impl ParserError<Input<'_>> for Fault {
    type Inner = Self;

    fn from_input(input: &Input<'_>) -> Self {
        Self { at: input.current_token_start(), message: "expected something else.".to_owned() }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Expr, FilterError> {
    let mut input = Input { input: LocatingSlice::new(text), state: State { text, depth: 0 } };
    let parsed = any(&mut input).and_then(|expr| match (blanks, eof::<_, ErrMode<Fault>>).parse_next(&mut input) {
        Ok(_) => Ok(expr),
        Err(_) => Err(expected(&mut input, "`and`, `or` or the end")),
    });
    parsed.map_err(|error| match error {
        ErrMode::Backtrack(fault) | ErrMode::Cut(fault) => {
            FilterError { at: characters(text, fault.at), message: fault.message }
        }
        ErrMode::Incomplete(_) => FilterError { at: characters(text, text.len()), message: "it is cut off.".into() },
    })
}

/// Whether a part of a path may stand without quotes.
pub(super) fn is_bare(part: &str) -> bool {
    let mut chars = part.chars();
    chars.next().is_some_and(starts_word) && chars.all(continues_word) && !is_reserved(part)
}

fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

fn characters(text: &str, bytes: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < bytes).count()
}

/// A hard error at a place.
fn fault(at: usize, message: impl Into<String>) -> ErrMode<Fault> {
    ErrMode::Cut(Fault { at, message: message.into() })
}

/// A hard error at the next token.
fn expected(input: &mut Input<'_>, what: &str) -> ErrMode<Fault> {
    let found = match preceded(blanks, alt((word, one_char))).parse_next(input) {
        Ok(token) => {
            let shown: String = token.chars().take(20).collect();
            return fault(input.current_token_start() - token.len(), format!("expected {what}, found {shown:?}."));
        }
        Err(_) => "the end",
    };
    fault(input.state.text.len(), format!("expected {what}, found {found}."))
}

fn blanks(input: &mut Input<'_>) -> Parsed<()> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

fn one_char<'a>(input: &mut Input<'a>) -> Parsed<&'a str> {
    any_char.take().parse_next(input)
}

fn word<'a>(input: &mut Input<'a>) -> Parsed<&'a str> {
    (one_of(starts_word), take_while(0.., continues_word)).take().parse_next(input)
}

/// One word of the grammar, in any case of letters.
fn keyword<'a>(name: &'static str) -> impl Parser<Input<'a>, (), ErrMode<Fault>> {
    preceded(blanks, word.verify(move |found: &str| found.eq_ignore_ascii_case(name))).void()
}

fn symbol<'a>(text: &'static str) -> impl Parser<Input<'a>, (), ErrMode<Fault>> {
    preceded(blanks, sign(text)).void()
}

fn accepts<'a>(input: &mut Input<'a>, mut token: impl Parser<Input<'a>, (), ErrMode<Fault>>) -> Parsed<bool> {
    opt(token.by_ref()).map(|found| found.is_some()).parse_next(input)
}

/// The offset of the next token.
fn next_start(input: &mut Input<'_>) -> Parsed<usize> {
    blanks(input)?;
    Ok(input.current_token_start())
}

fn any(input: &mut Input<'_>) -> Parsed<Expr> {
    separated(1.., all, keyword("or")).map(|parts| joined(parts, Expr::Or)).parse_next(input)
}

fn all(input: &mut Input<'_>) -> Parsed<Expr> {
    separated(1.., unary, keyword("and")).map(|parts| joined(parts, Expr::And)).parse_next(input)
}

fn joined(mut parts: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

/// Never takes its input back: wherever it is asked, it is needed.
fn unary(input: &mut Input<'_>) -> Parsed<Expr> {
    let start = next_start(input)?;
    if accepts(input, keyword("not"))? {
        return deeper(input, start, unary).map(|inner| Expr::Not(Box::new(inner)));
    }
    if accepts(input, symbol("("))? {
        let inner = deeper(input, start, any)?;
        return match accepts(input, symbol(")"))? {
            true => Ok(inner),
            false => Err(expected(input, "`and`, `or` or `)`")),
        };
    }
    if accepts(input, sign("$").void())? {
        return record_text(input, start).map(Expr::Text);
    }
    test(input, start)
}

/// What follows the `$` of `$text`.
fn record_text(input: &mut Input<'_>, start: usize) -> Parsed<TextTest> {
    if opt(word.verify(|found: &str| found.eq_ignore_ascii_case("text"))).parse_next(input)?.is_none() {
        let what = "expected `$text`, the record's own text; a key that begins with $ stands in quotes.";
        return Err(fault(start, what));
    }
    if !accepts(input, keyword("contains"))? {
        return Err(expected(input, "`contains` and a text: nothing else can be asked of `$text`"));
    }
    let at = next_start(input)?;
    match literal(input)? {
        Literal::Text(part) => Ok(TextTest { part, span: span(input, start) }),
        _ => Err(fault(at, "expected a text in quotes.")),
    }
}

fn span(input: &Input<'_>, start: usize) -> Span {
    let text = input.state.text;
    Span { start: characters(text, start), end: characters(text, input.current_token_start()) }
}

fn deeper(input: &mut Input<'_>, start: usize, inside: fn(&mut Input<'_>) -> Parsed<Expr>) -> Parsed<Expr> {
    if input.state.depth == DEEPEST {
        return Err(fault(start, format!("this is nested deeper than {DEEPEST} levels; write it with fewer.")));
    }
    input.state.depth += 1;
    let parsed = inside(input);
    input.state.depth -= 1;
    parsed
}

fn test(input: &mut Input<'_>, start: usize) -> Parsed<Expr> {
    let path = path(input)?;
    if ends_here(input)? {
        let check = Check::Compare(Comparison::Equal, Literal::Bool(true));
        return Ok(Expr::Test(Test { path, check, span: span(input, start) }));
    }
    let (check, negated) = check(input)?;
    let test = Expr::Test(Test { path, check, span: span(input, start) });
    Ok(if negated { Expr::Not(Box::new(test)) } else { test })
}

/// Whether a test ends behind its path: it then asks for `true`. Takes nothing.
fn ends_here(input: &mut Input<'_>) -> Parsed<bool> {
    let end = alt((keyword("and"), keyword("or"), symbol(")"), (blanks, eof).void()));
    peek(opt(end)).map(|found| found.is_some()).parse_next(input)
}

fn path(input: &mut Input<'_>) -> Parsed<Path> {
    let mut parts = vec![part(input, true)?];
    while opt(sign(".")).parse_next(input)?.is_some() {
        parts.push(part(input, false)?);
    }
    Ok(Path(parts))
}

fn part(input: &mut Input<'_>, first: bool) -> Parsed<String> {
    let start = input.current_token_start();
    if let Some(text) = opt(string).parse_next(input)? {
        return Ok(text);
    }
    match opt(word).parse_next(input)? {
        Some(word) if first && is_reserved(word) => Err(fault(
            start,
            format!("expected the name of a field; the word {word} names one only in quotes: \"{word}\"."),
        )),
        Some(word) => Ok(word.to_owned()),
        None if first => Err(expected(input, "the name of a field, `not` or `(`")),
        None => Err(expected(input, "the rest of the field's name after the point (in quotes if it is no word)")),
    }
}

/// What is asked of a field, and whether the opposite is.
fn check(input: &mut Input<'_>) -> Parsed<(Check, bool)> {
    blanks(input)?;
    if let Some(comparison) = opt(comparison).parse_next(input)? {
        return compared(input, comparison).map(plain);
    }
    let Some(found) = opt(word.verify(|found: &str| is_reserved(found))).parse_next(input)? else {
        return Err(expected(
            input,
            "what to ask of the field: `=`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in`, `between`, `contains`, `exists`, `is null`, `is not null` or `is missing`",
        ));
    };
    let at = input.current_token_start() - found.len();
    match found.to_ascii_lowercase().as_str() {
        "in" => list(input).map(Check::In).map(plain),
        "not" if accepts(input, keyword("in"))? => list(input).map(Check::NotIn).map(plain),
        "not" => Err(expected(input, "`in` (to turn a whole test round, write `not` before the field)")),
        "between" => between(input).map(plain),
        "contains" => literal(input).map(Check::Contains).map(plain),
        "exists" => Ok(plain(Check::Exists)),
        "is" => is(input),
        other => Err(fault(at, format!("expected what to ask of the field, such as `=` or `in`, found {other:?}."))),
    }
}

fn comparison(input: &mut Input<'_>) -> Parsed<Comparison> {
    alt((
        "!=".value(Comparison::NotEqual),
        "<=".value(Comparison::AtMost),
        ">=".value(Comparison::AtLeast),
        "=".value(Comparison::Equal),
        "<".value(Comparison::Less),
        ">".value(Comparison::Greater),
    ))
    .parse_next(input)
}

fn compared(input: &mut Input<'_>, comparison: Comparison) -> Parsed<Check> {
    let literal = if comparison.orders() { orderable(input)? } else { literal(input)? };
    Ok(Check::Compare(comparison, literal))
}

fn orderable(input: &mut Input<'_>) -> Parsed<Literal> {
    let at = next_start(input)?;
    match literal(input)? {
        Literal::Bool(_) => Err(fault(at, "expected a number or a text: true and false have no order.")),
        literal => Ok(literal),
    }
}

fn between(input: &mut Input<'_>) -> Parsed<Check> {
    let low = orderable(input)?;
    if !accepts(input, keyword("and"))? {
        return Err(expected(input, "`and` between the two ends"));
    }
    let at = next_start(input)?;
    let high = orderable(input)?;
    if low.is_number() != high.is_number() {
        return Err(fault(at, "expected both ends to be numbers, or both texts."));
    }
    Ok(Check::Between(low, high))
}

fn is(input: &mut Input<'_>) -> Parsed<(Check, bool)> {
    let not = accepts(input, keyword("not"))?;
    if accepts(input, keyword("missing"))? {
        return Ok((Check::IsMissing, not));
    }
    match (accepts(input, keyword("null"))?, not) {
        (true, true) => Ok(plain(Check::Exists)),
        (true, false) => Ok(plain(Check::IsNull)),
        (false, true) => Err(expected(input, "`null` or `missing`")),
        (false, false) => Err(expected(input, "`null`, `missing`, `not null` or `not missing`")),
    }
}

fn plain(check: Check) -> (Check, bool) {
    (check, false)
}

fn list(input: &mut Input<'_>) -> Parsed<Vec<Literal>> {
    if !accepts(input, symbol("("))? {
        return Err(expected(input, "`(` and a list of values"));
    }
    let mut values = vec![literal(input)?];
    loop {
        if accepts(input, symbol(")"))? {
            return Ok(values);
        }
        if !accepts(input, symbol(","))? {
            return Err(expected(input, "`,` or `)`"));
        }
        values.push(literal(input)?);
    }
}

/// Never takes its input back.
fn literal(input: &mut Input<'_>) -> Parsed<Literal> {
    let at = next_start(input)?;
    if let Some(text) = opt(string).parse_next(input)? {
        return Ok(Literal::Text(text));
    }
    if let Some(digits) = opt(number).parse_next(input)? {
        return number_of(input, at, digits);
    }
    match opt(word).parse_next(input)? {
        Some(word) if word.eq_ignore_ascii_case("true") => Ok(Literal::Bool(true)),
        Some(word) if word.eq_ignore_ascii_case("false") => Ok(Literal::Bool(false)),
        Some(word) if word.eq_ignore_ascii_case("null") => {
            Err(fault(at, "nothing is equal to null: write `is null` or `is not null`."))
        }
        Some(word) if !is_reserved(word) => {
            Err(fault(at, format!("expected a value; a text stands in quotes: \"{word}\".")))
        }
        Some(word) => Err(fault(at, format!("expected a value, found {word:?}."))),
        None => Err(expected(input, "a value: a text in quotes, a number, true or false")),
    }
}

fn number<'a>(input: &mut Input<'a>) -> Parsed<&'a str> {
    let exponent = (one_of(['e', 'E']), opt(one_of(['+', '-'])), digit1);
    (opt('-'), digit1, opt(('.', digit1)), opt(exponent)).take().parse_next(input)
}

fn number_of(input: &mut Input<'_>, at: usize, digits: &str) -> Parsed<Literal> {
    let next = input.state.text[input.current_token_start()..].chars().next();
    if next.is_some_and(|c| continues_word(c) || c == '.') {
        return Err(fault(at, "this is no number; a text stands in quotes."));
    }
    if digits.contains(['.', 'e', 'E']) {
        let value = digits.parse::<f64>().ok().filter(|value| value.is_finite());
        return value.map(Literal::Float).ok_or_else(|| fault(at, "this number is too large for a 64-bit float."));
    }
    let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
    let value = digits.parse::<i128>().ok().filter(|value| range.contains(value));
    value.map(Literal::Integer).ok_or_else(|| {
        fault(at, format!("whole numbers go from {} to {} here; with `.0` it is a float.", i64::MIN, u64::MAX))
    })
}

/// A text in single or double quotes. Takes its input back only if no quote is there.
fn string(input: &mut Input<'_>) -> Parsed<String> {
    let start = input.current_token_start();
    let quote = one_of(['"', '\'']).parse_next(input)?;
    let mut text = String::new();
    loop {
        let at = input.current_token_start();
        match opt(any_char).parse_next(input)? {
            None => return Err(fault(start, format!("this text has no end: expected another {quote}."))),
            Some(c) if c == quote => return Ok(text),
            Some('\\') => text.push(escaped(input, at)?),
            Some(c) => text.push(c),
        }
    }
}

/// What a backslash at `at` and the characters behind it stand for.
fn escaped(input: &mut Input<'_>, at: usize) -> Parsed<char> {
    let known = opt(any_char).parse_next(input)?;
    let c = match known {
        Some(c @ ('\\' | '"' | '\'')) => Some(c),
        Some('n') => Some('\n'),
        Some('r') => Some('\r'),
        Some('t') => Some('\t'),
        Some('u') => opt(('{', take_while(1..=6, |c: char| c.is_ascii_hexdigit()), '}'))
            .parse_next(input)?
            .and_then(|(_, digits, _)| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32),
        _ => None,
    };
    c.ok_or_else(|| fault(at, r#"expected one of \\ \" \' \n \r \t \u{1f600} after the backslash."#))
}
