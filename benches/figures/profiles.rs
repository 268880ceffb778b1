//! A thousand profiles in fifty groups: importing them, the screen with them, keys in the sidebar.

use std::path::Path;
use std::time::{Duration, Instant};

use vector_inspector::profile::access::Rules;
use vector_inspector::profile::import::{Choice, Format, Plan, Wish, read};
use vector_inspector::profile::vault::{NewKey, Vault};

use crate::parameters;
use crate::program;
use crate::pty::Pty;
use crate::report::{Row, Sorted, Verdict};

const PROFILES: usize = 1_000;
const GROUPS: usize = 50;
/// Columns of the sidebar.
const SIDEBAR: std::ops::Range<u16> = 0..28;

pub fn rows() -> Vec<Row> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("many.toml");
    std::fs::write(&file, text()).unwrap();
    let config = dir.path().join("vector-inspector");
    let import = imported(&file, &config);
    let mut rows = vec![import];
    rows.extend(on_screen(&config));
    rows
}

fn text() -> String {
    let one = |n: usize| {
        let group = n % GROUPS;
        format!(
            "[[profile]]\nname = \"profile {n}\"\nprovider = \"qdrant\"\naddress = \"https://db{n}.example.com\"\n\
             group = \"team {}/g{group}\"\ntags = [\"eu\"]\nsecret = {{ env = \"KEY_{n}\" }}\n",
            group % 5
        )
    };
    (0..PROFILES).map(one).collect()
}

/// From the file to the saved store, as `profiles import --yes` does it.
fn imported(file: &Path, config: &Path) -> Row {
    let started = Instant::now();
    let vault = Vault::open(config);
    vault.create(NewKey::KeyFile).unwrap();
    let created = started.elapsed();
    let wish = Wish { path: Some(file.to_owned()), format: Some(Format::Shared), ..Wish::default() };
    let reading = read(&wish, &mut |_, _| unreachable!("the file is plain text")).unwrap();
    let plan = Plan::new(reading, Some(&vault.read().unwrap()), Rules::default()).unwrap();
    let choices = vec![Choice::Take { key: false }; plan.items.len()];
    vault.edit(plan.operation(&choices).unwrap()).unwrap();
    let first = started.elapsed() - created;
    // Again, with every profile to be compared and replaced.
    let started = Instant::now();
    let changed = text().replace("[\"eu\"]", "[\"us\"]");
    std::fs::write(file, changed).unwrap();
    let reading = read(&wish, &mut |_, _| unreachable!("the file is plain text")).unwrap();
    let plan = Plan::new(reading, Some(&vault.read().unwrap()), Rules::default()).unwrap();
    vault.edit(plan.operation(&choices).unwrap()).unwrap();
    let second = started.elapsed();
    assert_eq!(vault.profiles().unwrap().len(), PROFILES);
    Row::new(
        &format!("import of {PROFILES} profiles"),
        "<= 1 s",
        format!("{:.0} ms; replacing all {:.0} ms", first.as_secs_f64() * 1e3, second.as_secs_f64() * 1e3),
        Verdict::of(first.max(second) <= Duration::from_secs(1)),
        "read, compared, saved with backup and fsync; once each".to_owned(),
    )
}

fn on_screen(config: &Path) -> Vec<Row> {
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--config-dir", config.to_str().unwrap()];
    let opened = (0..11).map(|_| {
        let started = Instant::now();
        let program = program::start(&arguments, data.path());
        program.wait_for_text("profile 0");
        started.elapsed().as_secs_f64() * 1e3
    });
    let opened = Sorted::new(opened.collect());
    let mut program = program::start(&arguments, data.path());
    program.wait_for_text("profile 0");
    let moved = keys(&mut program, |program, n| {
        program::key_to_other_row(program, if n % 2 == 0 { "j" } else { "k" }, SIDEBAR)
    });
    // The list scrolls.
    let scrolled = keys(&mut program, |program, n| {
        program::key_to_frame(program, if n % 2 == 0 { "<ctrl-d>" } else { "<ctrl-u>" })
    });
    program.type_keys("gg/");
    program.wait_for_text("ind in the sidebar");
    let found =
        keys(&mut program, |program, n| program::key_to_frame(program, if n % 2 == 0 { "7" } else { "<backspace>" }));
    let row = |figure: &str, times: &Sorted, note: &str| {
        let (p50, p99) = (times.median(), times.percentile(99.0));
        Row::new(
            figure,
            "p99 <= 16 ms",
            format!("p50 {p50:.2} ms, p99 {p99:.2} ms"),
            Verdict::of(p99 <= 16.0),
            note.to_owned(),
        )
    };
    vec![
        Row::new(
            &format!("first frame with {PROFILES} profiles in {GROUPS} groups"),
            "<= 100 ms",
            format!("{:.1} ms", opened.median()),
            Verdict::of(opened.median() <= 100.0),
            format!("median of 11 starts, {} ms; a key file opens the store", opened.range(1)),
        ),
        row("key to frame in their sidebar", &moved, "j and k in turn"),
        row("key to frame in their sidebar, by half pages", &scrolled, "ctrl-d and ctrl-u in turn"),
        row("key to frame while finding among them", &found, "a digit and backspace in turn"),
    ]
}

fn keys(program: &mut Pty, mut press: impl FnMut(&mut Pty, usize) -> f64) -> Sorted {
    let count = parameters::keys().min(400);
    Sorted::new((0..count).map(|n| press(program, n)).collect())
}
