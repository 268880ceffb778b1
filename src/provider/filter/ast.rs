//! The tree of a filter.

/// A condition on a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// All hold; two or more.
    And(Vec<Expr>),
    /// At least one holds; two or more.
    Or(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// A question about one field.
    Test(Test),
    /// `$text contains`: the record's own text, apart from the payload, has this part.
    Text(TextTest),
}

/// A question about one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Which field.
    pub path: Path,
    /// What is asked about its value.
    pub check: Check,
    /// Where it stands in the text.
    pub span: Span,
}

/// A question about the record's own text. It does not hold where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTest {
    /// The part.
    pub part: String,
    /// Where it stands in the text of the filter.
    pub span: Span,
}

/// The way to a field: the keys of objects in objects, from the outside in. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(pub Vec<String>);

/// What is asked about a field's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// `= != < <= > >=`; what orders has a number or a text.
    Compare(Comparison, Literal),
    /// `in (...)`, not empty.
    In(Vec<Literal>),
    /// `not in (...)`, not empty.
    NotIn(Vec<Literal>),
    /// `between a and b`, both ends included: two numbers or two texts.
    Between(Literal, Literal),
    /// `contains`: a part of a text, or an element of an array.
    Contains(Literal),
    /// `exists`, `is not null`.
    Exists,
    /// `is null`: missing, null or an array without elements.
    IsNull,
    /// `is missing`: the key is not there; null and an array without elements are.
    IsMissing,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// A value in the text of a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// In quotes.
    Text(String),
    /// A whole number of the range of `i64` or `u64`.
    Integer(i128),
    /// A finite number with a point or an exponent.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
}

/// A piece of the filter's text, in characters. Two trees of different texts may be equal, so spans
/// always are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// The first character, from 0.
    pub start: usize,
    /// One behind the last.
    pub end: usize,
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

impl Comparison {
    /// Its sign in the language.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether it asks what comes first, rather than what is equal.
    pub fn orders(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl Literal {
    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Float(_))
    }

    /// The number as `f64`, if it is one and every number that is equal to it as `f64` is equal to
    /// it: less than 2^53 from 0. Makers that compare in `f64` are exact for these only.
    pub fn exact_f64(&self) -> Option<f64> {
        const LIMIT: f64 = 9_007_199_254_740_992.0;
        #[allow(clippy::cast_precision_loss)] // checked in the next line: rounding reaches the limit
        let value = match self {
            Self::Integer(n) => *n as f64,
            Self::Float(f) => *f,
            Self::Text(_) | Self::Bool(_) => return None,
        };
        // `+ 0.0` makes 0.0 of -0.0
        (value.abs() < LIMIT).then_some(value + 0.0)
    }
}
