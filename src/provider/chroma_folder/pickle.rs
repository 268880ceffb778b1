//! Reads the pickle in which Chroma keeps the labels of a vector index: which id has which label.
//!
//! Python's own format can run code when it is read. Here it is only taken apart: of classes and
//! calls nothing remains but that there was a value, every length is held against what is there, and
//! an instruction that such a file does not need is an error. Both writers are read: Python's (an
//! object of a class, up to Chroma 0.6, protocol 4 or 5) and Rust's (a plain dictionary, protocol 3).

use std::collections::HashMap;

/// Which id has which label in the index, and how far the index had read the queue.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Labels {
    /// Id to label.
    pub(super) of_id: HashMap<String, u64>,
    /// The last change of the queue that is in the index, in files of old versions only.
    pub(super) max_seq_id: Option<i64>,
}

/// A value, as far as it matters here.
#[derive(Clone, Copy)]
enum Value<'a> {
    Text(&'a str),
    Integer(i64),
    /// Where the arguments of a later instruction begin.
    Mark,
    /// Anything else, also dictionaries: what is put into them is read when it is put in.
    Other,
}

/// The dictionary with the labels.
const LABELS: &str = "id_to_label";
/// The place in the queue.
const MAX_SEQ_ID: &str = "max_seq_id";

/// Reads a file's bytes.
///
/// # Errors
/// What is wrong with them, for a sentence.
pub(super) fn labels(bytes: &[u8]) -> Result<Labels, String> {
    let mut reader = Reader { bytes, at: 0, stack: Vec::new(), memo: Vec::new(), labels: Labels::default() };
    while reader.step()? {}
    Ok(reader.labels)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value<'a>>,
    memo: Vec<Value<'a>>,
    labels: Labels,
}

impl<'a> Reader<'a> {
    /// Carries out one instruction; `false` at the end.
    fn step(&mut self) -> Result<bool, String> {
        let code = self.byte()?;
        match code {
            b'.' => return Ok(false),
            // frames and the protocol's number only help readers of streams
            0x80 => self.skip(1)?,
            0x95 => self.skip(8)?,
            b'(' => self.stack.push(Value::Mark),
            b'}' | b']' | b')' | b'N' | 0x88 | 0x89 | 0x8f => self.stack.push(Value::Other),
            b'K' | b'M' | b'J' | 0x8a => {
                let value = self.integer(code)?;
                self.stack.push(value);
            }
            b'X' | 0x8c | 0x8d => {
                let length = self.length(match code {
                    0x8c => 1,
                    b'X' => 4,
                    _ => 8,
                })?;
                let text = std::str::from_utf8(self.take(length)?).map_err(|_| "a text that is no UTF-8".to_owned())?;
                self.stack.push(Value::Text(text));
            }
            b'C' | b'B' => {
                let length = self.length(if code == b'C' { 1 } else { 4 })?;
                self.skip(length)?;
                self.stack.push(Value::Other);
            }
            b'G' => {
                self.skip(8)?;
                self.stack.push(Value::Other);
            }
            b'c' => {
                self.line()?;
                self.line()?;
                self.stack.push(Value::Other);
            }
            0x94 => self.memo.push(*self.stack.last().ok_or("an empty stack")?),
            b'q' | b'r' => {
                let place = self.length(if code == b'q' { 1 } else { 4 })?;
                self.remember(place)?;
            }
            b'h' | b'j' => {
                let place = self.length(if code == b'h' { 1 } else { 4 })?;
                self.stack.push(*self.memo.get(place).ok_or("a value that was never kept")?);
            }
            // a class, an object of it, a call: only that there is a value
            0x93 | 0x81 | b'R' => {
                self.pop()?;
                self.pop()?;
                self.stack.push(Value::Other);
            }
            // what an object is filled with; the object stays
            b'b' | b'a' => {
                self.pop()?;
            }
            b'e' | 0x90 => {
                self.since_mark()?;
            }
            b't' => {
                self.since_mark()?;
                self.stack.push(Value::Other);
            }
            0x85..=0x87 => {
                (0x84..code).try_for_each(|_| self.pop().map(drop))?;
                self.stack.push(Value::Other);
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.put(&[key, value])?;
            }
            b'u' => {
                let items = self.since_mark()?;
                self.put(&items)?;
            }
            other => return Err(format!("an instruction {other:#04x} that such a file does not need")),
        }
        Ok(true)
    }

