#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/etc/vi/config.toml"))
}

fn error(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn every_option_is_read() {
    let config = parse(
        "theme = 'light'\nglyphs = \"ascii\"\nmouse = false\npage_size = 10\nsidebar_width = 12\n\
         identity = 'id.txt'\nconnect_timeout_s = 1\nrequest_timeout_s = 2\nclipboard = 'off'\nmax_fps = 30\nread_only_from = 'staging'\nrestore = 'never'\n\
         [keys.records]\n\"ctrl-n\" = 'next_page'\nG = \"last\"\n[keys.global]\nq = \"quit\"\n",
    )
    .unwrap();
    let binding = |layer: &str, chord: &str, action: &str, line| KeyBinding {
        layer: layer.into(),
        chord: chord.into(),
        action: action.into(),
        line,
    };
    let wanted = Config {
        theme: Some(ThemeName::Light),
        glyphs: Glyphs::Ascii,
        mouse: false,
        page_size: 10,
        sidebar_width: Some(12),
        identity: Some("/etc/vi/id.txt".into()),
        connect_timeout: Duration::from_secs(1),
        request_timeout: Duration::from_secs(2),
        read_only_from: Environment::Staging,
        restore: Restore::Never,
        clipboard: ClipboardMode::Off,
        max_fps: 30,
        keys: vec![
            binding("records", "ctrl-n", "next_page", 14),
            binding("records", "G", "last", 15),
            binding("global", "q", "quit", 17),
        ],
    };
    assert_eq!(config, wanted);
}

#[test]
fn the_table_of_options_tells_the_true_defaults_and_words() {
    let mut text = String::new();
    for option in OPTIONS.iter().filter(|option| !option.default.is_empty()) {
        text.push_str(&format!("{} = {}\n", option.name, option.default));
    }
    let written = parse(&text).unwrap();
    assert_eq!(written, Config { theme: Some(ThemeName::Dark), ..Config::default() });

    let words = |name: &str| match OPTIONS.iter().find(|o| o.name == name).map(|o| o.kind) {
        Some(OptionKind::Word(words)) => words.to_vec(),
        other => panic!("{name} is {other:?}"),
    };
    assert_eq!(words("theme"), ThemeName::ALL.map(ThemeName::name));
    assert_eq!(words("glyphs"), Glyphs::ALL.map(Glyphs::name));
    assert_eq!(words("clipboard"), ClipboardMode::ALL.map(ClipboardMode::name));
}

#[test]
fn no_option_is_accepted_and_then_ignored() {
    for option in OPTIONS {
        let value = match option.kind {
            OptionKind::Word(words) => format!("'{}'", words.last().unwrap()),
            OptionKind::Flag => "false".to_owned(),
            OptionKind::Number(least, _) => least.to_string(),
            OptionKind::Path => "'x'".to_owned(),
        };
        let config = parse(&format!("{} = {value}", option.name)).unwrap();
        assert_ne!(config, Config::default(), "{} changes nothing", option.name);
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest() {
    assert_eq!(
        error("mouse = true\n\ntheem = 'dark'"),
        "/etc/vi/config.toml line 3: there is no option `theem`; did you mean `theme`?"
    );
    assert_eq!(
        error("zzz = 1"),
        "/etc/vi/config.toml line 1: there is no option `zzz`; docs/configuration.md lists all"
    );
    assert!(error("[key.records]\nq = 'quit'").contains("did you mean `keys`?"));
}

#[test]
fn a_wrong_type_is_named_with_its_line() {
    assert_eq!(
        error("\nmouse = 'yes'"),
        "/etc/vi/config.toml line 2: `mouse` takes true or false, not the text \"yes\""
    );
    assert_eq!(
        error("page_size = 5.5"),
        "/etc/vi/config.toml line 1: `page_size` takes a whole number from 10 to 1000, not 5.5"
    );
    assert!(error("[theme]\na = 1").contains("`theme` takes one of \"dark\""));
    assert!(error("keys = 3").contains("line 1: `keys` takes one table per layer, as in [keys.records], not 3"));
    assert!(error("[keys]\nq = 'quit'").contains("line 2: `keys.q` takes a table of chord"));
    assert!(
        error("[keys.a]\nb = 'c'\nq = 1").contains("line 3: `keys.a.q` takes the name of an action in quotes, not 1")
    );
}

#[test]
fn a_value_that_is_not_allowed_is_named() {
    assert_eq!(
        error("theme = 'drak'"),
        "/etc/vi/config.toml line 1: `theme` takes one of \"dark\", \"light\", \"truecolor\", \"mono\", not \"drak\"; did you mean `dark`?"
    );
    for text in ["page_size = 9", "page_size = 1001", "max_fps = 0", "max_fps = -1", "identity = ''"] {
        let error = parse(text).unwrap_err();
        assert!(matches!(error, ConfigError::BadValue { line: 1, .. }), "{error:?}");
    }
}

#[test]
fn broken_toml_is_named_with_its_line() {
    let text = error("theme = 'dark'\nmouse = = true\n");
    assert!(text.starts_with("/etc/vi/config.toml line 2: not valid TOML: "), "{text}");
    let twice = error("mouse = true\nmouse = true\n");
    assert!(twice.contains("line 2") && twice.contains("duplicate"), "{twice}");
    assert!(!text.contains('\n'), "{text}");
}

#[test]
fn a_missing_file_gives_the_defaults_and_an_unreadable_one_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    assert_eq!(Config::load(&file).unwrap(), Config::default());

    let is_directory = Config::load(dir.path()).unwrap_err().to_string();
    assert!(is_directory.starts_with("cannot read the configuration"), "{is_directory}");

    std::fs::write(&file, b"theme = '\xff'").unwrap();
    assert!(matches!(Config::load(&file), Err(ConfigError::Unreadable { .. })));

    std::fs::write(&file, "#".repeat(1024 * 1024 + 1)).unwrap();
    assert!(matches!(Config::load(&file), Err(ConfigError::TooLarge { .. })));

    std::fs::write(&file, "max_fps = 20").unwrap();
    assert_eq!(Config::load(&file).unwrap().max_fps, 20);
}

#[test]
fn the_document_explains_every_option() {
    let document = include_str!("../../docs/configuration.md");
    for option in OPTIONS {
        let row = document.lines().find(|line| line.starts_with(&format!("| `{}` |", option.name)));
        let row = row.unwrap_or_else(|| panic!("docs/configuration.md has no row for {}", option.name));
        if !option.default.is_empty() {
            assert!(row.contains(&format!("`{}`", option.default)), "{row} lacks the default {}", option.default);
        }
        if let OptionKind::Number(least, most) = option.kind {
            assert!(row.contains(&format!("{least}-{most}")), "{row} lacks the range");
        }
        if let OptionKind::Word(words) = option.kind {
            assert!(words.iter().all(|word| row.contains(&format!("`\"{word}\"`"))), "{row} lacks a word");
        }
    }
    assert!(document.contains("[keys."));
}
