//! Paths into JSON documents, in the part of JSONPath that RedisJSON and we have in common.

/// The keys of a plain path such as `$.a.b`, `$["a b"]` or `$['a'].b`; `None` for any other.
pub(super) fn read(path: &str) -> Option<Vec<String>> {
    let mut rest = path.strip_prefix('$').or(Some(path).filter(|path| path.starts_with('.')))?;
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let (key, behind) = if let Some(bracket) = rest.strip_prefix('[') {
            let quote = bracket.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let inside = bracket.get(1..)?;
            let (key, behind) = inside.split_once(quote)?;
            (key, behind.strip_prefix(']')?)
        } else {
            let word = rest.strip_prefix('.')?;
            let end = word.find(['.', '[']).unwrap_or(word.len());
            let (key, behind) = word.split_at_checked(end)?;
            if key.is_empty() || key.contains(['*', '?', '@', '(', '\'', '"']) {
                return None;
            }
            (key, behind)
        };
        if key.contains('\\') {
            return None;
        }
        keys.push(key.to_owned());
        rest = behind;
    }
    Some(keys).filter(|keys| !keys.is_empty())
}

/// The path to a key in objects; the inverse of [`read`]. `None` for keys that RedisJSON's paths have no
/// way to write (seen on 2.8: no escapes work in them).
pub(super) fn write(keys: &[String]) -> Option<String> {
    let mut path = String::from("$");
    for key in keys {
        let quoted = quote(key).filter(|_| !key.is_empty() && !key.contains('\\'))?;
        path += &format!("[{quoted}]");
    }
    Some(path)
}

/// A text as a literal without escapes; `None` if both kinds of quotes are in it, or a NUL.
pub(super) fn quote(text: &str) -> Option<String> {
    match (text.contains('"'), text.contains('\''), text.contains('\0')) {
        (false, _, false) => Some(format!("\"{text}\"")),
        (true, false, false) => Some(format!("'{text}'")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_read_and_written() {
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        assert_eq!(read("$.a.b"), Some(keys(&["a", "b"])));
        assert_eq!(read("$[\"a b\"]['c.d'].e"), Some(keys(&["a b", "c.d", "e"])));
        assert_eq!(read(".a"), Some(keys(&["a"])));
        assert_eq!(write(&keys(&["a", "q\"x", "it's"])).as_deref(), Some("$[\"a\"]['q\"x'][\"it's\"]"));
        for odd in ["$", "$..a", "$.a[*]", "$.a[0]", "$.*", "a", "$.a[?(@.b)]", "$.a[\"b"] {
            assert_eq!(read(odd), None, "{odd}");
        }
        for odd in ["", "a\\b", "'\"", "\0"] {
            assert_eq!(write(&keys(&[odd])), None, "{odd:?}");
        }
    }
}