    /// Items are put into the dictionary on top of the stack. Which one that is tells the text below
    /// it: the key under which it is about to be put itself.
    fn put(&mut self, items: &[Value<'a>]) -> Result<(), String> {
        if !matches!(self.stack.last(), Some(Value::Other)) {
            return Err("items without a dictionary".to_owned());
        }
        let below = self.stack.len().checked_sub(2).and_then(|at| self.stack.get(at));
        let is_labels = matches!(below, Some(Value::Text(LABELS)));
        for pair in items.chunks(2) {
            match pair {
                [Value::Text(id), Value::Integer(label)] if is_labels => {
                    let label = u64::try_from(*label).map_err(|_| format!("the label {label} below zero"))?;
                    self.labels.of_id.insert((*id).to_owned(), label);
                }
                [_, _] if is_labels => return Err("a label that is no number".to_owned()),
                [Value::Text(MAX_SEQ_ID), Value::Integer(place)] => self.labels.max_seq_id = Some(*place),
                [_, _] => {}
                _ => return Err("a key without a value".to_owned()),
            }
        }
        Ok(())
    }

    fn integer(&mut self, code: u8) -> Result<Value<'a>, String> {
        Ok(match code {
            b'K' | b'M' => {
                let value = self.length(if code == b'K' { 1 } else { 2 })?;
                Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
            }
            b'J' => {
                let bytes = self.take(4)?.try_into().map_err(|_| "the end".to_owned())?;
                Value::Integer(i32::from_le_bytes(bytes).into())
            }
            _ => {
                let length = self.length(1)?;
                let bytes = self.take(length)?;
                // little-endian with a sign; what needs more than 64 bits is no label
                let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
                let mut all = [if negative { 0xff } else { 0 }; 8];
                match all.get_mut(..bytes.len()) {
                    Some(room) => {
                        room.copy_from_slice(bytes);
                        Value::Integer(i64::from_le_bytes(all))
                    }
                    None => Value::Other,
                }
            }
        })
    }

    fn remember(&mut self, place: usize) -> Result<(), String> {
        let value = *self.stack.last().ok_or("an empty stack")?;
        // numbered one after the other; a gap would be a way to ask for any amount of memory
        if place == self.memo.len() {
            self.memo.push(value);
        } else {
            *self.memo.get_mut(place).ok_or("values kept out of order")? = value;
        }
        Ok(())
    }

    fn since_mark(&mut self) -> Result<Vec<Value<'a>>, String> {
        let mark = self.stack.iter().rposition(|value| matches!(value, Value::Mark)).ok_or("no mark")?;
        let items = self.stack.split_off(mark + 1);
        self.stack.pop();
        Ok(items)
    }

    fn pop(&mut self) -> Result<Value<'a>, String> {
        self.stack.pop().ok_or_else(|| "an empty stack".to_owned())
    }

    fn byte(&mut self) -> Result<u8, String> {
        self.take(1).map(|bytes| bytes.first().copied().unwrap_or_default())
    }

    fn skip(&mut self, length: usize) -> Result<(), String> {
        self.take(length).map(drop)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(length);
        let bytes = end.and_then(|end| self.bytes.get(self.at..end)).ok_or("it ends too early")?;
        self.at += length;
        Ok(bytes)
    }

    /// An unsigned little-endian number of so many bytes.
    fn length(&mut self, bytes: usize) -> Result<usize, String> {
        let number = self.take(bytes)?.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        usize::try_from(number).map_err(|_| "a length beyond memory".to_owned())
    }

    fn line(&mut self) -> Result<(), String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or("it ends too early")?;
        self.skip(end + 1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    /// As Chroma 1.5.9 writes it: protocol 3, four-byte lengths and numbers.
    const RUST: &[u8] = b"\x80\x03}(X\x0e\x00\x00\x00dimensionalityNX\x0a\x00\x00\x00max_seq_idNX\x0b\x00\x00\x00id_to_label}(X\x02\x00\x00\x00r1J\x02\x00\x00\x00X\x01\x00\x00\x00aJ\x07\x00\x00\x00uX\x0b\x00\x00\x00label_to_id}(J\x02\x00\x00\x00X\x02\x00\x00\x00r1uu.";

    /// As Python writes an object of a class, with values kept and used again.
    const PYTHON: &[u8] = b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x03mod\x94\x8c\x0ePersistentData\x94\x93\x94)\x81\x94}\x94(\x8c\x0aid_unknown\x94K\x05\x8c\x0bid_to_label\x94}\x94(\x8c\x02r1\x94K\x01\x8c\x02r2\x94M\x00\x01u\x8c\x0blabel_to_id\x94}\x94(K\x01h\x07u\x8c\x0amax_seq_id\x94\x8a\x05\x00\x00\x00\x00\x01ub.";

    #[test]
    fn labels_of_both_writers_are_read() {
        let rust = labels(RUST).unwrap();
        assert_eq!(rust.of_id, HashMap::from([("r1".to_owned(), 2), ("a".to_owned(), 7)]));
        assert_eq!(rust.max_seq_id, None);
        let python = labels(PYTHON).unwrap();
        assert_eq!(python.of_id, HashMap::from([("r1".to_owned(), 1), ("r2".to_owned(), 256)]));
        assert_eq!(python.max_seq_id, Some(1 << 32));
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error_and_no_panic() {
        for whole in [RUST, PYTHON] {
            for end in 0..whole.len() {
                assert!(labels(&whole[..end]).is_err(), "cut at {end}");
            }
        }
    }

    #[test]
    fn any_changed_byte_is_no_panic() {
        for whole in [RUST, PYTHON] {
            for at in 0..whole.len() {
                for value in [0, 1, b'u', b'h', 0x7f, 0x8d, 0xff] {
                    let mut changed = whole.to_vec();
                    changed[at] = value;
                    let _ = labels(&changed);
                }
            }
        }
    }

    #[test]
    fn nothing_is_called() {
        let call = b"cos\nsystem\n(X\x04\x00\x00\x00truetR.";
        assert_eq!(labels(call), Ok(Labels::default()));
        assert!(labels(b"i.").is_err(), "instructions that such a file does not need are refused");
    }
}
