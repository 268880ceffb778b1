//! Help, wrong words, and ports where nobody or somebody else is.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::support::Home;

#[test]
fn help_names_every_command_and_exit_code() {
    let help = Home::new().run(&["--help"]).ends_with(0).out;
    for word in
        ["demo", "profiles", "ping", "collections", "records", "search", "copy", "doctor", "completions", "man", "78"]
    {
        assert!(help.contains(word), "{word} is missing in: {help}");
    }
}

#[test]
fn wrong_words_end_with_2_and_one_sentence() {
    let home = Home::new();
    home.run(&["--no-such-flag"]).ends_with(2);
    home.run(&["prod", "--timeout", "1", "ping", "x"]).ends_with(2).says("a command comes first");
    home.run(&["ping", "qdrannt://x"]).ends_with(2).says("vector-inspector: qdrannt:// is not known.");
    home.run(&["ping", "vespa://x"]).ends_with(2).says("is not in this build");
    home.run(&["ping", "./nothing-here"]).ends_with(2).says("does not exist");
    home.run(&["ping", home.path().to_str().unwrap()]).ends_with(2).says("is empty").says("vector-inspector new DIR");
    std::fs::write(home.path().join("something"), "").unwrap();
    home.run(&["ping", home.path().to_str().unwrap()]).ends_with(2).says("is no database");
    home.run(&["ping", "nobody"]).ends_with(2).says("there is no profile \"nobody\"");
    let ran = home.run(&["ping", "qdrant://sesame@db"]).ends_with(2).says("user information");
    assert!(!ran.err.contains("sesame"), "{}", ran.err);
    home.run(&["search", "demo", "x", "--vector", "no"]).ends_with(2).says("--vector is no vector");
}

#[test]
fn a_configuration_that_is_wrong_is_told_by_commands_too_with_its_line() {
    let home = Home::new();
    let folder = home.path().join("config");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "theme = \"dark\"\nfoo = 1\n").unwrap();
    home.run(&["ping", "qdrant://127.0.0.1:1"]).ends_with(2).says("config.toml line 2").says("`foo`");
}

#[test]
fn the_general_timeout_of_the_configuration_holds_for_commands() {
    // Takes connections into its queue and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    let folder = home.path().join("config");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "connect_timeout_s = 1\n").unwrap();
    let target = format!("chroma://{}", silent.local_addr().unwrap());
    home.run(&["ping", &target]).ends_with(4).says("did not answer within 1 s");
}

#[test]
fn a_refused_port_ends_with_4_and_the_whole_shape() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    for target in [format!("qdrant://{address}"), format!("chroma://{address}"), address] {
        let ran = Home::new().run(&["ping", "--json", "--timeout", "5", &target]).ends_with(4);
        let pong = &ran.json()[0];
        assert_eq!(
            crate::support::keys(pong),
            ["target", "state", "latency_ms", "server", "version", "error", "asked", "answered", "worst_ms", "up_s",]
        );
        assert_eq!(pong["state"], "failed", "{target}");
        assert!(pong["error"].as_str().unwrap().contains("refused"), "{pong}");
    }
}

#[test]
fn a_web_server_is_told_from_a_database() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // Ends with the test process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nserver: nginx\r\ncontent-length: 0\r\n\r\n");
        }
    });
    Home::new().run(&["ping", "--timeout", "5", &address]).ends_with(4).says("HTTP server");
}

#[test]
fn completions_and_the_manual_are_printed() {
    let home = Home::new();
    assert!(home.run(&["completions", "bash"]).ends_with(0).out.contains("vector-inspector"));
    let man = home.run(&["man"]).ends_with(0).out;
    assert!(man.contains(".TH vector-inspector") && man.contains("COMMAND PROFILES ADD"), "{man}");
}

#[test]
fn the_doctor_looks_at_configuration_store_and_terminal() {
    let home = Home::new();
    let report = home.run(&["doctor", "--json"]).ends_with(0).json();
    assert_eq!(crate::support::keys(&report), ["schema", "target", "ok", "warnings", "failures", "verdict", "checks"]);
    let areas: Vec<&str> = report["checks"].as_array().unwrap().iter().map(|c| c["area"].as_str().unwrap()).collect();
    for area in ["configuration", "store", "terminal"] {
        assert!(areas.contains(&area), "{areas:?}");
    }
    std::fs::create_dir_all(home.path().join("config")).unwrap();
    std::fs::write(home.path().join("config/config.toml"), "theme = [").unwrap();
    assert!(home.run(&["doctor"]).ends_with(1).out.contains("config.toml"));
    let report = home.run(&["doctor", "--json", "qdrant://127.0.0.1:1"]).ends_with(4).json();
    let verdict = &report["verdict"];
    let keys = ["area", "check", "state", "tried", "found", "cause", "mend"];
    assert_eq!(crate::support::keys(verdict), keys);
    assert_eq!((verdict["area"].as_str(), verdict["check"].as_str()), (Some("target"), Some("port")), "{verdict}");
    let cause = verdict["cause"].as_str().unwrap();
    assert!(["nothing-listens", "loopback-in-container"].contains(&cause), "{cause}");
    let checks = report["checks"].as_array().unwrap();
    let steps: Vec<&str> =
        checks.iter().filter(|c| c["area"] == "target").map(|c| c["check"].as_str().unwrap()).collect();
    assert_eq!(steps, ["name", "route", "port", "tls", "protocol", "authentication", "version", "permission"]);
}
