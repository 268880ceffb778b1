//! JSON as PostgreSQL keeps it.
//!
//! `jsonb` keeps numbers as decimals and writes them without an exponent, so that `1e18` would come
//! back as a whole number. A float without a fraction is therefore written with all its digits and
//! `.0`, which `jsonb` keeps.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter};

struct Decimals(CompactFormatter);

impl Formatter for Decimals {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        if value.fract() == 0.0 { write!(writer, "{value:.1}") } else { self.0.write_f64(writer, value) }
    }
}

/// The text of a JSON value.
///
/// # Errors
/// Why it has none.
pub(super) fn text(value: &impl Serialize) -> Result<String, String> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Decimals(CompactFormatter));
    value.serialize(&mut serializer).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// Reads JSON. A number beyond all floats, which `json` and `jsonb` can hold, becomes a text.
///
/// # Errors
/// Why it is no JSON.
pub(super) fn read(text: &str) -> Result<Value, String> {
    serde_json::from_str(text)
        .or_else(|error| if error.is_syntax() { serde_json::from_str(&with_texts(text)) } else { Err(error) })
        .map_err(|error| error.to_string())
}

/// The same JSON with quotes around each number beyond all floats.
fn with_texts(json: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(json.len() + 16), json);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => quoted(rest),
            '-' | '0'..='9' => {
                rest.find(|c: char| !matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9')).unwrap_or(rest.len())
            }
            other => other.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        if token.parse::<f64>().is_ok_and(f64::is_infinite) {
            out.push_str(&format!("\"{token}\""));
        } else {
            out.push_str(token);
        }
        rest = behind;
    }
    out
}

/// The length of the text in quotes that stands first.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (place, letter) in text.char_indices().skip(1) {
        match letter {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return place + 1,
            _ => escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_beyond_all_floats_is_read_as_a_text() {
        let huge = format!("1{}", "0".repeat(400));
        let text = format!("{{\"a\\\"\\\\\": [{huge}, -{huge}, 5, 5.0], \"b {huge} \\\\\": 1e-400}}");
        let read = read(&text).unwrap();
        assert_eq!(read["a\"\\"], json!([huge, format!("-{huge}"), 5, 5.0]));
        assert_eq!(read[format!("b {huge} \\")], json!(0.0));
        assert!(super::read("{\"a\": }").is_err() && super::read("{\"a").is_err());
    }

    #[test]
    fn floats_stay_floats_and_integers_integers() {
        let value = json!({ "a": 1e18, "b": 5.0, "c": 5, "d": 0.1, "e": [u64::MAX, i64::MIN], "f": "1e18" });
        let written = text(&value).unwrap();
        assert!(written.contains("1000000000000000000.0") && written.contains("\"b\":5.0,\"c\":5,"), "{written}");
        let read: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read.to_string(), value.to_string());
        for number in [1e300, 9.223372036854776e18, 1e-300, f64::MAX, 123_456_789.123] {
            let read: Value = serde_json::from_str(&text(&json!(number)).unwrap()).unwrap();
            assert!(read.is_f64() && read.as_f64() == Some(number), "{number}");
        }
    }
}
