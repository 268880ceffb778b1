//! The life of a profile without a terminal, on a store with a key file.

use crate::support::Home;

#[test]
fn a_profile_lives_without_a_terminal() {
    let home = Home::new();
    home.run(&["profiles", "list"]).ends_with(0).says("there are no profiles");
    home.run(&["profiles", "add", "prod", "qdrant+https://db.example.com", "--secret-env", "KEY", "--key-file"])
        .ends_with(0)
        .says("made the store");
    home.run(&["profiles", "add", "prod", "qdrant://other"]).ends_with(2).says("already");
    home.run(&["profiles", "add", "x", "db:1"]).ends_with(2).says("--provider");
    let shown = home.run(&["profiles", "show", "prod", "--json"]).ends_with(0).json();
    assert_eq!(shown["provider"], "qdrant");
    assert_eq!(shown["address"], "https://db.example.com");
    assert_eq!(shown["secret"], "env KEY");
    home.run(&["profiles", "edit", "prod", "--environment", "production", "--tag", "a"]).ends_with(0);
    home.run(&["profiles", "rename", "prod", "live"]).ends_with(0);
    home.run(&["profiles", "duplicate", "live", "copy"]).ends_with(0);
    home.run(&["profiles", "remove", "copy"]).ends_with(0);
    let list = home.run(&["profiles", "list", "--json"]).ends_with(0).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["name"], "live");
    assert_eq!(list[0]["read_only"], true);
    assert_eq!(list[0]["tags"], serde_json::json!(["a"]));
    home.run(&["ping", "liv"]).ends_with(2).says("Did you mean \"live\"?");
}

#[test]
fn what_is_read_only_becomes_writable_after_a_yes_only_and_is_not_said_to_be_when_it_is_not() {
    let home = Home::new();
    home.run(&["profiles", "add", "prod", "qdrant://h", "--environment", "production", "--key-file"]).ends_with(0);
    let environment = |home: &Home| home.run(&["profiles", "show", "prod", "--json"]).json()["environment"].clone();
    let to_dev = ["profiles", "edit", "prod", "--environment", "dev"];
    home.run(&to_dev).ends_with(2).says("nothing was changed. prod: production is read-only.").says("--yes");
    assert_eq!(environment(&home), "production");
    home.run(&["profiles", "edit", "prod", "--read-only=false"]).ends_with(0).says("prod stays read-only: production");
    home.run(&["profiles", "edit", "prod", "--read-only"]).ends_with(0);
    home.run(&["profiles", "edit", "prod", "--read-only=false"]).ends_with(2).says("nothing was changed");
    home.run(&to_dev).ends_with(0).says("prod stays read-only: the profile is read-only");
    home.run(&["profiles", "edit", "prod", "--read-only=false", "--yes"]).ends_with(0);
    assert_eq!(environment(&home), "dev");
    home.run(&["profiles", "edit", "prod", "--environment", "staging"]).ends_with(0);
}

#[test]
fn a_database_loses_the_lock_of_a_profile_that_leaves_it_after_a_yes_only() {
    let home = Home::new();
    let add = |name: &str, more: &[&str]| {
        let words = [&["profiles", "add", name, "qdrant://h", "--key-file"], more].concat();
        home.run(&words).ends_with(0).says(&format!("saved the new profile {name}."));
    };
    let production = ["--environment", "production"];
    add("prod", &production);
    add("twin", &["--group", "a//b/ /c"]);
    let of = |name: &str, field: &str| home.run(&["profiles", "show", name, "--json"]).json()[field].clone();
    let away = ["profiles", "edit", "prod", "--address", "qdrant://other"];
    home.run(&away)
        .ends_with(2)
        .says("nothing was changed. prod: production is read-only.")
        .says("no longer keeps qdrant http://h read-only");
    home.run(&["profiles", "remove", "prod"])
        .ends_with(2)
        .says("nothing was removed. prod: production is read-only.")
        .says("--yes");
    assert_eq!((of("prod", "address"), of("twin", "read_only")), ("http://h".into(), true.into()));
    // Another name of the same place frees nothing, nor does it where another profile locks it as much.
    home.run(&["profiles", "edit", "prod", "--address", "qdrant://H.:6334"]).ends_with(0).says("changed prod.");
    add("second", &production);
    home.run(&away).ends_with(0);
    assert_eq!((of("twin", "read_only"), of("twin", "group")), (true.into(), "a/b/c".into()));
    home.run(&["profiles", "remove", "second"]).ends_with(2);
    home.run(&["profiles", "remove", "second", "--yes"]).ends_with(0).says("removed second.");
    assert_eq!(of("twin", "read_only"), false);
    home.run(&["profiles", "remove", "twin"]).ends_with(0);
}

