//! Counts as the screen writes them.

use crate::provider::model::Count;
use crate::text::format;

/// A count in at most `room` columns: every digit where they fit, else short; `~` before an
/// approximate one.
pub fn count(count: Count, room: usize) -> String {
    let sign = if count.exact { "" } else { "~" };
    let exact = format!("{sign}{}", format::exact(count.value));
    if exact.len() <= room { exact } else { format!("{sign}{}", format::count(count.value)) }
}

/// A norm with two digits behind the point, in at most eight columns.
pub fn norm(value: f64, sign: &str) -> String {
    if !value.is_finite() {
        return format!("{sign}{value}{sign}");
    }
    let text = if value >= 10_000.0 || (value > 0.0 && value < 0.005) {
        format!("{value:.0e}")
    } else {
        format!("{value:.2}")
    };
    format!("{sign}{text}{sign}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_say_whether_they_are_exact() {
        assert_eq!(count(Count { value: 1_234, exact: true }, 8), "1,234");
        assert_eq!(count(Count { value: 1_234, exact: false }, 8), "~1,234");
        assert_eq!(count(Count { value: 1_234_567, exact: true }, 8), "1.2 M");
    }

    #[test]
    fn norms_are_short() {
        assert_eq!(norm(1.0, "|"), "|1.00|");
        assert_eq!(norm(0.0, "|"), "|0.00|");
        assert_eq!(norm(1.5e9, "|"), "|2e9|");
        assert_eq!(norm(f64::NAN, "|"), "|NaN|");
    }
}
