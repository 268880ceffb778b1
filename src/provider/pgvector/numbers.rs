//! A comparison of numbers, made ready for whole numbers and for floats.
//!
//! The filter language compares whole numbers with floats exactly. SQL would round one to the other's
//! type first; so the literal is turned, before it is sent, into one of the type that it meets.

use crate::provider::filter::{Comparison, Literal};

/// What is left to ask about a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ask<T> {
    /// No value satisfies it.
    Never,
    /// The sign, and what stands on its right.
    Compare(&'static str, T),
}

/// What a comparison asks of a whole number; `None` if the literal is no number.
pub(super) fn of_integers(comparison: Comparison, literal: &Literal) -> Option<Ask<i128>> {
    let sign = comparison.sign();
    let number = match literal {
        Literal::Integer(n) => return Some(Ask::Compare(sign, *n)),
        Literal::Float(number) => *number,
        Literal::Text(_) | Literal::Bool(_) => return None,
    };
    // saturates far outside of any whole number of 64 bits
    #[allow(clippy::cast_possible_truncation)]
    let (floor, ceil) = (number.floor() as i128, number.ceil() as i128);
    Some(match comparison {
        Comparison::Less | Comparison::AtLeast => Ask::Compare(sign, ceil),
        Comparison::AtMost | Comparison::Greater => Ask::Compare(sign, floor),
        Comparison::Equal | Comparison::NotEqual if floor == ceil => Ask::Compare("=", floor),
        Comparison::Equal | Comparison::NotEqual => Ask::Never,
    })
}

/// What a comparison asks of a float; `None` if the literal is no number. `!=` is asked as `=`.
pub(super) fn of_floats(comparison: Comparison, literal: &Literal) -> Option<Ask<f64>> {
    let sign = if comparison.orders() { comparison.sign() } else { "=" };
    let number = match literal {
        Literal::Float(number) => return Some(Ask::Compare(sign, *number)),
        Literal::Integer(n) => *n,
        Literal::Text(_) | Literal::Bool(_) => return None,
    };
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // whether it was exact is asked next
    let (near, back) = (number as f64, number as f64 as i128);
    if back == number {
        return Some(Ask::Compare(sign, near));
    }
    // the number lies between two floats that are neighbours
    let (below, above) = if back < number { (near, near.next_up()) } else { (near.next_down(), near) };
    Some(match comparison {
        Comparison::Less | Comparison::AtMost => Ask::Compare("<=", below),
        Comparison::Greater | Comparison::AtLeast => Ask::Compare(">=", above),
        Comparison::Equal | Comparison::NotEqual => Ask::Never,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Comparison::Less, 5.5, Ask::Compare("<", 6))]
    #[case(Comparison::AtMost, 5.5, Ask::Compare("<=", 5))]
    #[case(Comparison::Greater, -5.5, Ask::Compare(">", -6))]
    #[case(Comparison::AtLeast, -5.5, Ask::Compare(">=", -5))]
    #[case(Comparison::Equal, 5.0, Ask::Compare("=", 5))]
    #[case(Comparison::Equal, 5.5, Ask::Never)]
    #[case(Comparison::Less, 1e300, Ask::Compare("<", i128::MAX))]
    fn a_float_becomes_a_bound_of_whole_numbers(
        #[case] comparison: Comparison,
        #[case] literal: f64,
        #[case] asked: Ask<i128>,
    ) {
        assert_eq!(of_integers(comparison, &Literal::Float(literal)), Some(asked));
    }

    const BETWEEN: i128 = (1 << 53) + 1;
    const BELOW: f64 = 9_007_199_254_740_992.0;

    #[rstest]
    #[case(Comparison::Equal, BETWEEN, Ask::Never)]
    #[case(Comparison::Less, BETWEEN, Ask::Compare("<=", BELOW))]
    #[case(Comparison::Greater, BETWEEN, Ask::Compare(">=", BELOW + 2.0))]
    #[case(Comparison::AtMost, 1 << 53, Ask::Compare("<=", BELOW))]
    fn a_whole_number_becomes_a_bound_of_floats(
        #[case] comparison: Comparison,
        #[case] literal: i128,
        #[case] asked: Ask<f64>,
    ) {
        assert_eq!(of_floats(comparison, &Literal::Integer(literal)), Some(asked));
    }
}
