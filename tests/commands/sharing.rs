//! Export and import without a terminal: what leaves the machine, what is taken from a file, and what is
//! never done unasked.

use std::path::PathBuf;

use crate::support::{Demo, Home, Ran};

const CANARY: &str = "s3same-opens-share";

/// A home with a store: a profile with a stored key and local files, and one with a key in a variable.
fn home() -> Home {
    let home = Home::new();
    let mut add = home.command(&[
        "profiles",
        "add",
        "prod",
        "qdrant+https://db.example.com",
        "--secret-stdin",
        "--key-file",
        "--group",
        "work/search",
        "--tag",
        "eu",
        "--environment",
        "production",
        "--ca-file",
        "/home/me/ca.pem",
    ]);
    add.write_stdin(format!("{CANARY}\n")).assert().success();
    home.run(&["profiles", "add", "ref", "chroma://db2.example.com", "--secret-env", "CHROMA_KEY"]).ends_with(0);
    home.run(&["profiles", "add", "cmd", "qdrant://127.0.0.1", "--secret-command", "pass", "show", "x"]).ends_with(0);
    home.run(&["profiles", "add", "dir", ".", "--provider", "qdrant-edge"]).ends_with(0);
    home
}

fn file(home: &Home, name: &str, text: &str) -> String {
    let path = home.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn path(home: &Home, name: &str) -> String {
    home.path().join(name).display().to_string()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[track_caller]
fn says_nothing_of_the_key(ran: &Ran) {
    assert!(!ran.out.contains(CANARY) && !ran.err.contains(CANARY), "{}{}", ran.out, ran.err);
}

#[test]
fn an_export_has_no_secret_and_says_what_it_left_out() {
    let home = home();
    let out = path(&home, "team.toml");
    let ran = home.run(&["profiles", "export", "--output", &out]).ends_with(0);
    let text = read(&out);
    for (part, is_in) in [
        ("https://db.example.com", true),
        ("env = \"CHROMA_KEY\"", true),
        ("environment = \"production\"", true),
        ("prod: secret was left out: it is a secret", true),
        ("prod: tls.ca_file was left out", true),
        ("cmd: secret was left out: it comes from a command", true),
        ("dir was left out", true),
        (CANARY, false),
        ("/home/me", false),
        ("\"pass\"", false),
    ] {
        assert_eq!(text.contains(part), is_in, "{part}: {text}");
    }
    let ran = ran.says("prod: secret was left out").says("exported 3 profiles, without secrets");
    says_nothing_of_the_key(&ran);
    home.run(&["profiles", "export", "--output", &out]).ends_with(2).says("--force");
    home.run(&["profiles", "export", "--output", &out, "--force", "--group", "work"]).ends_with(0);
    assert_eq!(read(&out).matches("[[profile]]").count(), 1);
    home.run(&["profiles", "export", "dir"]).ends_with(2).says("directory of this machine");
    home.run(&["profiles", "export", "nope"]).ends_with(2).says("no profile");
    home.run(&["profiles", "export", "--group", "nope"]).ends_with(2).says("no profile is like that");
    home.run(&["profiles", "export", "--json"]).ends_with(2).says("--output");
    let told =
        home.run(&["profiles", "export", "prod", "--json", "--output", &path(&home, "one.toml")]).ends_with(0).json();
    assert_eq!((&told["profiles"], &told["left_out"][0]["profile"]), (&1.into(), &"prod".into()));
}

#[test]
fn secrets_leave_encrypted_only_and_arrive() {
    let (from, to) = (home(), Home::new());
    let out = path(&from, "team.age");
    let refused = |words: &[&str], part: &str| {
        let all = [&["profiles", "export", "prod", "--with-secrets", "--output", &out], words].concat();
        says_nothing_of_the_key(&from.run(&all).ends_with(2).says(part));
        assert!(!PathBuf::from(&out).exists(), "{words:?}");
    };
    refused(&[], "encrypted form only");
    refused(&["--recipient", "ssh-rsa AAAAB3NzaC1yc2E bob"], "RSA is not taken");
    refused(&["--recipient", "bob"], "neither with age1");
    from.run(&["profiles", "export", "--recipient", "age1x"]).ends_with(2).says("--with-secrets");

    // To an age key in a file of recipients, and to an ssh key.
    let key = age::x25519::Identity::generate();
    let mine = file(&to, "key.txt", secrecy::ExposeSecret::expose_secret(&key.to_string()));
    private(&mine);
    let recipients = file(&from, "team.txt", &format!("# the team\n{}\n", key.to_public()));
    let ran =
        from.run(&["profiles", "export", "prod", "--with-secrets", "--recipients-file", &recipients, "--output", &out]);
    says_nothing_of_the_key(&ran.ends_with(0).says("with 1 secret, encrypted to 1 recipient."));
    let text = read(&out);
    assert!(text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") && !text.contains(CANARY));

    to.run(&["profiles", "import", &out, "--yes", "--key-file"]).ends_with(3).says("none of your keys");
    let ran = to.run(&["profiles", "import", &out, "--yes", "--key-file", "--identity", &mine]).ends_with(0);
    says_nothing_of_the_key(&ran);
    let shown = to.run(&["profiles", "show", "prod", "--json"]).json();
    assert_eq!((&shown["secret"], &shown["ca_file"]), (&"stored".into(), &serde_json::Value::Null));
    // To the key of the other one's store, which its owner can learn.
    let ran = to.run(&["profiles", "recipient"]).ends_with(0);
    assert!(ran.out.starts_with("age1") && !ran.out.contains("SECRET"), "{}", ran.out);
    let recipient = ran.out.trim().to_owned();
    assert_eq!(to.run(&["profiles", "recipient", "--json"]).json(), serde_json::json!([recipient]));
    let theirs = path(&from, "theirs.age");
    from.run(&["profiles", "export", "ref", "--with-secrets", "--recipient", &recipient, "--output", &theirs])
        .ends_with(0);
    to.run(&["profiles", "import", &theirs, "--yes"]).ends_with(0);
    to.run(&["profiles", "show", "ref"]).ends_with(0);
    // Whoever shared it cuts it short: an error, and nothing is imported.
    std::fs::write(&out, &text[..text.len() - 200]).unwrap();
    to.run(&["profiles", "import", &out, "--yes", "--identity", &mine]).ends_with(2).says("damaged");
}

fn private(path: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn an_import_shows_what_changes_and_resolves_conflicts_by_flag() {
    let home = home();
    let shared = path(&home, "team.toml");
    home.run(&["profiles", "export", "--output", &shared]).ends_with(0);
    // Just as it is: nothing to do.
    home.run(&["profiles", "import", &shared]).ends_with(0).says("0 of 3");
    let changed = read(&shared).replace("group = \"work/search\"", "group = \"team\"\nnotes = \"ask Ada\"");
    let changed = file(&home, "changed.toml", &changed);
    let preview = home
        .run(&["profiles", "import", &changed, "--dry-run", "--json", "--on-conflict", "replace"])
        .ends_with(0)
        .json();
    assert_eq!(preview["dry_run"], true);
    let prod = &preview["profiles"][0];
    assert_eq!(
        (&prod["state"], &prod["outcome"], &prod["key_move"]),
        (&"same id".into(), &"replaced".into(), &serde_json::Value::Null)
    );
    assert_eq!(prod["changes"][0], serde_json::json!({ "field": "group", "from": "work/search", "to": "team" }));
    assert_eq!(prod["changes"][1], serde_json::json!({ "field": "notes", "from": null, "to": "ask Ada" }));
    // Nobody to ask: nothing is done, and the ways are named.
    home.run(&["profiles", "import", &changed, "--yes"]).ends_with(2).says("--on-conflict skip, replace or rename");
    home.run(&["profiles", "import", &changed, "--on-conflict", "replace"]).ends_with(2).says("--yes");
    assert_eq!(home.run(&["profiles", "show", "prod", "--json"]).json()["group"], "work/search");

    home.run(&["profiles", "import", &changed, "--yes", "--on-conflict", "skip"]).ends_with(1);
    home.run(&["profiles", "import", &changed, "--yes", "--on-conflict", "rename"]).ends_with(0);
    let renamed = home.run(&["profiles", "show", "prod-2", "--json"]).json();
    assert_eq!((&renamed["group"], &renamed["secret"]), (&"team".into(), &serde_json::Value::Null));
    // A second time it is there.
    let again =
        home.run(&["profiles", "import", &changed, "--yes", "--on-conflict", "rename", "--json"]).ends_with(0).json();
    assert_eq!(again["profiles"][0]["outcome"], "same");
    home.run(&["profiles", "show", "prod-3"]).ends_with(2);
    home.run(&["profiles", "import", &changed, "--yes", "--on-conflict", "replace"]).ends_with(0);
    let replaced = home.run(&["profiles", "show", "prod", "--json"]).json();
    assert_eq!(replaced["group"], "team");
    // What is of this machine stays.
    assert_eq!((&replaced["secret"], &replaced["ca_file"]), (&"stored".into(), &"/home/me/ca.pem".into()));
}

#[test]
fn a_key_of_the_store_never_goes_to_another_address_unasked() {
    let home = home();
    let shared = path(&home, "team.toml");
    home.run(&["profiles", "export", "--output", &shared]).ends_with(0);
    let evil = file(
        &home,
        "evil.toml",
        &read(&shared).replace("db.example.com", "evil.example.com").replace("db2.example.com", "evil.example.com"),
    );
    let import = |more: &[&str]| home.run(&[&["profiles", "import", &evil, "--yes", "--json"], more].concat());
    let held = import(&["--on-conflict", "replace"]).ends_with(1).json();
    for at in [0, 1] {
        let moved = &held["profiles"][at]["key_move"];
        assert!(moved["to"].as_str().unwrap().contains("evil"), "{held}");
        assert_eq!(held["profiles"][at]["outcome"], "held");
    }
    let address =
        |name: &str| home.run(&["profiles", "show", name, "--json"]).json()["address"].as_str().unwrap().to_owned();
    assert_eq!(address("prod"), "https://db.example.com");
    // Also under a new name: the variable's content is a known profile's key.
    let stranger = "[[profile]]\nname = \"free vectors\"\nprovider = \"qdrant\"\naddress = \"https://evil.example.com\"\nsecret = { env = \"CHROMA_KEY\" }\n";
    let stranger = file(&home, "stranger.toml", stranger);
    home.run(&["profiles", "import", &stranger, "--yes"]).ends_with(1).says("--move-key");
    // Beside it, under another name, it is the same for the variable; a stored key is not in the file, so the copy
    // has none that could go anywhere.
    let beside = import(&["--on-conflict", "rename"]).ends_with(5).json();
    assert_eq!(
        (&beside["profiles"][0]["outcome"], &beside["profiles"][1]["outcome"]),
        (&"renamed".into(), &"held".into())
    );
    assert_eq!(beside["profiles"][0]["key_move"], serde_json::Value::Null);
    assert!(home.run(&["profiles", "show", "ref-2"]).code != Some(0));
    assert_eq!(home.run(&["profiles", "show", "prod-2", "--json"]).json()["secret"], serde_json::Value::Null);
    // The same address in another way is told by what is otherwise.
    let unsafer = read(&shared).replace(
        "address = \"https://db.example.com\"",
        "address = \"https://db.example.com\"\ntls = { insecure = true }\noptions = { allow_plaintext_key = \"true\" }",
    );
    let unsafer = file(&home, "unsafer.toml", &unsafer);
    let ran = home.run(&["profiles", "import", &unsafer, "--dry-run"]);
    for part in
        ["as now, but with", "tls.insecure: nothing -> true", "accepts any certificate", "may send its key unencrypted"]
    {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    // Allowed for one by name.
    let both = ["--on-conflict", "replace", "--move-key", "prod", "--make-writable", "prod"];
    import(&both[..4]).ends_with(1);
    assert_eq!(address("prod"), "https://db.example.com", "its database would lose the lock");
    import(&both).ends_with(5);
    assert_eq!(
        (address("prod").as_str(), address("ref").as_str()),
        ("https://evil.example.com", "http://db2.example.com")
    );
}

#[test]
fn what_a_file_does_not_say_stays_and_what_it_says_opens_nothing_unasked() {
    let home = home();
    home.run(&["profiles", "edit", "prod", "--color", "red", "--read-only"]).ends_with(0);
    home.run(&["profiles", "add", "frozen", "chroma://db3.example.com", "--read-only"]).ends_with(0);
    let shown = |name: &str| home.run(&["profiles", "show", name, "--json"]).ends_with(0).json();
    let import = |name: &str, address: &str, fields: &str, more: &[&str]| {
        let kind = if name == "prod" { "qdrant" } else { "chroma" };
        let text =
            format!("[[profile]]\nname = \"{name}\"\nprovider = \"{kind}\"\naddress = \"{address}\"\n{fields}\n");
        let shared = file(&home, "f.toml", &text);
        home.run(&[&["profiles", "import", &shared, "--yes", "--on-conflict", "replace"], more].concat())
    };
    let same = "https://db.example.com";
    import("prod", same, "notes = \"ask Ada\"", &[]).ends_with(0);
    let prod = shown("prod");
    for (field, value) in [
        ("environment", "production"),
        ("color", "red"),
        ("group", "work/search"),
        ("notes", "ask Ada"),
        ("secret", "stored"),
    ] {
        assert_eq!(prod[field], value, "{field}");
    }
    assert_eq!((&prod["read_only"], &prod["tags"]), (&true.into(), &serde_json::json!(["eu"])));

    let open = "environment = \"dev\"\nread_only = false";
    let held = import("prod", same, open, &["--json"]).ends_with(1).json();
    assert_eq!(held["profiles"][0]["outcome"], "held");
    let ran = import("prod", same, open, &[]).ends_with(1).says("--make-writable NAME");
    assert!(
        ran.out.contains("prod: the profile is read-only. Then its database can be written to at once"),
        "{}",
        ran.out
    );
    let ran = import("prod", same, "read_only = false", &[]).ends_with(1);
    assert!(ran.out.contains("Then a write window"), "{}", ran.out);
    let prod = shown("prod");
    assert_eq!((&prod["environment"], &prod["read_only"]), (&"production".into(), &true.into()));
    // Led elsewhere, it would leave its database open to others.
    let ran = import("frozen", "http://db4.example.com", "read_only = true", &[]).ends_with(1);
    assert!(ran.out.contains("no longer keeps chroma http://db3.example.com read-only"), "{}", ran.out);
    assert_eq!(shown("frozen")["address"], "http://db3.example.com");
    import("prod", same, "environment = \"staging\"", &[]).ends_with(0);
    assert_eq!(shown("prod")["read_only"], true, "it is read-only by itself");
    import("prod", same, open, &["--make-writable", "prod"]).ends_with(0);
    assert_eq!((&shown("prod")["environment"], &shown("prod")["read_only"]), (&"dev".into(), &false.into()));
}

#[test]
fn hostile_text_of_a_file_steers_no_terminal_and_runs_nothing() {
    let home = Home::new();
    let text = "[[profile]]\nname = \"x\\u202Egnp\"\nprovider = \"qdrant\"\naddress = \"db:6334\"\nnotes = \"\\u001b[2J\"\n\
                group = \"\\u001b]0;evil\\u0007\"\nsecret = { command = [\"touch\", \"/tmp/evil\"] }\nopen_at_start = true\n\
                [[profile]]\nname = \"\\u001b[31mred\"\nprovider = \"qdrant\"\naddress = \"h\"\n";
    let shared = file(&home, "f.toml", text);
    let ran = home.run(&["profiles", "import", &shared, "--yes", "--key-file"]).ends_with(0);
    assert!(!ran.err.contains('\u{1b}') && !ran.err.contains('\u{202e}'), "{:?}", ran.err);
    assert!(ran.out.contains("not taken over: secret (it comes from a command)"), "{}", ran.out);
    assert!(ran.out.contains("control character"), "{}", ran.out);
    // Also where the changes of a known profile are shown, and nobody's terminal is there.
    let steering = file(&home, "g.toml", &text.replace("[2J", "[31m"));
    let ran = home.run(&["profiles", "import", &steering, "--dry-run"]);
    assert!(ran.out.contains("notes: ") && !ran.out.contains('\u{1b}'), "{:?}", ran.out);
    let list = home.run(&["profiles", "list", "--json"]);
    assert!(!list.out.contains('\u{1b}') && !list.out.contains('\u{202e}'), "{:?}", list.out);
    let list = list.json();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["open_at_start"]), (1, &false.into()));
}

#[test]
fn other_programs_files_give_profiles() {
    let home = Home::new();
    let env = file(
        &home,
        "shop/.env",
        &format!(
            "QDRANT_URL=http://localhost:6333\nQDRANT_API_KEY={CANARY}\nDATABASE_URL=postgres://me:{CANARY}@db/shop\n"
        ),
    );
    file(
        &home,
        "shop/compose.yaml",
        "services:\n  vectors: { image: 'qdrant/qdrant', ports: ['6334:6334'], environment: { QDRANT__SERVICE__API_KEY: '${QDRANT_API_KEY}' } }\n",
    );
    let ran = home.run(&["profiles", "import", &env, "--dry-run"]).ends_with(0);
    says_nothing_of_the_key(&ran);
    assert!(
        ran.out.contains("shop-qdrant")
            && ran.out.contains("env QDRANT_API_KEY")
            && ran.out.contains("--store-secrets"),
        "{}",
        ran.out
    );
    let ran = home.run(&["profiles", "import", &path(&home, "shop"), "--yes", "--key-file"]).ends_with(0);
    says_nothing_of_the_key(&ran);
    let list = home.run(&["profiles", "list", "--json"]).json();
    let names: Vec<&str> = list.as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["shop-vectors", "shop-qdrant", "shop-postgres"]);
    assert_eq!(list[0]["secret"], "env QDRANT_API_KEY");
    assert_eq!(list[2]["secret"], serde_json::Value::Null);
    // The key itself, where that is asked for; what the user has set stays.
    home.run(&["profiles", "edit", "shop-postgres", "--environment", "production"]).ends_with(0);
    says_nothing_of_the_key(
        &home.run(&["profiles", "import", &env, "--yes", "--store-secrets", "--on-conflict", "replace"]).ends_with(0),
    );
    let shown = home.run(&["profiles", "show", "shop-postgres", "--json"]).json();
    assert_eq!((&shown["secret"], &shown["environment"]), (&"stored".into(), &"production".into()));

    file(
        &home,
        ".vector-viewer/connections.json",
        "{\"connections\": [{\"name\": \"Pinecone\", \"provider\": \"pinecone\", \"api_key\": \"k\"}]}",
    );
    // One name in both files of that tool, at two places.
    file(
        &home,
        ".vector-inspector/profiles.json",
        "{\"profiles\": [{\"name\": \"Pinecone\", \"provider\": \"qdrant\", \"config\": {\"host\": \"db\"}}]}",
    );
    home.run(&["profiles", "import", "--from", "desktop", "--yes"]).ends_with(0).says("2 of 2 profiles");
    home.run(&["profiles", "show", "Pinecone"]).ends_with(0);
    home.run(&["profiles", "show", "Pinecone-2"]).ends_with(0);
    let empty = path(&home, "empty");
    std::fs::create_dir(&empty).unwrap();
    home.run(&["profiles", "import", &empty]).ends_with(2).says("neither a compose file nor a .env");
    home.run(&["profiles", "import", "--from", "env"]).ends_with(2);
    home.run(&["profiles", "import", &path(&home, "nothing.toml")]).ends_with(2).says("could not be read");
    home.run(&["profiles", "import", &file(&home, "what", "?")]).ends_with(2).says("--from");
}

#[test]
fn a_project_offers_its_profiles_and_the_store_goes_before_it() {
    let home = Home::new();
    let inner = home.path().join("project/src");
    std::fs::create_dir_all(&inner).unwrap();
    let text = "[[profile]]\nname = \"vectors\"\nprovider = \"qdrant\"\naddress = \"127.0.0.1:1\"\nsecret = { env = \"NOT_SET_HERE\" }\n";
    file(&home, "project/.vector-inspector.toml", text);
    let run = |words: &[&str]| {
        let mut command = home.command(words);
        command.current_dir(&inner);
        Ran::of(command)
    };
    let list = run(&["profiles", "list", "--json"]).ends_with(0).json();
    assert_eq!(list[0]["name"], "vectors");
    assert!(list[0]["project_file"].as_str().unwrap().ends_with("project/.vector-inspector.toml"));
    assert!(run(&["profiles", "list"]).out.contains(".vector-inspector.toml"));
    run(&["profiles", "show", "vectors"]).ends_with(0);
    run(&["ping", "vectors"]).ends_with(2).says("NOT_SET_HERE");
    for words in [
        &["edit", "vectors", "--notes", "x"][..],
        &["remove", "vectors"],
        &["rename", "vectors", "x"],
        &["duplicate", "vectors", "x"],
        &["export", "vectors"],
    ] {
        run(&[&["profiles"], words].concat()).ends_with(2).says("project/.vector-inspector.toml");
    }
    home.run(&["ping", "vectors"]).ends_with(2).says("no profile");
    // One of the store wins, and that is said.
    run(&["profiles", "add", "vectors", "qdrant://127.0.0.1:2", "--key-file"]).ends_with(0);
    run(&["ping", "vectors"]).ends_with(4).says("is the profile of your store");
    assert_eq!(
        run(&["profiles", "list", "--json"]).says("is the profile of your store").json().as_array().unwrap().len(),
        1
    );
    // A key of the store that it sends elsewhere is told.
    run(&["profiles", "add", "mine", "qdrant://127.0.0.1:3", "--secret-env", "THEIRS"]).ends_with(0);
    let theirs = text.replace("vectors", "theirs").replace("NOT_SET_HERE", "THEIRS");
    file(&home, "project/.vector-inspector.toml", &theirs);
    run(&["profiles", "list"]).ends_with(0).says("sends the key of \"mine\"");
    run(&["ping", "theirs"]).ends_with(2).says("sends the key of \"mine\"");
    // One with a secret is refused with its place.
    file(
        &home,
        "project/.vector-inspector.toml",
        &format!("{}secret = \"{CANARY}\"\n", text.replace("secret = { env = \"NOT_SET_HERE\" }\n", "")),
    );
    let ran = run(&["profiles", "list"]).ends_with(0).says("line 5");
    says_nothing_of_the_key(&ran);
    run(&["ping", "other"]).ends_with(2).says("line 5").says("{ env = ");
    let report = run(&["doctor", "--json"]).json();
    let checks = report["checks"].as_array().unwrap();
    let project = checks.iter().find(|check| check["area"] == "project").unwrap();
    assert!(project["state"] == "fail" && project["found"].as_str().unwrap().contains("line 5"), "{project}");
}

#[test]
fn the_moment_of_use_is_kept_outside_of_the_store() {
    let home = home();
    let state = path(&home, "state");
    let run = |words: &[&str]| {
        let mut command = home.command(words);
        command.env("VECTOR_INSPECTOR_STATE_DIR", &state);
        Ran::of(command)
    };
    // The demo is a database that opens; only the tests of data open it at the same time.
    let demo = Demo::open();
    demo.run(&["collections", "demo"]).ends_with(0);
    let place = demo.directory();
    run(&["profiles", "add", "mine", place.to_str().unwrap(), "--provider", "qdrant-edge"]).ends_with(0);
    let store = || std::fs::read(home.path().join("config/profiles.toml.age")).unwrap();
    let before = store();
    assert_eq!(run(&["profiles", "show", "mine", "--json"]).json()["last_used"], serde_json::Value::Null);
    run(&["ping", "mine"]).ends_with(0);
    let used = run(&["profiles", "show", "mine", "--json"]).json();
    assert!(used["last_used"].as_str().unwrap().ends_with('Z'), "{used}");
    assert!(run(&["profiles", "list"]).out.contains("last used"));
    assert_eq!(store(), before, "opening writes no store");
}

#[test]
fn a_thousand_profiles_are_imported_at_once() {
    let home = Home::new();
    let mut text = String::new();
    for n in 0..1000 {
        let group = n % 50;
        text.push_str(&format!(
            "[[profile]]\nname = \"p{n}\"\nprovider = \"qdrant\"\naddress = \"db{n}:6334\"\ngroup = \"g{group}\"\n"
        ));
    }
    let shared = file(&home, "many.toml", &text);
    home.run(&["profiles", "import", &shared, "--yes", "--key-file"])
        .ends_with(0)
        .says("1,000 of 1,000 profiles imported");
    assert_eq!(home.run(&["profiles", "list", "--group", "g7", "--json"]).json().as_array().unwrap().len(), 20);
    let backups = std::fs::read_dir(home.path().join("config/backups")).unwrap().count();
    assert_eq!(backups, 1, "one save");
    home.run(&["profiles", "import", &shared, "--yes"]).ends_with(0).says("0 of 1,000");
}