#[test]
fn what_the_configuration_or_another_profile_locks_is_listed_as_read_only() {
    let home = Home::new();
    home.run(&["profiles", "add", "prod", "qdrant://h", "--environment", "production", "--key-file"]).ends_with(0);
    home.run(&["profiles", "add", "twin", "qdrant://H"]).ends_with(0);
    home.run(&["profiles", "add", "stage", "qdrant://s", "--environment", "staging"]).ends_with(0);
    home.run(&["profiles", "add", "dev", "qdrant://d"]).ends_with(0);
    std::fs::write(home.path().join("config/config.toml"), "read_only_from = \"staging\"\n").unwrap();
    let list = home.run(&["profiles", "list", "--json"]).ends_with(0).json();
    for (name, read_only) in [("prod", true), ("twin", true), ("stage", true), ("dev", false)] {
        let listed = list.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
        assert_eq!(listed["read_only"], read_only, "{name}");
        let shown = home.run(&["profiles", "show", name, "--json"]).ends_with(0).json();
        assert_eq!(shown["read_only"], read_only, "{name}");
    }
}

#[test]
fn what_no_screen_could_show_or_find_is_refused() {
    let home = Home::new();
    let add = |more: &[&str]| {
        let words = [&["profiles", "add", "p", "qdrant://h", "--key-file"], more].concat();
        home.run(&words)
    };
    add(&["--color", "teal"]).ends_with(2).says("known are none, red,");
    add(&["--group", "x\ny"]).ends_with(2).says("control character");
    add(&["--tag", "a b, c"]).ends_with(2).says("--tag once for each");
    add(&["--color", "red", "--group", "/work/", "--tag", "a b", "--tag", "c"]).ends_with(0);
    let p = home.run(&["profiles", "show", "p", "--json"]).json();
    assert_eq!(
        (&p["color"], &p["group"], &p["tags"]),
        (&"red".into(), &"work".into(), &serde_json::json!(["a b", "c"]))
    );
    home.run(&["profiles", "edit", "p", "--color", "none"]).ends_with(0);
    assert!(home.run(&["profiles", "show", "p", "--json"]).json()["color"].is_null());
    home.run(&["profiles", "add", "x", "/no/such/dir"]).ends_with(2).says("/no/such/dir does not exist");
    let list = home.run(&["profiles", "list"]).out;
    assert!(list.contains("read-only") && list.contains("a b, c") && !list.contains("favourite"), "{list}");
}

