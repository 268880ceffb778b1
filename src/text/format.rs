//! Numbers, sizes and durations as people read them, short or exact.

use std::time::Duration;

const COUNT_UNITS: [&str; 6] = ["k", "M", "G", "T", "P", "E"];
const BYTE_UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// A count in few characters: `999`, `1.2 M`. Rounded; see [`exact`] for the true one.
pub fn count(value: u64) -> String {
    if value < 1000 { value.to_string() } else { scaled(value, 1000, &COUNT_UNITS) }
}

/// So many of something whose noun takes an s: `1 profile`, `1,200 profiles`.
pub fn number_of(value: usize, noun: &str) -> String {
    many(value as u64, noun, &format!("{noun}s"))
}

/// A count with every digit, in groups of three: `1,234,567`.
pub fn exact(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// So many of something, in whatever words: `1 record was`, `1,234 records were`.
pub fn many(count: u64, one: &str, several: &str) -> String {
    format!("{} {}", exact(count), if count == 1 { one } else { several })
}

/// A size: `17 B`, `1.5 KiB`, `2.0 GiB`.
pub fn bytes(value: u64) -> String {
    if value < 1024 { format!("{value} B") } else { scaled(value, 1024, &BYTE_UNITS) }
}

/// Time that is left, for a clock that counts down: `0:07`, `14:32`, `1:00:00`.
pub fn countdown(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The time of day in UTC of a moment in seconds since 1970: `14:32:07`.
pub fn time_of_day(moment: u64) -> String {
    let seconds = moment % 86_400;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// How often: `once`, `3 times`.
pub fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", exact(count)) }
}

/// A duration: `0.4 ms`, `12 ms`, `1.8 s`, `2 min 5 s`, `3 h 20 min`.
pub fn duration(value: Duration) -> String {
    let micros = value.as_micros();
    match micros {
        0 => "0 ms".to_owned(),
        // Whatever took time is not shown as none.
        1..=99 => "<0.1 ms".to_owned(),
        100..=9_949 => format!("{:.1} ms", micros as f64 / 1e3),
        9_950..=999_499 => format!("{} ms", (micros + 500) / 1000),
        999_500..=59_949_999 => format!("{:.1} s", value.as_secs_f64()),
        _ => {
            let seconds = value.as_secs() + u64::from(value.subsec_millis() >= 500);
            let (minutes, rest) = (seconds / 60, seconds % 60);
            if minutes < 60 {
                format!("{minutes} min {rest} s")
            } else {
                format!("{} h {} min", minutes / 60, minutes % 60)
            }
        }
    }
}

/// A component of a vector or a norm with few digits: `0.1235`, `-12.35`, `1.235e-9`. Rounded to
/// four significant digits; print the `f32` itself for the exact value.
pub fn short_float(value: f32) -> String {
    let size = value.abs();
    if !value.is_finite() || value == 0.0 {
        return value.to_string();
    }
    if !(1e-4..1e6).contains(&size) {
        return format!("{value:.3e}");
    }
    let digits = 3 - (f64::from(size).log10().floor() as i32);
    format!("{value:.*}", usize::try_from(digits.clamp(0, 7)).unwrap_or(0))
}

/// Widest text of [`exact_float`].
pub const EXACT_FLOAT: usize = 15;

/// A float in the fewest digits that read back as the same `f32`, in at most [`EXACT_FLOAT`] columns:
/// `0.1`, `-0.06088734`, `1.1754944e-38`.
pub fn exact_float(value: f32) -> String {
    let (plain, power) = (value.to_string(), format!("{value:e}"));
    // What reads at a glance stays as it is, also where the other is a digit shorter: 0.0001, 100000.
    if plain.len() <= power.len().max(8) { plain } else { power }
}

/// `part` of `whole` in whole percent, `100 %` only when all is done.
pub fn percent(part: u64, whole: u64) -> String {
    let value = if whole == 0 { 100 } else { u128::from(part) * 100 / u128::from(whole) };
    format!("{} %", value.min(100))
}

/// One digit behind the point, in the largest unit that leaves at least 1 in front of it.
fn scaled(value: u64, base: u64, units: &[&str]) -> String {
    let mut scaled = value as f64 / base as f64;
    let mut units = units.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    for larger in units {
        // What would be rounded to a full next unit belongs there: never `1000.0 k`.
        if scaled < base as f64 - 0.05 {
            break;
        }
        scaled /= base as f64;
        unit = larger;
    }
    format!("{scaled:.1} {unit}")
}

/// A part from 0 to 1 in hundredths of a percent: `89.80 %`. Cut, not rounded up: 100 is said only for the whole.
pub fn share(part: f64) -> String {
    // What the bits of a float lack to a whole hundredth is not cut off.
    let hundredths = if part < 1.0 { (part * 10_000.0 + 1e-6).floor().min(9_999.0) / 100.0 } else { 100.0 };
    format!("{hundredths:.2} %")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn counts_are_short_and_never_show_a_thousand_of_a_unit() {
        let shown: Vec<String> =
            [0, 999, 1000, 1_234, 999_949, 999_960, 1_200_000, u64::MAX].into_iter().map(count).collect();
        assert_eq!(shown, ["0", "999", "1.0 k", "1.2 k", "999.9 k", "1.0 M", "1.2 M", "18.4 E"]);
    }

    #[test]
    fn exact_keeps_every_digit() {
        assert_eq!(exact(0), "0");
        assert_eq!(exact(1_000), "1,000");
        assert_eq!(exact(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn one_is_no_plural() {
        let said = [0, 1, 1_234].map(|n| many(n, "record was", "records were"));
        assert_eq!(said, ["0 records were", "1 record was", "1,234 records were"]);
        assert_eq!([0, 1, 2_000].map(|n| number_of(n, "profile")), ["0 profiles", "1 profile", "2,000 profiles"]);
    }

    #[test]
    fn one_time_is_once_and_a_day_begins_at_midnight() {
        assert_eq!([0, 1, 2].map(times), ["0 times", "once", "2 times"]);
        assert_eq!([86_399, 86_400, 86_400 + 52_327].map(time_of_day), ["23:59:59", "00:00:00", "14:32:07"]);
    }

    #[test]
    fn sizes_use_binary_units() {
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(1024 * 1024 - 1), "1.0 MiB");
        assert_eq!(bytes(5 << 30), "5.0 GiB");
    }

    #[test]
    fn durations_change_their_unit_at_the_right_place() {
        let shown: Vec<String> = [0, 50, 400, 9_940, 9_960, 12_300, 999_400, 999_600, 1_800_000, 59_940_000]
            .into_iter()
            .map(|us| duration(Duration::from_micros(us)))
            .collect();
        assert_eq!(
            shown,
            ["0 ms", "<0.1 ms", "0.4 ms", "9.9 ms", "10 ms", "12 ms", "999 ms", "1.0 s", "1.8 s", "59.9 s"]
        );
        assert_eq!(duration(Duration::from_millis(59_960)), "1 min 0 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 5 s");
        assert_eq!(duration(Duration::from_secs(12_000)), "3 h 20 min");
    }

    #[test]
    fn floats_have_four_digits() {
        let shown: Vec<String> =
            [0.0, 1.0, 0.123_456, -12.3456, 1234.5, 1.234_56e-9, f32::NAN].into_iter().map(short_float).collect();
        assert_eq!(shown, ["0", "1.000", "0.1235", "-12.35", "1234", "1.235e-9", "NaN"]);
    }

    #[test]
    fn exact_floats_read_back_and_fit() {
        let mut bits = 1_u32;
        for _ in 0..100_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = f32::from_bits(bits);
            let text = exact_float(value);
            assert!(text.len() <= EXACT_FLOAT, "{text}");
            let back: f32 = text.parse().unwrap();
            assert!(back.to_bits() == bits || value.is_nan(), "{text}");
        }
        let shown: Vec<String> = [0.1, -0.060_887_34, f32::MIN_POSITIVE, f32::MAX, -0.0].map(exact_float).to_vec();
        assert_eq!(shown, ["0.1", "-0.06088734", "1.1754944e-38", "3.4028235e38", "-0"]);
        assert_eq!([1e-7, 1e-4, 1e5, 1e12].map(exact_float), ["1e-7", "0.0001", "100000", "1e12"]);
    }

    #[test]
    fn percent_is_full_only_at_the_end() {
        assert_eq!((share(1.0), share(0.999_999_999)), ("100.00 %".to_owned(), "99.99 %".to_owned()));
        assert_eq!(
            (share(0.898), share(0.898 - 1e-16), share(0.0)),
            ("89.80 %".into(), "89.80 %".into(), "0.00 %".into())
        );
        assert_eq!(percent(999, 1000), "99 %");
        assert_eq!(percent(1000, 1000), "100 %");
        assert_eq!(percent(0, 0), "100 %");
    }
}
