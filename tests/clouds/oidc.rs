//! `login weaviate` by way of an identity provider: each grant that the discovery document offers.

use serde_json::json;

use crate::support::Home;
use crate::weaviate_cloud_fake::{CLIENT_SECRET, Fake, PASSWORD, TOKEN, USER, USER_CODE};

const CANARY: &str = "canary-";

fn words<'a>(fake: &'a Fake, way: &'a str) -> Vec<&'a str> {
    vec!["login", "weaviate", "--url", &fake.url, "--way", way, "--key-file", "--json"]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clients_secret_gives_tokens_and_the_profile_opens_by_itself_afterwards() {
    let fake = Fake::start(300).await;
    let home = Home::new();
    let variables = [("SECRET", CLIENT_SECRET)];
    let more = [&words(&fake, "client")[..], &["--client-secret-env", "SECRET"]].concat();
    let saved = home.run(&more, &variables).await.ends_with(0).hides(CANARY).json();
    assert_eq!((&saved[0]["state"], &saved[0]["version"]), (&json!("saved"), &json!("1.30.0")));
    let name = saved[0]["name"].as_str().unwrap();
    let shown = home.run(&["profiles", "show", name, "--json"], &[]).await.ends_with(0).hides(CANARY).json();
    assert_eq!(shown["secret"], format!("sign-in at {} (client_credentials)", fake.discovery));
    home.run(&["collections", name], &[]).await.ends_with(0).hides(CANARY);
    assert!(fake.grants().iter().all(|grant| grant == "client_credentials"), "{:?}", fake.grants());
    let wrong = home.run(&more, &[("SECRET", "canary-wrong")]).await.ends_with(3).hides(CANARY);
    wrong.says("refused the sign-in: invalid_grant");
    // A provider that repeats what it was shown finds it taken out.
    fake.refuse();
    home.run(&["ping", name], &[]).await.ends_with(3).says("has ended").says("Sign in again").hides(CANARY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_becomes_a_refresh_token_which_is_changed_at_each_use_and_saved() {
    let fake = Fake::start(300).await;
    let home = Home::new();
    let more = [&words(&fake, "password")[..], &["--user", USER, "--password-env", "PW"]].concat();
    let saved = home.run(&more, &[("PW", PASSWORD)]).await.ends_with(0).hides(CANARY).json();
    let name = saved[0]["name"].as_str().unwrap().to_owned();
    assert!(saved[0]["detail"].as_str().unwrap().ends_with("(refresh)"), "{saved}");
    for _ in 0..3 {
        let before = fake.newest_refresh();
        home.run(&["ping", &name], &[]).await.ends_with(0).hides(CANARY);
        assert_ne!(fake.newest_refresh(), before, "the provider gave another one, and the next run had it");
    }
    home.run(&["profiles", "test", &name], &[]).await.ends_with(0).hides(CANARY);
    let passwords = fake.grants().iter().filter(|grant| *grant == "password").count();
    assert_eq!(passwords, 1, "the password was shown once and not kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_refresh_token_the_password_is_kept_and_a_code_is_not_enough() {
    let fake = Fake::start(300).await;
    fake.without_refresh();
    let home = Home::new();
    let more = [&words(&fake, "password")[..], &["--user", USER, "--password-env", "PW"]].concat();
    let saved = home.run(&more, &[("PW", PASSWORD)]).await.ends_with(0).hides(CANARY).json();
    assert!(saved[0]["detail"].as_str().unwrap().ends_with("(password)"), "{saved}");
    home.run(&["ping", saved[0]["name"].as_str().unwrap()], &[]).await.ends_with(0).hides(CANARY);
    home.run(&words(&fake, "device"), &[]).await.ends_with(2).says("no refresh token").hides(CANARY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_shown_and_waited_for() {
    let fake = Fake::start(300).await;
    let home = Home::new();
    let ran =
        home.run(&words(&fake, "device"), &[]).await.ends_with(0).hides(TOKEN).says(USER_CODE).says("device-page");
    assert_eq!(ran.json()[0]["state"], "saved");
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    assert_eq!(
        fake.grants()[..3],
        [device, device, "refresh_token"],
        "pending, confirmed, and the test of the profile"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_a_provider_says_so() {
    // A server that has none answers 404 there, as this one does to all that it does not know.
    let server = crate::zilliz_cloud_fake::Fake::start("k", String::new()).await;
    let words = ["login", "weaviate", "--url", &server.url, "--way", "device"];
    Home::new().run(&words, &[]).await.ends_with(2).says("names no identity provider").says("--way key");
}