#[test]
fn a_stored_secret_is_never_printed() {
    let home = Home::new();
    let mut add = home.command(&["profiles", "add", "p", "qdrant://127.0.0.1:1", "--secret-stdin", "--key-file"]);
    add.write_stdin("s3same-opens\n").assert().success();
    for words in [&["profiles", "show", "p"][..], &["profiles", "list", "--json"], &["profiles", "test", "p"]] {
        let ran = home.run(words);
        assert!(!(ran.out + &ran.err).contains("s3same-opens"), "{words:?}");
    }
    assert_eq!(home.run(&["profiles", "show", "p", "--json"]).json()["secret"], "stored");
    home.run(&["profiles", "test", "p"]).ends_with(4);
    let store = std::fs::read_to_string(home.path().join("config/profiles.toml.age")).unwrap();
    assert!(store.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
}

#[test]
fn a_locked_store_and_nobody_to_ask_ends_with_78() {
    let home = Home::new();
    home.run(&["profiles", "add", "p", "qdrant://h"]).ends_with(78).says("--key-file");
    home.run(&["profiles", "add", "p", "qdrant://h", "--key-file"]).ends_with(0);
    let mut passwd = home.command(&["profiles", "passwd", "--new-passphrase-stdin"]);
    passwd.write_stdin("four words of mine\n").assert().success();
    home.run(&["profiles", "list"]).ends_with(78).says("VECTOR_INSPECTOR_PASSPHRASE_FILE");
    home.run(&["ping", "p"]).ends_with(78);
    // What needs no store does not ask for it.
    home.run(&["ping", "qdrant://127.0.0.1:1"]).ends_with(4);
}

#[test]
fn groups_tags_and_environments_select_profiles() {
    let home = Home::new();
    let add = |name: &str, more: &[&str]| {
        let mut words = vec!["profiles", "add", name, "qdrant://127.0.0.1:1", "--key-file"];
        words.extend(more);
        home.run(&words).ends_with(0);
    };
    add("a", &["--group", "work", "--tag", "eu", "--environment", "production"]);
    add("b", &["--group", "work/search", "--notes", "ask Ada", "--favourite"]);
    add("c", &["--group", "workshop", "--tag", "eu"]);
    let names = |words: &[&str]| -> Vec<String> {
        let list = home.run(&[&["profiles", "list", "--json"], words].concat()).json();
        list.as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["--group", "work"]), ["a", "b"], "work/search is in work, workshop is not");
    assert_eq!(names(&["--group", "work/search"]), ["b"]);
    assert_eq!(names(&["--tag", "eu"]), ["a", "c"]);
    assert_eq!(names(&["--tag", "eu", "--environment", "production"]), ["a"]);
    home.run(&["profiles", "list", "--tag", "us"]).ends_with(1).says("no profile is like that");
    let shown = home.run(&["profiles", "show", "b", "--json"]).json();
    assert_eq!((&shown["notes"], &shown["favourite"]), (&"ask Ada".into(), &true.into()));

    let pongs = home.run(&["ping", "--group", "work", "--json"]).ends_with(4).json();
    let targets: Vec<&str> = pongs.as_array().unwrap().iter().map(|p| p["target"].as_str().unwrap()).collect();
    assert_eq!(targets, ["a", "b"]);
    home.run(&["ping", "--tag", "us"]).ends_with(1);
    home.run(&["ping"]).ends_with(2);
    home.run(&["--read-only", "ping", "a"]).ends_with(4);
}

#[test]
fn a_key_that_is_asked_for_needs_a_terminal() {
    let home = Home::new();
    home.run(&["profiles", "add", "p", "qdrant://127.0.0.1:1", "--secret-ask", "--key-file"]).ends_with(0);
    assert_eq!(home.run(&["profiles", "show", "p", "--json"]).json()["secret"], "asked each time");
    for words in [&["ping", "p"][..], &["collections", "p"], &["profiles", "test", "p"]] {
        home.run(words).ends_with(78).says("no terminal to ask on").says("--secret-env");
    }
    home.run(&["profiles", "edit", "p", "--no-secret"]).ends_with(0);
    home.run(&["ping", "p"]).ends_with(4);
}

#[test]
fn a_key_that_cannot_be_had_keeps_the_others_from_nothing() {
    let home = Home::new();
    let add = |name: &str, more: &[&str]| {
        let mut words = vec!["profiles", "add", name, "qdrant://127.0.0.1:1", "--key-file"];
        words.extend(more);
        home.run(&words).ends_with(0);
    };
    add("a", &["--environment", "dev"]);
    add("b", &["--environment", "dev", "--secret-env", "NO_SUCH_VARIABLE"]);
    for words in [&["ping", "b", "a", "--json"][..], &["ping", "--environment", "dev", "--json"]] {
        let ran = home.run(words).ends_with(2);
        let pongs = ran.json();
        let errors: Vec<&str> = pongs.as_array().unwrap().iter().map(|pong| pong["error"].as_str().unwrap()).collect();
        assert_eq!(errors.len(), 2, "{pongs}");
        assert!(errors.iter().any(|error| error.contains("NO_SUCH_VARIABLE")), "{pongs}");
        assert!(errors.iter().any(|error| error.contains("nothing listens")), "{pongs}");
    }
    home.run(&["ping", "b"]).ends_with(2).says("NO_SUCH_VARIABLE");

    // The doctor goes as far as it gets: to the port where nothing listens, or to the key.
    let report = home.run(&["doctor", "b", "--json"]).ends_with(4).json();
    // In a container the loopback is the container's own.
    let cause = report["verdict"]["cause"].as_str().unwrap();
    assert!(["nothing-listens", "loopback-in-container"].contains(&cause), "{report}");
    // So it does with a URL, and where the key must not be sent.
    let report = home.run(&["doctor", "chroma://127.0.0.1:1?key_env=NO_SUCH_VARIABLE", "--json"]).ends_with(4).json();
    assert_eq!(report["verdict"]["check"], "port", "{report}");
    let add = ["profiles", "add", "plain", "chroma://db.invalid:1", "--secret-env", "HOME"];
    home.run(&add).ends_with(0);
    let report = home.run(&["doctor", "plain", "--json"]).ends_with(4).json();
    assert_eq!(report["verdict"]["check"], "name", "{report}");
}

