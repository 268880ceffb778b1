//! The one table of options: what may stand in `config.toml`, of which kind, with which default.

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number between these two, both included.
    Number(i64, i64),
    /// A path; relative ones start at the directory of the file, `~/` at the home directory.
    Path,
}

impl OptionKind {
    /// In words, for messages: `one of "dark", "light"`, `a whole number from 1 to 120`.
    pub fn describe(self) -> String {
        match self {
            Self::Word(words) => {
                let quoted: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
                format!("one of {}", quoted.join(", "))
            }
            Self::Flag => "true or false".to_owned(),
            Self::Number(least, most) => format!("a whole number from {least} to {most}"),
            Self::Path => "a path in quotes".to_owned(),
        }
    }
}

/// One option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfigOption {
    /// Its key in the file.
    pub name: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// The default as it would be written, or empty if there is none.
    pub default: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
}

/// The table that holds the key bindings, one table per layer inside.
pub const KEYS: &str = "keys";

/// All options but the key bindings.
pub const OPTIONS: [ConfigOption; 12] = [
    ConfigOption {
        name: "theme",
        kind: OptionKind::Word(&["dark", "light", "truecolor", "mono"]),
        default: "\"dark\"",
        doc: "Colors; mono is the default where NO_COLOR is set",
    },
    ConfigOption {
        name: "glyphs",
        kind: OptionKind::Word(&["unicode", "ascii"]),
        default: "\"unicode\"",
        doc: "What lines and symbols are drawn with",
    },
    ConfigOption {
        name: "mouse",
        kind: OptionKind::Flag,
        default: "true",
        doc: "Whether clicks and the wheel go to the program",
    },
    ConfigOption {
        name: "page_size",
        kind: OptionKind::Number(10, 1000),
        default: "100",
        doc: "Records fetched at once",
    },
    ConfigOption {
        name: "sidebar_width",
        kind: OptionKind::Number(12, 80),
        default: "",
        doc: "Width of the sidebar in columns; without it, it grows with the screen",
    },
    ConfigOption { name: "identity", kind: OptionKind::Path, default: "", doc: "Age identity that opens the profiles" },
    ConfigOption {
        name: "connect_timeout_s",
        kind: OptionKind::Number(1, 300),
        default: "5",
        doc: "Seconds to connect, where the profile says nothing",
    },
    ConfigOption {
        name: "request_timeout_s",
        kind: OptionKind::Number(1, 3600),
        default: "30",
        doc: "Seconds for one answer, where the profile says nothing",
    },
    ConfigOption {
        name: "read_only_from",
        kind: OptionKind::Word(&["production", "staging", "dev"]),
        default: "\"production\"",
        doc: "Profiles of this environment and those nearer to production are read-only",
    },
    ConfigOption {
        name: "restore",
        kind: OptionKind::Word(&["always", "ask", "never"]),
        default: "\"always\"",
        doc: "Whether what was open is opened again at a start without targets",
    },
    ConfigOption {
        name: "clipboard",
        kind: OptionKind::Word(&["osc52", "off"]),
        default: "\"osc52\"",
        doc: "How text is copied",
    },
    ConfigOption { name: "max_fps", kind: OptionKind::Number(1, 120), default: "60", doc: "Frames a second at most" },
];
