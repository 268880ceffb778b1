//! `login weaviate` by way of an identity provider: each grant that the discovery document offers.

use serde_json::json;

use crate::support::{Front, Home};
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
    wrong.says("refused the sign-in: invalid_grant").says("the client secret goes to 127.0.0.1:");
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
    let ran = ran.says("device-page?user_code=WDJB-MJHT").says("signing in at 127.0.0.1:");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_shows_its_secret_in_a_header_where_the_provider_wants_it_so() {
    let variables = [("SECRET", CLIENT_SECRET), ("PW", PASSWORD)];
    for (way, more) in
        [("client", &[][..]), ("password", &["--user", USER, "--password-env", "PW"][..]), ("device", &[][..])]
    {
        let fake = Fake::start(300).await;
        fake.wants_basic();
        let home = Home::new();
        let more = [&words(&fake, way)[..], &["--client-secret-env", "SECRET"], more].concat();
        let saved = home.run(&more, &variables).await.ends_with(0).hides(CANARY).json();
        assert_eq!(saved[0]["state"], "saved", "{way}");
        // The profile has all that it needs: a refresh token is taken from a client with its secret only.
        home.run(&["ping", saved[0]["name"].as_str().unwrap()], &[]).await.ends_with(0).hides(CANARY);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_and_a_provider_with_an_authority_of_their_own() {
    let papers = tempfile::tempdir().unwrap();
    let front = Front::new(papers.path());
    let mut fake = Fake::start(300).await;
    let provider = fake.discovery.split('/').nth(2).unwrap().to_owned();
    let (server, provider) = (front.before(&fake.url[7..]).await, front.before(&provider).await);
    fake.behind(&server, &provider);
    let home = Home::new();
    let variables = [("SECRET", CLIENT_SECRET)];
    let more = [&words(&fake, "client")[..], &["--client-secret-env", "SECRET"]].concat();
    home.run(&more, &variables).await.ends_with(4).says("certificate").hides(CANARY);
    assert_eq!(fake.grants().len(), 0);
    let with_ca = [&more[..], &["--ca-file", front.ca_file.to_str().unwrap()]].concat();
    let saved = home.run(&with_ca, &variables).await.ends_with(0).hides(CANARY).json();
    home.run(&["ping", saved[0]["name"].as_str().unwrap()], &[]).await.ends_with(0).hides(CANARY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_from_another_machine_are_read_under_tls_only() {
    let home = Home::new();
    let variables = [("SECRET", CLIENT_SECRET)];
    // An address for documentation: nothing is asked there.
    let words =
        ["login", "weaviate", "--url", "http://192.0.2.2:8080", "--way", "client", "--client-secret-env", "SECRET"];
    home.run(&words, &variables).await.ends_with(2).says("could name one of their own").hides(CANARY);
    let fake = Fake::start(300).await;
    fake.name_provider("http://192.0.2.2:8081");
    let more = [&self::words(&fake, "client")[..], &["--client-secret-env", "SECRET"]].concat();
    home.run(&more, &variables)
        .await
        .ends_with(2)
        .says("192.0.2.2:8081 would be asked without encryption")
        .hides(CANARY);
    assert_eq!(fake.grants().len(), 0);
}
