//! When a certificate ends, and for whom it is, in words. Only what is told to people is read here; rustls
//! checks certificates.

/// Days of the months of a year that is no leap year.
const MONTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// Most names of a certificate that are told.
const MOST_NAMES: usize = 5;
/// Longest name that is told.
const LONGEST: usize = 80;

/// The tags of DER that are met on the way to the end of a certificate.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const TWO_DIGIT_YEAR: u8 = 0x17;
const FOUR_DIGIT_YEAR: u8 = 0x18;

/// The last second of a certificate, since 1970; `None` where it cannot be read.
pub(super) fn end(der: &[u8]) -> Option<u64> {
    let mut certificate = Der(Der(der).sequence()?);
    let mut signed = Der(certificate.sequence()?);
    if signed.0.first() == Some(&VERSION) {
        signed.next()?;
    }
    for _number_algorithm_issuer in 0..3 {
        signed.next()?;
    }
    let mut validity = Der(signed.sequence()?);
    let _from = validity.next()?;
    let (tag, text) = validity.next()?;
    seconds(tag, std::str::from_utf8(text).ok()?)
}

/// Values in DER, one behind the other.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value, with its tag.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // So many bytes of length follow.
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, value))
    }

    fn sequence(&mut self) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == SEQUENCE).map(|(_, value)| value)
    }
}

/// `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`.
fn seconds(tag: u8, text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, at) = match tag {
        TWO_DIGIT_YEAR => (number(0, 2).map(|year| if year < 50 { 2000 + year } else { 1900 + year })?, 2),
        FOUR_DIGIT_YEAR => (number(0, 4)?, 4),
        _ => return None,
    };
    let (month, day) = (number(at, at + 2)?, number(at + 2, at + 4)?);
    let (hour, minute, second) = (number(at + 4, at + 6)?, number(at + 6, at + 8)?, number(at + 8, at + 10)?);
    let years = (1970..year).map(|year| 365 + u64::from(is_leap(year))).sum::<u64>();
    let before = MONTHS.iter().take(usize::try_from(month.checked_sub(1)?).ok()?).sum::<u64>();
    let leap_day = u64::from(month > 2 && is_leap(year));
    let days = years + before + leap_day + day.checked_sub(1)?;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// The day of that second since 1970, as `2026-12-01`.
pub fn date(seconds: u64) -> String {
    let (mut year, mut days) = (1970_u64, seconds / 86_400);
    // Ends of certificates are at most in the year 9999.
    while year < 10_000 && days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for (at, length) in MONTHS.into_iter().enumerate() {
        let length = length + u64::from(at == 1 && is_leap(year));
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", days + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// The names of a certificate as rustls tells them, `DnsName("db.test")`, in words.
pub(super) fn names(told: &[String]) -> String {
    let bare = |name: &String| -> String {
        let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name);
        inner.trim_matches('"').chars().filter(|c| !c.is_control()).take(LONGEST).collect()
    };
    let mut shown: Vec<String> = told.iter().take(MOST_NAMES).map(bare).collect();
    if told.len() > MOST_NAMES {
        shown.push("others".to_owned());
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn certificate(year: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["db.test".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 2, 28);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn the_end_of_a_certificate_is_read_in_both_forms() {
        for year in [2024, 2049, 2050, 2123] {
            assert_eq!(end(&certificate(year)).map(date), Some(format!("{year}-02-28")));
        }
        let whole = certificate(2024);
        for length in 0..60 {
            assert_eq!(end(&whole[..length]), None, "{length} bytes of it");
        }
    }

    #[test]
    fn days_are_counted_over_leap_years() {
        for (text, expected) in [("700101000000Z", 0), ("991231235959Z", 946_684_799), ("240301000000Z", 1_709_251_200)]
        {
            assert_eq!(seconds(TWO_DIGIT_YEAR, text), Some(expected), "{text}");
        }
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(1_735_603_200), "2024-12-31");
        assert_eq!(seconds(TWO_DIGIT_YEAR, "24\u{e9}1000000Z"), None);
    }

    #[test]
    fn names_are_told_without_what_is_not_theirs() {
        let told = ["DnsName(\"db.test\")".to_owned(), "IpAddress(127.0.0.1)".to_owned()];
        assert_eq!(names(&told), "db.test, 127.0.0.1");
        assert_eq!(names(&vec!["DnsName(\"a\")".to_owned(); 9]), "a, a, a, a, a, others");
    }
}