#[test]
fn a_key_in_plain_text_is_warned_of_before_anything_is_contacted() {
    let home = Home::new();
    let add = ["profiles", "add", "p", "qdrant://db.invalid", "--secret-env", "KEY", "--key-file"];
    home.run(&add).ends_with(0).says("would travel unencrypted to db.invalid");
    let shown = home.run(&["profiles", "show", "p", "--json"]).ends_with(0).says("unencrypted");
    assert_eq!(shown.json()["key_in_plain_text"], "refused");
    home.run(&["profiles", "test", "p"]).ends_with(2).says("p: the key would travel unencrypted");
    home.run(&["profiles", "edit", "p", "--option", "allow_plaintext_key=true"])
        .ends_with(0)
        .says("whoever can listen");
    assert_eq!(home.run(&["profiles", "show", "p", "--json"]).json()["key_in_plain_text"], "allowed");
    home.run(&["profiles", "edit", "p", "--address", "qdrant+https://db.invalid"]).ends_with(0);
    let shown = home.run(&["profiles", "show", "p", "--json"]).ends_with(0);
    assert_eq!((shown.json()["key_in_plain_text"].as_str(), shown.err.as_str()), (Some("no"), ""));
}

#[test]
fn a_saved_key_is_sent_to_another_address_only_when_that_is_said() {
    let home = Home::new();
    let mut add = home.command(&["profiles", "add", "p", "qdrant://127.0.0.1:1", "--secret-stdin", "--key-file"]);
    add.write_stdin("s3same-opens\n").assert().success();
    let address = |home: &Home| home.run(&["profiles", "show", "p", "--json"]).json()["address"].clone();
    let edit = ["profiles", "edit", "p", "--address", "qdrant+https://db.invalid"];
    let refused = home.run(&edit).ends_with(2).says("127.0.0.1:1").says("db.invalid:6334").says("--move-key");
    assert!(!refused.err.contains("s3same"));
    assert_eq!(address(&home), "http://127.0.0.1:1", "nothing was changed");
    home.run(&["profiles", "edit", "p", "--ssh-host", "bastion"]).ends_with(2).says("behind the SSH server bastion");
    home.run(&["profiles", "edit", "p", "--tag", "a"]).ends_with(0);
    // The key of the new place, given along with it.
    home.run(&[&edit[..], &["--secret-env", "KEY"]].concat()).ends_with(0);
    assert_eq!(address(&home), "https://db.invalid");
    let back = ["profiles", "edit", "p", "--address", "qdrant://127.0.0.1:1"];
    home.run(&back).ends_with(2).says("the key of this profile was given for db.invalid:6334");
    home.run(&[&back[..], &["--move-key"]].concat()).ends_with(0);
    assert_eq!(address(&home), "http://127.0.0.1:1");
}

#[test]
fn a_profile_that_checks_no_certificate_says_so_whenever_it_is_used() {
    let home = Home::new();
    let add = ["profiles", "add", "p", "qdrant+https://127.0.0.1:1", "--insecure", "--key-file"];
    home.run(&add).ends_with(0).says("certificates are not checked");
    home.run(&["ping", "p"]).ends_with(4).says("p: certificates are not checked");
    home.run(&["ping", "qdrant+https://127.0.0.1:1?insecure=true"]).ends_with(4).says("certificates are not checked");
    let edited = home.run(&["profiles", "edit", "p", "--insecure", "false"]).ends_with(0);
    assert!(!edited.err.contains("certificates"), "{}", edited.err);
}

