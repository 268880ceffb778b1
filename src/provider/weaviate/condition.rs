//! Weaviate's `where`, as a tree with the constants that it has not. Pure.

use serde_json::Value;

use super::graphql;

/// A condition on an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    /// Every object.
    All,
    /// No object.
    Nothing,
    /// All of these, two or more.
    And(Vec<Condition>),
    /// At least one of these, two or more.
    Or(Vec<Condition>),
    /// The other objects. Weaviate has it from version 1.33 on.
    Not(Box<Condition>),
    /// A property compared with a value.
    Where {
        /// The property.
        property: String,
        /// Weaviate's word for the comparison.
        operator: &'static str,
        /// What it is compared with.
        value: Operand,
    },
}

/// A value with its type in Weaviate.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    /// `valueText`
    Text(String),
    /// `valueInt`
    Int(i64),
    /// `valueNumber`, finite
    Number(f64),
    /// `valueBoolean`
    Bool(bool),
}

impl Condition {
    /// A comparison of a property.
    pub(super) fn of(property: &str, operator: &'static str, value: Operand) -> Self {
        Self::Where { property: property.to_owned(), operator, value }
    }

    /// Whether a property is without a value, or (`false`) with one.
    pub(super) fn is_null(property: &str, null: bool) -> Self {
        Self::of(property, "IsNull", Operand::Bool(null))
    }

    /// All of them.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::All => {}
                Self::Nothing => return Self::Nothing,
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::All,
            1 => kept.swap_remove(0),
            _ => Self::And(kept),
        }
    }

    /// At least one of them.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::All => return Self::All,
                Self::Nothing => {}
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Nothing,
            1 => kept.swap_remove(0),
            _ => Self::Or(kept),
        }
    }

    /// The other objects.
    pub(super) fn not(self) -> Self {
        match self {
            Self::All => Self::Nothing,
            Self::Nothing => Self::All,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Whether it needs Weaviate's `Not`.
    pub(super) fn negates(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::negates),
            Self::Not(_) => true,
            Self::All | Self::Nothing | Self::Where { .. } => false,
        }
    }

    /// The text of a `where`; `None` when nothing is to be asked: for all, and for [`Self::Nothing`],
    /// which the caller answers itself.
    pub(super) fn to_graphql(&self) -> Option<String> {
        let join = |operator: &str, parts: &[Self]| {
            let parts: Vec<_> = parts.iter().filter_map(Self::to_graphql).collect();
            Some(format!("{{operator:{operator},operands:[{}]}}", parts.join(",")))
        };
        match self {
            Self::All | Self::Nothing => None,
            Self::And(parts) => join("And", parts),
            Self::Or(parts) => join("Or", parts),
            Self::Not(inner) => join("Not", std::slice::from_ref(inner)),
            Self::Where { property, operator, value } => {
                let (key, value) = value.to_graphql();
                let path = graphql::string(property);
                Some(format!("{{path:[{path}],operator:{operator},{key}:{value}}}"))
            }
        }
    }
}

impl Operand {
    fn to_graphql(&self) -> (&'static str, String) {
        match self {
            Self::Text(text) => ("valueText", graphql::string(text)),
            Self::Int(n) => ("valueInt", n.to_string()),
            Self::Number(n) => ("valueNumber", Value::from(*n).to_string()),
            Self::Bool(flag) => ("valueBoolean", flag.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn constants_vanish_before_anything_is_sent() {
        let some = || Condition::is_null("a", true);
        assert_eq!(Condition::all([some(), Condition::All]), some());
        assert_eq!(Condition::all([some(), Condition::Nothing]), Condition::Nothing);
        assert_eq!(Condition::any([some(), Condition::Nothing]), some());
        assert_eq!(Condition::any([]), Condition::Nothing);
        assert_eq!(Condition::all([]), Condition::All);
        assert_eq!(some().not().not(), some());
        assert_eq!(Condition::All.not(), Condition::Nothing);
        assert!(Condition::all([some(), some().not()]).negates() && !some().negates());
    }

    #[test]
    fn a_condition_is_written_with_the_type_of_its_value() {
        let condition = Condition::any([
            Condition::of("t", "Equal", Operand::Text("a\"b".to_owned())),
            Condition::of("n", "LessThan", Operand::Number(1e300)).not(),
            Condition::of("i", "Equal", Operand::Int(-5)),
        ]);
        let expected = "{operator:Or,operands:[{path:[\"t\"],operator:Equal,valueText:\"a\\\"b\"},\
             {operator:Not,operands:[{path:[\"n\"],operator:LessThan,valueNumber:1e300}]},\
             {path:[\"i\"],operator:Equal,valueInt:-5}]}";
        assert_eq!(condition.to_graphql().unwrap().replace("1e+300", "1e300"), expected);
        assert_eq!(Condition::All.to_graphql(), None);
    }
}
