//! One spelling for all words that open the same database: what is kept by the word of its source, such as a backup,
//! is found again whether the command or the screen has written that word. It opens the database like any other word,
//! though without what says only how it is reached.

use super::model::SecretSource;
use super::target::{Lookup, Target, parse};
use super::whereabouts::one_name;
use crate::provider::Address;
use crate::provider::transport::ALLOW_PLAINTEXT_KEY;

/// That spelling: host and port with the options in order, or a directory by its one name. The name of a profile, `demo`
/// and what cannot be read now stay as they are. Looks at the file system.
pub fn one_word(word: &str, env: Lookup<'_>) -> String {
    let Ok(Target::Spec { spec, secret, .. } | Target::Ask { spec, secret, .. }) = parse(word, env) else {
        return word.trim().to_owned();
    };
    let place = match &spec.address {
        Address::Directory(path) => path.canonicalize().unwrap_or_else(|_| path.clone()).display().to_string(),
        Address::Server { host, port, .. } => match one_name(host) {
            host if host.contains(':') => format!("[{host}]:{port}"),
            host => format!("{host}:{port}"),
        },
    };
    let mut words = url::form_urlencoded::Serializer::new(String::new());
    words.extend_pairs(spec.options.iter().filter(|(name, _)| name.as_str() != ALLOW_PLAINTEXT_KEY));
    // It may be the key that says which database is meant.
    if let Some(SecretSource::Env(name)) = &secret {
        words.append_pair("key_env", name);
    }
    let words = words.finish();
    if words.is_empty() { place } else { format!("{place}?{words}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(word: &str) -> String {
        one_word(word, &|name| (name == "PGKEY").then(|| "sesame".to_owned()))
    }

    #[test]
    fn the_words_of_the_command_and_of_the_screen_are_one() {
        let typed = of("postgres://postgres@127.0.0.1:58695/emil2_a?key_env=PGKEY");
        assert_eq!(typed, of("postgres://127.0.0.1:58695?database=emil2_a&user=postgres&key_env=PGKEY"));
        assert_eq!(typed, of("postgresql://postgres@localhost:58695/emil2_a?key_env=PGKEY&allow_plaintext_key=true"));
        assert!(!typed.contains("sesame"), "{typed}");
        assert_eq!(of("127.0.0.1:6334"), of("qdrant://LocalHost"));
        assert_eq!(of("qdrant://[fe80::1]:6334"), "[fe80::1]:6334");
        assert_eq!(of(&typed), typed, "it is read like every other word");
    }

    #[test]
    fn other_databases_have_other_words() {
        let words = [
            "postgres://db/one",
            "postgres://db/two",
            "postgres://db:5433/one",
            "postgres://other/one",
            "postgres://me@db/one",
            "postgres://db/one?key_env=PGKEY",
            "one",
            "demo",
        ];
        let found: std::collections::BTreeSet<String> = words.iter().map(|word| of(word)).collect();
        assert_eq!(found.len(), words.len(), "{found:?}");
    }

    #[test]
    fn a_directory_has_the_word_of_every_way_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let (chroma, link) = (folder.path().join("chroma"), folder.path().join("link"));
        std::fs::create_dir(&chroma).unwrap();
        std::fs::write(chroma.join("chroma.sqlite3"), "").unwrap();
        std::os::unix::fs::symlink(&chroma, &link).unwrap();
        assert_eq!(of(link.to_str().unwrap()), chroma.canonicalize().unwrap().display().to_string());
    }
}
