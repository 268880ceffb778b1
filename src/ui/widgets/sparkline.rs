//! A vector as a row of bars.

use crate::ui::glyphs::Set;

/// The smallest and largest finite value; `None` if there is none.
pub fn range(values: &[f32]) -> Option<(f32, f32)> {
    values.iter().filter(|v| v.is_finite()).fold(None, |range, v| match range {
        None => Some((*v, *v)),
        Some((low, high)) => Some((low.min(*v), high.max(*v))),
    })
}

/// At most `width` bars from the smallest to the largest value. With more values than columns a
/// bar shows the value farthest from zero of its part, so that peaks stay. A part with something
/// that is no number shows `?`.
pub fn bars(values: &[f32], width: usize, set: &Set) -> String {
    let Some((low, high)) = range(values) else {
        return "?".repeat(values.len().min(width));
    };
    let columns = values.len().min(width);
    let mut out = String::with_capacity(columns * 3);
    for column in 0..columns {
        let part = &values[column * values.len() / columns..(column + 1) * values.len() / columns];
        if part.iter().any(|v| !v.is_finite()) {
            out.push('?');
            continue;
        }
        let value = part.iter().copied().fold(0.0_f32, |far, v| if v.abs() > far.abs() { v } else { far });
        out.push_str(set.bars[level(value, low, high)]);
    }
    out
}

fn level(value: f32, low: f32, high: f32) -> usize {
    let span = f64::from(high) - f64::from(low);
    if span <= 0.0 {
        return 3;
    }
    let part = (f64::from(value) - f64::from(low)) / span;
    ((part * 7.0).round() as usize).min(7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::glyphs::{ASCII, UNICODE};

    #[test]
    fn bars_reach_from_the_smallest_to_the_largest() {
        assert_eq!(bars(&[-1.0, 0.0, 1.0], 3, &UNICODE), "▁▅█");
        assert_eq!(bars(&[-1.0, 0.0, 1.0], 3, &ASCII), "_~#");
    }

    #[test]
    fn peaks_stay_when_many_values_share_a_bar() {
        assert_eq!(bars(&[0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0], 2, &UNICODE), "█▁");
    }

    #[test]
    fn odd_vectors_are_drawn() {
        assert_eq!(bars(&[], 8, &UNICODE), "");
        assert_eq!(bars(&[f32::NAN], 8, &UNICODE), "?");
        assert_eq!(bars(&[1.0, f32::INFINITY], 8, &UNICODE), "▄?");
        assert_eq!(bars(&[2.0, 2.0], 8, &UNICODE), "▄▄");
        assert_eq!(bars(&[f32::MIN, f32::MAX], 8, &UNICODE), "▁█");
        assert_eq!(bars(&[1.0; 9], 0, &UNICODE), "");
    }
}
