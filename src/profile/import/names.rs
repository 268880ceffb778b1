//! Names for profiles whose files have other rules for names, and identities for what has none.

use std::collections::HashSet;

use uuid::Uuid;

use crate::profile::model::ProfileId;
use crate::profile::vault::usable_name;

/// The longest name that a file can give.
const LONGEST: usize = 100;

/// A name that can be typed, as near to the text as can be.
pub fn clean(text: &str) -> String {
    let kept: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() || crate::text::is_hidden(c) || "/\\:".contains(c) { '-' } else { c })
        .collect();
    let kept = kept.trim().trim_start_matches('-').trim_end_matches('-').trim();
    if usable_name(kept).is_ok() { kept.to_owned() } else { format!("imported {kept}").trim().to_owned() }
}

/// The name, or the first of `name-2`, `name-3` ... that is free.
pub fn free(name: &str, taken: &HashSet<String>) -> String {
    if !taken.contains(name) {
        return name.to_owned();
    }
    let mut number = 2_u64;
    loop {
        let other = format!("{name}-{number}");
        if !taken.contains(&other) {
            return other;
        }
        number += 1;
    }
}

/// The identity of something that has none of its own: the same whenever it is read again.
pub fn identity(parts: &[&str]) -> ProfileId {
    const NAMESPACE: Uuid = uuid::uuid!("2d0a7a3e-6f0b-4b0e-9c43-5b7f6a1d9e02");
    ProfileId(Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_name_that_the_store_takes() {
        for text in ["", "a/b", "-x", "demo", "  ", "\u{1b}[31m\u{202e}x", "C:\\data", &"n".repeat(5000), "://", "----"]
        {
            let name = clean(text);
            assert!(usable_name(&name).is_ok(), "{text:?} became {name:?}");
            assert!(name.chars().all(|c| !crate::text::is_hidden(c)), "{name:?}");
        }
        assert_eq!(clean("Production Pinecone"), "Production Pinecone");
        let taken = ["a", "a-2"].map(str::to_owned).into_iter().collect();
        assert_eq!((free("a", &taken), free("b", &taken)), ("a-3".to_owned(), "b".to_owned()));
        assert_eq!(identity(&["a", "b"]), identity(&["a", "b"]));
        assert_ne!(identity(&["a", "b"]), identity(&["ab", ""]));
    }
}
