//! Reads the text of `config.toml` by the table of options.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml_edit::{Document, Item, Key, Table, Value};

use super::error::ConfigError;
use super::options::{ConfigOption, KEYS, OPTIONS, OptionKind};
use super::{ClipboardMode, Config, KeyBinding, Restore, ThemeName};
use crate::profile::model::Environment;
use crate::text::Glyphs;

/// How alike a name must be to be suggested, from 0 (not at all) to 1 (the same).
const ALIKE: f64 = 0.75;

/// A value that is of the kind its option takes.
enum Checked<'a> {
    Word(&'a str),
    Flag(bool),
    Number(u64),
    Path(PathBuf),
}

struct Reader<'a> {
    text: &'a str,
    path: &'a Path,
}

pub(super) fn read(text: &str, path: &Path) -> Result<Config, ConfigError> {
    let reader = Reader { text, path };
    let document = Document::parse(text).map_err(|error| ConfigError::Syntax {
        path: path.into(),
        line: reader.line(error.span()),
        reason: error.message().trim_end().replace('\n', "; "),
    })?;
    let mut config = Config::default();
    for (key, item) in entries(document.as_table()) {
        if key.get() == KEYS {
            config.keys = reader.keys(key, item)?;
            continue;
        }
        let Some(option) = OPTIONS.iter().find(|option| option.name == key.get()) else {
            return Err(reader.unknown(key));
        };
        let value = reader.check(option, key, item)?;
        apply(&mut config, option.name, value);
    }
    Ok(config)
}

/// Sets the option. The names and kinds are those of the table; a test goes through all of them.
fn apply(config: &mut Config, name: &str, value: Checked<'_>) {
    match (name, value) {
        ("theme", Checked::Word(word)) => config.theme = ThemeName::from_name(word),
        ("glyphs", Checked::Word(word)) => config.glyphs = Glyphs::from_name(word).unwrap_or_default(),
        ("clipboard", Checked::Word(word)) => config.clipboard = ClipboardMode::from_name(word).unwrap_or_default(),
        ("restore", Checked::Word(word)) => config.restore = Restore::from_name(word).unwrap_or_default(),
        ("read_only_from", Checked::Word(word)) => {
            config.read_only_from = Environment::from_name(word).unwrap_or(config.read_only_from);
        }
        ("mouse", Checked::Flag(on)) => config.mouse = on,
        ("page_size", Checked::Number(n)) => config.page_size = usize::try_from(n).unwrap_or(config.page_size),
        ("sidebar_width", Checked::Number(n)) => config.sidebar_width = u16::try_from(n).ok(),
        ("max_fps", Checked::Number(n)) => config.max_fps = u16::try_from(n).unwrap_or(config.max_fps),
        ("connect_timeout_s", Checked::Number(n)) => config.connect_timeout = Duration::from_secs(n),
        ("request_timeout_s", Checked::Number(n)) => config.request_timeout = Duration::from_secs(n),
        ("identity", Checked::Path(path)) => config.identity = Some(path),
        _ => {}
    }
}

impl Reader<'_> {
    fn check<'v>(&self, option: &ConfigOption, key: &Key, item: &'v Item) -> Result<Checked<'v>, ConfigError> {
        match (option.kind, item) {
            (OptionKind::Word(words), Item::Value(Value::String(word))) => match words.contains(&word.value().as_str())
            {
                true => Ok(Checked::Word(word.value())),
                false => Err(self.bad_value(option, key, item, nearest(word.value(), words.iter().copied()))),
            },
            (OptionKind::Flag, Item::Value(Value::Boolean(flag))) => Ok(Checked::Flag(*flag.value())),
            (OptionKind::Number(least, most), Item::Value(Value::Integer(number))) => {
                match u64::try_from(*number.value()) {
                    Ok(n) if (least..=most).contains(number.value()) => Ok(Checked::Number(n)),
                    _ => Err(self.bad_value(option, key, item, None)),
                }
            }
            (OptionKind::Path, Item::Value(Value::String(path))) => match path.value().as_str() {
                "" => Err(self.bad_value(option, key, item, None)),
                path => Ok(Checked::Path(self.resolve(path))),
            },
            _ => Err(ConfigError::WrongType {
                path: self.path.into(),
                line: self.line(key.span()),
                key: option.name.to_owned(),
                wanted: option.kind.describe().into(),
                found: describe(item).into(),
            }),
        }
    }

    fn keys(&self, key: &Key, item: &Item) -> Result<Vec<KeyBinding>, ConfigError> {
        let wrong = |key: &Key, name: String, wanted: &str, item: &Item| ConfigError::WrongType {
            path: self.path.into(),
            line: self.line(key.span()),
            key: name,
            wanted: wanted.into(),
            found: describe(item).into(),
        };
        let layers = item
            .as_table()
            .ok_or_else(|| wrong(key, KEYS.to_owned(), "one table per layer, as in [keys.records]", item))?;
        let mut bindings = Vec::new();
        for (layer, item) in entries(layers) {
            let name = format!("{KEYS}.{}", layer.get());
            let chords =
                item.as_table().ok_or_else(|| wrong(layer, name.clone(), "a table of chord = \"action\"", item))?;
            for (chord, item) in entries(chords) {
                let action = item.as_str().ok_or_else(|| {
                    wrong(chord, format!("{name}.{}", chord.get()), "the name of an action in quotes", item)
                })?;
                bindings.push(KeyBinding {
                    layer: layer.get().to_owned(),
                    chord: chord.get().to_owned(),
                    action: action.to_owned(),
                    line: self.line(chord.span()),
                });
            }
        }
        bindings.sort_by_key(|binding| binding.line);
        Ok(bindings)
    }

    fn unknown(&self, key: &Key) -> ConfigError {
        let known = OPTIONS.iter().map(|option| option.name).chain([KEYS]);
        ConfigError::UnknownKey {
            path: self.path.into(),
            line: self.line(key.span()),
            key: key.get().to_owned(),
            nearest: nearest(key.get(), known),
        }
    }

    fn bad_value(&self, option: &ConfigOption, key: &Key, item: &Item, nearest: Option<String>) -> ConfigError {
        ConfigError::BadValue {
            path: self.path.into(),
            line: self.line(item.span().or_else(|| key.span())),
            key: option.name.to_owned(),
            wanted: option.kind.describe().into(),
            found: item.to_string().trim().into(),
            nearest,
        }
    }

    /// The line of a place in the text, counted from 1.
    fn line(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        1 + self.text.bytes().take(start).filter(|byte| *byte == b'\n').count()
    }

    fn resolve(&self, path: &str) -> PathBuf {
        if let Some(rest) = path.strip_prefix("~/")
            && let Some(home) = std::env::home_dir()
        {
            return home.join(rest);
        }
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }
}

fn entries(table: &Table) -> impl Iterator<Item = (&Key, &Item)> {
    table.iter().filter_map(|(name, _)| table.get_key_value(name))
}

fn describe(item: &Item) -> String {
    match item {
        Item::None => "nothing".to_owned(),
        Item::Table(_) => "a table".to_owned(),
        Item::ArrayOfTables(_) => "an array of tables".to_owned(),
        Item::Value(Value::String(text)) => format!("the text \"{}\"", text.value()),
        Item::Value(Value::Array(_)) => "an array".to_owned(),
        Item::Value(Value::InlineTable(_)) => "a table".to_owned(),
        Item::Value(value) => value.to_string().trim().to_owned(),
    }
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|word| (strsim::jaro_winkler(&name.to_lowercase(), word), word))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word.to_owned())
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