#[test]
fn files_of_tls_are_saved_whole() {
    let home = Home::new();
    let mut add = home.command(&["profiles", "add", "p", "qdrant+https://db.invalid", "--key-file"]);
    let files = ["--ca-file", "h/ca.pem", "--cert-file", "~/cert.pem", "--cert-key-file", "/k/key.pem"];
    add.args(files).current_dir(home.path()).assert().success();
    let shown = home.run(&["profiles", "show", "p", "--json"]).ends_with(0).json();
    let here = home.path().canonicalize().unwrap();
    let ca = std::path::PathBuf::from(shown["ca_file"].as_str().unwrap());
    assert!(ca == here.join("h/ca.pem") || ca == home.path().join("h/ca.pem"), "{shown}");
    assert_eq!(shown["cert_file"], home.path().join("cert.pem").display().to_string());
    assert_eq!(shown["key_file"], "/k/key.pem");
    home.run(&["profiles", "edit", "p", "--ca-file", ""]).ends_with(0);
    assert!(home.run(&["profiles", "show", "p", "--json"]).json()["ca_file"].is_null());
    let mut key = home.command(&["profiles", "edit", "p", "--secret-file", "token", "--proxy", "http://127.0.0.1:1"]);
    key.args(["--proxy-secret", "file other"]).current_dir(home.path()).assert().success();
    let shown = home.run(&["profiles", "show", "p", "--json"]).ends_with(0).json();
    for (source, name) in [(&shown["secret"], "/token"), (&shown["proxy_secret"], "/other")] {
        let text = source.as_str().unwrap();
        assert!(text.starts_with("file /") && text.ends_with(name), "{shown}");
    }
}

#[test]
fn a_command_that_prints_a_key_gets_none_of_our_variables() {
    let home = Home::new();
    let command = ["--secret-command", "sh", "-c", "env > \"$HOME/seen\"; echo s3same-opens"];
    let add = ["profiles", "add", "p", "redis://127.0.0.1:1", "--key-file"];
    home.run(&[&add[..], &command[..]].concat()).ends_with(0);
    home.run(&["ping", "p"]).ends_with(4);
    let seen = std::fs::read_to_string(home.path().join("seen")).unwrap();
    assert!(seen.contains("PATH=") && !seen.contains("VECTOR_INSPECTOR_"), "{seen}");
}

#[test]
fn a_proxy_that_would_read_the_key_is_asked_about() {
    let home = Home::new();
    let mut add = home.command(&["profiles", "add", "p", "chroma://192.0.2.2:21901", "--secret-stdin", "--key-file"]);
    add.args(["--option", "allow_plaintext_key=true"]).write_stdin("s3same-opens\n").assert().success();
    let edit = ["profiles", "edit", "p", "--proxy", "http://localhost:22400"];
    let refused = home.run(&edit).ends_with(2).says("the proxy localhost:22400, which can read it").says("--move-key");
    assert!(!refused.err.contains("s3same"));
    assert!(home.run(&["profiles", "show", "p", "--json"]).json()["proxy"].is_null(), "nothing was changed");
    home.run(&[&edit[..], &["--move-key"]].concat()).ends_with(0).says("through the proxy localhost:22400");
    // Under TLS a proxy sees no key.
    let add = ["profiles", "add", "t", "chroma+https://db.invalid", "--secret-env", "KEY"];
    home.run(&add).ends_with(0);
    home.run(&["profiles", "edit", "t", "--proxy", "http://localhost:22400"]).ends_with(0);
}

#[test]
fn how_long_a_key_lasts_is_said_only_of_one_that_is_fetched() {
    let home = Home::new();
    let add = ["profiles", "add", "p", "qdrant://127.0.0.1:1", "--key-file", "--secret-lifetime", "900"];
    home.run(&[&add[..], &["--secret-env", "KEY"]].concat()).ends_with(2).says("--secret-command");
    home.run(&[&add[..], &["--secret-command", "pass", "show", "x"]].concat()).ends_with(0);
    assert_eq!(home.run(&["profiles", "show", "p", "--json"]).json()["secret_lifetime_s"], 900);
    home.run(&["profiles", "edit", "p", "--secret-env", "KEY"]).ends_with(0);
    assert!(home.run(&["profiles", "show", "p", "--json"]).json()["secret_lifetime_s"].is_null());
}
