//! One redactor for all text that leaves the program: log, errors, panic reports, messages.
//!
//! It knows secrets by their shape (user info in URLs, headers, `key=value`, age keys, tokens) and
//! by their value: whoever resolves a secret calls [`register_secret`]. It rather takes away too
//! much than too little.

use std::borrow::Cow;
use std::sync::{LazyLock, PoisonError, RwLock};

use regex::{Captures, Regex};
use secrecy::{ExposeSecret, SecretString};

/// What stands in place of a secret.
pub const MARK: &str = "***";

/// Shorter values are not registered: they would be found in ordinary words and numbers.
const SHORTEST: usize = 6;

/// Values that must never be shown, longest first.
static KNOWN: RwLock<Vec<SecretString>> = RwLock::new(Vec::new());

/// Shapes of secrets. The group `keep` stays in front of the mark, `end` behind it.
static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| PATTERNS.iter().filter_map(|p| Regex::new(p).ok()).collect());

const PATTERNS: [&str; 8] = [
    // scheme://user:password@host; then the same with a `/` or `#` that should have been escaped,
    // unless it is a port that stands behind the colon
    r#"(?i)(?<keep>\b[a-z][a-z0-9+.-]*://)[^\s/?\#"'<>]*(?<end>@)"#,
    r#"(?i)(?<keep>\b[a-z][a-z0-9+.-]*://)[^\s/?\#@:"'<>]*:[^\s@"'<>/?\#0-9][^\s@"'<>]*(?<end>@)"#,
    // `Authorization: Bearer x`, also in quotes and inside `Some(...)`
    r#"(?ix)(?<keep> \b(?:proxy-)?authorization \\?["']? \s*[:=]\s* (?:Some\()? (?:b?\\?["'])? (?:(?:bearer|basic|token|apikey)\s+)? )
       [^\s"',;)}\]\\]+"#,
    r#"(?i)(?<keep>\bbearer\s+)[A-Za-z0-9._~+/=-]{4,}"#,
    // name: value and name=value, in headers, JSON, query strings, libpq strings, `Debug` output
    r#"(?ix)(?<keep> (?: [a-z0-9_-]*(?:api[-_\ ]?key|token|passw(?:or)?d|passphrase|secret|credential|private[-_]?key|access[-_]?key)
                       | [?&](?:key|sig|signature|x-amz-signature) | \b(?:set-)?cookie | \bpwd )
                 \\?["']? \s*[:=]\s* (?:Some\()? )
       (?: \\" (?:[^"\\]|\\[^"])* \\" | b?"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [^\s"',;&)}\]\\]+ )"#,
    r"(?i)AGE-SECRET-KEY-[A-Z0-9-]{2,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^-]|-[^-])*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
    // JSON web tokens and keys with a maker's prefix
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?|\b(?:sk|ck|pcsk)[-_][A-Za-z0-9_-]{16,}",
];

/// The text without secrets; borrowed if there was none.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    for secret in KNOWN.read().unwrap_or_else(PoisonError::into_inner).iter() {
        if out.contains(secret.expose_secret()) {
            out = Cow::Owned(out.replace(secret.expose_secret(), MARK));
        }
    }
    for shape in SHAPES.iter() {
        if shape.is_match(&out) {
            out = Cow::Owned(shape.replace_all(&out, mark).into_owned());
        }
    }
    out
}

/// Makes a value, and its percent-encoded and escaped forms, invisible in all that is redacted from
/// now on. Values of fewer than six bytes are ignored: hiding them would shred every text.
pub fn register_secret(value: &str) {
    let value = value.trim();
    if value.len() < SHORTEST {
        return;
    }
    let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    for form in [value.to_owned(), encoded.replace('+', "%20"), encoded, value.escape_debug().to_string()] {
        if !known.iter().any(|k| k.expose_secret() == form) {
            known.push(SecretString::from(form));
        }
    }
    // A secret that contains another one goes first, or its rest would stay.
    known.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
}

