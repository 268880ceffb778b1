//! Small bars and histograms, for where one would look rather than read.

use crate::jobs::model::comparison::Way;

/// A bar of so many columns for a part from 0 to 1. Only the whole is drawn full.
pub fn bar(part: f64, columns: usize) -> String {
    let part = part.clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "columns")]
    let eighths = (part * (columns * 8) as f64) as usize;
    let mut bar = "█".repeat(eighths / 8);
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    bar.push_str(rest.get(eighths % 8).copied().unwrap_or_default());
    let drawn = bar.chars().count();
    bar.push_str(&"·".repeat(columns.saturating_sub(drawn)));
    bar
}

/// Queries by what they reached, best first; rows without any are left out at the lower end.
pub fn histogram(way: &Way) -> Vec<String> {
    let most = way.histogram.iter().copied().max().unwrap_or(0).max(1);
    let lowest = way.histogram.iter().position(|count| *count > 0).unwrap_or(10);
    let rows = way.histogram.iter().enumerate().skip(lowest.min(9)).rev();
    let row = |(at, count): (usize, &u64)| {
        let label = if at == 10 { "    100 %".to_owned() } else { format!("{:>2} – <{} %", at * 10, at * 10 + 10) };
        #[expect(clippy::cast_precision_loss, reason = "a bar")]
        let part = *count as f64 / most as f64;
        let drawn = bar(part, 30);
        format!("{label:>11}  {}  {count}", drawn.replace('·', " "))
    };
    rows.map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_looks_whole() {
        assert_eq!(bar(1.0, 4), "████");
        assert_eq!(bar(0.999, 4), "███▉");
        assert_eq!(bar(0.0, 4), "····");
    }

    #[test]
    fn a_histogram_begins_with_the_best() {
        let rows = histogram(&Way::of("x", &[0.75, 1.0, 1.0]));
        assert_eq!(rows.len(), 4);
        assert!(rows[0].contains("100 %") && rows[0].ends_with("  2") && rows[3].contains("70 – <80 %"), "{rows:#?}");
    }
}
