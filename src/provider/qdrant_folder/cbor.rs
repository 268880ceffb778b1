//! CBOR to JSON: what a server's log holds, which the engine's types read as JSON.

use serde_json::{Map, Number, Value};

/// Arrays in arrays that are followed; more is no change of a server.
const DEPTH: usize = 100;
/// The length of what goes on until its end is marked.
const OPEN: u8 = 31;
/// The byte that marks that end.
const BREAK: u8 = 0xff;

/// The value in these bytes, all of them.
///
/// # Errors
/// A clause that says what is not understood.
pub(super) fn to_json(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(DEPTH)?;
    if reader.rest.is_empty() { Ok(value) } else { Err("there is something behind its end".to_owned()) }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("it ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, String> {
        self.take(1)?.first().copied().ok_or_else(|| "it ends too early".to_owned())
    }

    /// The number in the low bits of a first byte, or behind it.
    fn number(&mut self, low: u8) -> Result<u64, String> {
        let width = match low {
            0..24 => return Ok(u64::from(low)),
            24..28 => 1_usize << (low - 24),
            _ => return Err(format!("a length of the kind {low}")),
        };
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, low: u8) -> Result<usize, String> {
        usize::try_from(self.number(low)?).map_err(|_| "a length beyond all memory".to_owned())
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        let depth = depth.checked_sub(1).ok_or("it is nested too deep")?;
        let first = self.byte()?;
        let low = first & 0x1f;
        Ok(match first >> 5 {
            0 => Value::from(self.number(low)?),
            // -1 - n
            1 => {
                let n = i64::try_from(self.number(low)?).map_err(|_| "an integer below 64 bits".to_owned())?;
                Value::from(-1 - n)
            }
            2 => bytes(self.piece(low)?.as_slice()),
            3 => Value::from(String::from_utf8(self.piece(low)?).map_err(|_| "a text that is no UTF-8".to_owned())?),
            4 => {
                let mut values = Vec::new();
                self.each(low, |reader| {
                    values.push(reader.value(depth)?);
                    Ok(())
                })?;
                Value::Array(values)
            }
            5 => {
                let mut map = Map::new();
                self.each(low, |reader| {
                    let Value::String(key) = reader.value(depth)? else {
                        return Err("a key that is no text".to_owned());
                    };
                    map.insert(key, reader.value(depth)?);
                    Ok(())
                })?;
                Value::Object(map)
            }
            // a tag says what the value means; the types know that
            6 => {
                self.number(low)?;
                self.value(depth)?
            }
            _ => self.simple(low)?,
        })
    }

    /// Bytes or a text, in one piece or in several.
    fn piece(&mut self, low: u8) -> Result<Vec<u8>, String> {
        if low != OPEN {
            let length = self.length(low)?;
            return Ok(self.take(length)?.to_vec());
        }
        let mut whole = Vec::new();
        loop {
            let first = self.byte()?;
            if first == BREAK {
                return Ok(whole);
            }
            let length = self.length(first & 0x1f)?;
            whole.extend(self.take(length)?);
        }
    }

    /// As many as the length says, or up to the mark.
    fn each(&mut self, low: u8, mut one: impl FnMut(&mut Self) -> Result<(), String>) -> Result<(), String> {
        if low != OPEN {
            return (0..self.length(low)?).try_for_each(|_| one(self));
        }
        while self.rest.first() != Some(&BREAK) {
            one(self)?;
        }
        self.byte().map(drop)
    }

    fn simple(&mut self, low: u8) -> Result<Value, String> {
        let float = match low {
            20 => return Ok(Value::Bool(false)),
            21 => return Ok(Value::Bool(true)),
            22 | 23 => return Ok(Value::Null),
            25 => self.take(2)?.first_chunk().map(|bytes| f64::from(half::f16::from_be_bytes(*bytes))),
            26 => self.take(4)?.first_chunk().map(|bytes| f64::from(f32::from_be_bytes(*bytes))),
            27 => self.take(8)?.first_chunk().map(|bytes| f64::from_be_bytes(*bytes)),
            other => return Err(format!("a value of the kind {other}")),
        };
        let number = float.and_then(Number::from_f64).map(Value::Number);
        number.ok_or_else(|| "a number that is not finite".to_owned())
    }
}

/// A UUID, which is sixteen bytes; other bytes are numbers.
fn bytes(bytes: &[u8]) -> Value {
    match uuid::Uuid::from_slice(bytes) {
        Ok(uuid) => Value::from(uuid.to_string()),
        Err(_) => bytes.iter().copied().map(Value::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    /// From appendix A of RFC 8949, and a UUID.
    #[test]
    fn values_are_read() {
        let cases: [(&[u8], Value); 17] = [
            (b"\x00", json!(0)),
            (b"\x17", json!(23)),
            (b"\x18\x64", json!(100)),
            (b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff", json!(u64::MAX)),
            (b"\x20", json!(-1)),
            (b"\x39\x03\xe7", json!(-1000)),
            (b"\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", json!(i64::MIN)),
            (b"\xf9\x3e\x00", json!(1.5)),
            (b"\xfa\x47\xc3\x50\x00", json!(100_000.0)),
            (b"\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a", json!(1.1)),
            (b"\xf5", json!(true)),
            (b"\xf6", json!(null)),
            (b"\x64\xf0\x90\x85\x91", json!("\u{10151}")),
            (b"\x83\x01\x82\x02\x03\x80", json!([1, [2, 3], []])),
            (b"\xbf\x61a\x9f\x01\xff\x61b\x7f\x61x\x61y\xff\xff", json!({ "a": [1], "b": "xy" })),
            (b"\xc1\x1a\x51\x4b\x67\xb0", json!(1_363_896_240)),
            (b"\x50\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x07", json!("00000000-0000-0000-0000-000000000007")),
        ];
        for (bytes, due) in cases {
            assert_eq!(to_json(bytes), Ok(due), "{bytes:x?}");
        }
    }

    #[test]
    fn what_is_no_cbor_is_told_and_ends() {
        for bytes in
            [&b""[..], b"\x18", b"\x63ab", b"\x81", b"\x9f\x01", b"\x00\x00", b"\xa1\x01\x01", b"\xff", b"\x1c"]
        {
            assert!(to_json(bytes).is_err(), "{bytes:x?}");
        }
        assert!(to_json(&[0x81; 10_000]).unwrap_err().contains("deep"));
        assert!(to_json(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff").unwrap_err().contains("early"));
        assert!(to_json(b"\xf9\x7e\x00").unwrap_err().contains("finite"));
    }
}