fn mark(found: &Captures<'_>) -> String {
    let group = |name| found.name(name).map_or("", |part| part.as_str());
    let value = found[0].strip_prefix(group("keep")).unwrap_or_default();
    // "Must provide a bearer token." names what is missing and holds none.
    if group("keep").trim_end().eq_ignore_ascii_case("bearer")
        && ["token", "tokens", "authentication"].contains(&value.trim_end_matches('.').to_ascii_lowercase().as_str())
    {
        return found[0].to_owned();
    }
    format!("{}{MARK}{}", group("keep"), group("end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(SHAPES.len(), PATTERNS.len());
    }

    #[test]
    fn secrets_are_found_by_their_shape() {
        let cases = [
            ("postgres://bob:hunter2@db:5432/x failed", "postgres://***@db:5432/x failed"),
            ("https://tok3n@host/", "https://***@host/"),
            ("http://u:p@ss@host", "http://***@host"),
            ("http://u:pa/s#s@host/a", "http://***@host/a"),
            ("api-key: s3cr3t, next", "api-key: ***, next"),
            ("api_key=s3cr3t&limit=3", "api_key=***&limit=3"),
            ("GET /x?limit=3&key=s3cr3t HTTP/1.1", "GET /x?limit=3&key=*** HTTP/1.1"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
            ("authorization: Basic dXNlcjpwdw==", "authorization: Basic ***"),
            ("got bearer abcdefg", "got bearer ***"),
            ("give an Authorization bearer token.", "give an Authorization bearer token."),
            (r#"{"x-chroma-token": "ck 1 2", "a": 1}"#, r#"{"x-chroma-token": ***, "a": 1}"#),
            (r#"{\"api-key\":\"s3cr3t\",\"a\":1}"#, r#"{\"api-key\":***,\"a\":1}"#),
            (r#"Config { api_key: Some("s3cr3t"), n: 1 }"#, "Config { api_key: Some(***), n: 1 }"),
            (r#""authorization": "Bearer s3cr3t""#, r#""authorization": "Bearer ***""#),
            ("host=db password='a b' user=x", "host=db password=*** user=x"),
            ("QDRANT_API_KEY=s3cr3t", "QDRANT_API_KEY=***"),
            ("key AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3 end", "key *** end"),
            ("a -----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY----- b", "a *** b"),
            ("a -----BEGIN OPENSSH PRIVATE KEY-----\nMIIB", "a ***"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.eyJhY2Nlc3MiOiJtIn0.abc-_1 end", "jwt *** end"),
        ];
        for (text, wanted) in cases {
            let shown = redact(text);
            for secret in ["hunter2", "tok3n", "p@ss", "s3cr3t", "abc.def", "dXNl", "MIIB", "1QQP", "eyJ"] {
                assert!(!shown.contains(secret), "{secret} left in {shown:?}");
            }
            assert_eq!(shown, wanted);
        }
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        for text in [
            "cannot reach http://127.0.0.1:8000/api/v2/collections/a@b: refused",
            "the server refused the key (401); set another one in the profile",
            "keys = 3, tokenizer off, mail me@example.org",
            // How a key begins is told to whoever has none.
            "VECTOR_INSPECTOR_KEY holds no age key (a line that starts with AGE-SECRET-KEY-1).",
        ] {
            assert!(matches!(redact(text), Cow::Borrowed(_)), "{:?}", redact(text));
        }
    }

    #[test]
    fn redacting_twice_changes_nothing() {
        for text in ["api-key: abc", "Authorization: Bearer x1y2z3", r#"{"token":"t t"}"#, "a://b@c"] {
            let once = redact(text).into_owned();
            assert_eq!(redact(&once), once);
        }
    }

    #[test]
    fn registered_values_are_hidden_in_every_form() {
        register_secret("  Zorro&Garcia \"1\" ");
        register_secret("Zorro&Garcia");
        register_secret("abc");
        let text = "plain Zorro&Garcia \"1\", url Zorro%26Garcia+%221%22 and Zorro%26Garcia%20%221%22, \
                    debug Zorro&Garcia \\\"1\\\", part Zorro&Garcia, short abc";
        assert_eq!(redact(text), "plain ***, url *** and ***, debug ***, part ***, short abc");
    }
}
