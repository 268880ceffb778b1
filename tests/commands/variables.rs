//! Variables that hold secrets, and the programs that are started beside them.

use crate::route::{KEY, SSH, Tunnelled, redis};
use crate::support::Ran;

#[test]
fn no_program_of_one_profile_gets_the_variables_of_another() {
    let tunnelled = Tunnelled::new(SSH);
    let server = redis();
    tunnelled.add("keyed", "qdrant+https://db.invalid", &["--secret-env", "CK"]);
    let proxy = ["--proxy", "http://proxy.invalid:1", "--proxy-user", "me", "--proxy-secret", "env PP"];
    tunnelled.add("proxied", "qdrant+https://db.invalid", &proxy);
    let here = format!("redis://127.0.0.1:{server}");
    tunnelled.add("tunnelled", &format!("redis://db.invalid:{server}"), &["--ssh-host", "bastion"]);
    let command = |file: &str, more: &str| format!("sh -c 'env > {}/{file}{more}'", tunnelled.bin.display());
    tunnelled.add("behind", &here, &["--before", &command("behind", "")]);
    tunnelled.add("naming", &here, &["--before", &command("naming", "; : $CK")]);
    let printer = format!("env > {}/printer; echo a-key", tunnelled.bin.display());
    tunnelled.add("printed", &here, &["--secret-command", "sh", "-c", &printer]);
    let run = |words: &[&str]| {
        let mut command = tunnelled.home.command(words);
        command.env("PATH", tunnelled.path()).env("CK", KEY).env("PP", KEY).env("UKEY", KEY).env("PLAIN", "seen");
        Ran::of(command)
    };
    // A URL takes its key from a variable, too.
    let url = format!("redis://127.0.0.1:{server}?key_env=UKEY");
    run(&["ping", &url, "tunnelled", "behind", "naming", "printed"]).ends_with(0);
    for file in ["environment", "behind", "naming", "printer"] {
        let lines = tunnelled.lines(file);
        let has = |name: &str| lines.iter().any(|line| line.split('=').next() == Some(name));
        assert!(has("PLAIN"), "{file}: {lines:?}");
        assert!(!has("PP") && !has("UKEY"), "{file}: {lines:?}");
        assert_eq!(has("CK"), file == "naming", "{file}: only the command that names it has it");
    }
}
