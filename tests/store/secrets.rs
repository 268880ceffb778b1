//! Where secrets may be seen: nowhere.

use std::time::Duration;

use secrecy::ExposeSecret;
use vector_inspector::profile::model::SecretSource;
use vector_inspector::profile::secret::{SecretError, resolve, resolve_within};
use vector_inspector::profile::vault::{NewKey, Operation, UnlockOptions};

use crate::fixture::*;

#[test]
fn debug_of_everything_shows_no_secret() {
    let outer = tempfile::tempdir().unwrap();
    let vault = vault_in(outer.path());
    let created = vault.create(NewKey::Passphrase(secret(CANARY))).unwrap();
    let recovery = created.recovery_key.expose_secret().to_owned();
    let mut shown = format!("{created:?}");
    let operation = Operation::Add(Box::new(full_profile("p")));
    shown += &format!("{operation:?}");
    shown += &format!("{:?}", vault.edit(operation).unwrap());
    shown += &format!("{vault:?} {:?} {:?}", vault.read().unwrap(), vault.profile("p").unwrap());
    shown += &format!("{:?}", NewKey::Passphrase(secret(CANARY)));
    let key = Some(secret(CANARY));
    shown += &format!("{:?}", UnlockOptions { key, ..UnlockOptions::default() });
    assert!(shown.contains("Profile"));
    assert!(!shown.contains(CANARY) && !shown.contains(&recovery) && !shown.contains("AGE-SECRET-KEY"), "{shown}");
}

fn command(script: &str) -> SecretSource {
    SecretSource::Command(vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()])
}

#[test]
fn a_command_gives_its_first_line() {
    let got = resolve(&command("echo 'the key'; echo more; echo noise >&2")).unwrap();
    assert_eq!(got.expose_secret(), "the key");
}

#[test]
fn errors_of_a_command_never_hold_its_output() {
    for (script, part) in [
        (format!("echo {CANARY}; exit 7"), "exit status: 7"),
        (format!("echo {CANARY} >&2; kill -9 $$"), "signal: 9"),
        (format!("printf '\\033{CANARY}'"), "control character"),
        (format!("printf '\\377{CANARY}'"), "UTF-8"),
        (format!("echo; echo {CANARY}"), "is empty"),
    ] {
        let error = resolve(&command(&script)).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains(part) && !text.contains(CANARY), "{text}");
    }
}

#[test]
fn a_command_that_hangs_is_stopped_even_when_a_child_holds_the_pipe() {
    let limit = Duration::from_millis(200);
    let started = std::time::Instant::now();
    let error = resolve_within(&command("sleep 600"), limit).unwrap_err();
    assert!(matches!(error, SecretError::TimedOut { .. }), "{error}");
    let error = resolve_within(&command("exec 2>&-; (exec sleep 5) & echo x"), limit).unwrap_err();
    assert!(matches!(error, SecretError::TimedOut { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_command_does_not_see_the_variables_of_this_program() {
    // A process of its own, since the environment of a test belongs to all of them.
    let out = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "secrets::helper_prints_the_environment_of_a_command", "--ignored", "--nocapture"])
        .env("VECTOR_INSPECTOR_KEY", CANARY)
        .env("VECTOR_INSPECTOR_PASSPHRASE_FILE", CANARY)
        .env("VECTOR_INSPECTOR_OTHER", CANARY)
        .env("OF_OTHERS", "visible")
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success() && text.contains("OF_OTHERS=visible"), "{text}");
    assert!(!text.contains(CANARY), "{text}");
}

#[test]
#[ignore = "the process that a_command_does_not_see_the_variables_of_this_program starts"]
fn helper_prints_the_environment_of_a_command() {
    let source = command("env | grep -E 'VECTOR_INSPECTOR|OF_OTHERS' | tr '\\n' ' '");
    let seen = resolve(&source).unwrap();
    std::io::Write::write_all(&mut std::io::stdout(), seen.expose_secret().as_bytes()).unwrap();
}

#[test]
fn a_missing_program_and_an_empty_command_are_named() {
    let missing = SecretSource::Command(vec!["no-such-program-here".to_owned()]);
    assert!(matches!(resolve(&missing).unwrap_err(), SecretError::NotStarted { .. }));
    assert_eq!(resolve(&SecretSource::Command(Vec::new())).unwrap_err(), SecretError::NoCommand);
}

#[test]
fn a_file_gives_its_first_line_and_must_be_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    write_private(&path, "abc\r\ndef");
    let source = SecretSource::File(path.clone());
    assert_eq!(resolve(&source).unwrap().expose_secret(), "abc");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(resolve(&source).unwrap_err(), SecretError::NotPrivate { path: path.clone(), mode: 0o644 });
    write_private(&path, "\n");
    assert!(matches!(resolve(&source).unwrap_err(), SecretError::Empty { .. }));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(resolve(&source).unwrap_err(), SecretError::File { .. }));
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let error = resolve(&SecretSource::Env("NO_SUCH_VARIABLE_HERE".to_owned())).unwrap_err();
    assert!(error.to_string().contains("NO_SUCH_VARIABLE_HERE is not set"), "{error}");
    // PATH is set wherever tests run.
    assert!(resolve(&SecretSource::Env("PATH".to_owned())).is_ok());
}

#[test]
fn a_plain_export_of_every_field_has_no_secret_and_no_path_and_comes_back() {
    use vector_inspector::profile::import::{Format, Wish, read};
    use vector_inspector::profile::share::export;
    let full = full_profile("p");
    let exported = export(std::slice::from_ref(&full), &[]).unwrap();
    let text = String::from_utf8(exported.bytes.to_vec()).unwrap();
    assert!(!text.contains(CANARY) && !text.contains("/etc/ssl") && exported.secrets == 0, "{text}");
    let left: Vec<String> = exported.left.iter().filter_map(|left| left.field.clone()).collect();
    assert!(left.contains(&"secret".to_owned()) && left.contains(&"tls.ca_file".to_owned()), "{left:?}");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.toml");
    std::fs::write(&path, &text).unwrap();
    let wish = Wish { path: Some(path), format: Some(Format::Shared), ..Wish::default() };
    let reading = read(&wish, &mut |_, _| panic!("it is not encrypted")).unwrap();
    let back = &reading.proposals[0];
    assert!(reading.skipped.is_empty() && back.refused.is_empty(), "{reading:?}");
    let kept = |profile: &vector_inspector::profile::model::Profile| {
        (profile.id, profile.group.clone(), profile.tags.clone(), profile.environment, profile.address.clone())
    };
    assert_eq!(kept(&back.profile), kept(&full));
    assert!(back.profile.secret.is_none() && back.profile.tls.insecure && !back.profile.open_at_start);
}
