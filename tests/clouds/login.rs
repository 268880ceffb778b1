//! `login` for keys: Qdrant Cloud, Chroma Cloud, Pinecone, Zilliz Cloud, hosted PostgreSQL.

use serde_json::{Value, json};

use crate::support::Home;
use crate::{chroma_cloud_fake, fake_pinecone, fake_qdrant, qdrant_cloud_fake, zilliz_cloud_fake};

/// How every secret here begins; none may be seen.
const CANARY: &str = "canary-";
const KEY: &str = "canary-database-key";
const MANAGE: &str = "canary-management-key";

fn by_name<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name} in {list}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn qdrants_clusters_are_listed_by_a_management_key_and_saved_with_the_databases() {
    let database = fake_qdrant::Fake::with_key(KEY).serve().await;
    let cloud = qdrant_cloud_fake::Fake::start(MANAGE, database.address.port()).await;
    let home = Home::new();
    let variables = [("MANAGE", MANAGE), ("KEY", KEY)];
    let words =
        ["login", "qdrant", "--api", &cloud.url, "--management-key-env", "MANAGE", "--key-env", "KEY", "--key-file"];
    let with = |more: &[&'static str]| -> Vec<&str> { words.iter().chain(more).copied().collect() };
    let listed = home.run(&with(&["--list", "--json"]), &variables).await.ends_with(0).hides(CANARY);
    let listed = listed.says("1 more is still being made: new one").json();
    assert_eq!(listed.as_array().unwrap().len(), 2, "one that is being made has no address yet: {listed}");
    assert_eq!(by_name(&listed, "search-prod")["detail"], "v1.15.4, healthy, gcp, europe-west3");
    home.run(&with(&[]), &variables).await.ends_with(2).says("--choose").says("search-dev").hides(CANARY);
    home.run(&with(&["--choose", "search-pro"]), &variables).await.ends_with(2).says("The nearest: search-prod");
    // One answers, the suspended one does not: it is not saved.
    let saved = home.run(&with(&["--all", "--group", "work", "--json"]), &variables).await.ends_with(5).hides(CANARY);
    assert_eq!(by_name(&saved.json(), "search-prod")["state"], "saved");
    assert_eq!(by_name(&saved.json(), "search-dev")["state"], "failed");
    let shown = home.shown("search-prod").await;
    assert_eq!((&shown["secret"], &shown["group"]), (&json!("env KEY"), &json!("work")));
    assert_eq!(shown["address"], format!("http://127.0.0.1:{}", database.address.port()));
    home.run(&["ping", "search-prod"], &variables).await.ends_with(0).hides(CANARY);
    home.run(&["profiles", "show", "search-dev"], &[]).await.ends_with(2);
    // A second time the profile that leads there is brought up to date, not doubled.
    let again = home.run(&with(&["--choose", "search-prod", "--json"]), &variables).await.ends_with(0).json();
    assert_eq!(again[0]["state"], "updated");
    assert_eq!(home.shown("search-prod").await["group"], "work", "what the sign-in does not know stays");
    // Another key is not put in its place unsaid.
    let other = ["login", "qdrant", "--api", &cloud.url, "--management-key-env", "MANAGE", "--key-stdin"];
    let other = [&other[..], &["--choose", "search-prod", "--json"]].concat();
    let refused = home.fed(&other, &variables, "canary-other-key").await.ends_with(2).hides(CANARY);
    refused.says("\"search-prod\" leads there already, with another key").says("--update");
    assert_eq!(home.shown("search-prod").await["secret"], "env KEY");
    let update = [&other[..], &["--update", "--untested"]].concat();
    let updated = home.fed(&update, &variables, "canary-other-key").await.ends_with(0).hides(CANARY).json();
    assert_eq!((&updated[0]["state"], &updated[0]["name"]), (&json!("updated"), &json!("search-prod")));
    assert_eq!(home.shown("search-prod").await["secret"], "stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_qdrant_cluster_by_its_url_with_a_key_from_stdin() {
    let database = fake_qdrant::Fake::with_key(KEY).serve().await;
    // The port of the fake is gRPC's; on the cloud it is 6334 where the page shows 6333.
    let home = Home::new();
    let words =
        ["login", "qdrant", "--url", "http://127.0.0.1:6333", "--key-stdin", "--key-file", "--json", "--timeout", "1"];
    let ran = home.fed(&words, &[], &format!("{KEY}\n")).await.ends_with(4).hides(CANARY);
    assert_eq!(ran.json()[0]["address"], "http://127.0.0.1:6334");
    drop(database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_management_key_ends_with_3_and_is_not_repeated() {
    let cloud = qdrant_cloud_fake::Fake::start(MANAGE, 1).await;
    let words = ["login", "qdrant", "--api", &cloud.url, "--management-key-env", "M", "--key-env", "K", "--key-file"];
    let variables = [("M", "canary-wrong"), ("K", KEY)];
    Home::new().run(&words, &variables).await.ends_with(3).says("invalid management key").hides(CANARY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chromas_tenant_and_databases_are_found_by_the_key() {
    for (all, names) in [(true, &["chroma-docs", "chroma-images"][..]), (false, &["chroma-docs"])] {
        let cloud = chroma_cloud_fake::Fake::start(KEY, all).await;
        let home = Home::new();
        let words = ["login", "chroma", "--api", &cloud.url, "--key-stdin", "--all", "--key-file", "--json"];
        let saved = home.fed(&words, &[], KEY).await.ends_with(0).hides(CANARY).json();
        let found: Vec<&str> = saved.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(found, names);
        let shown = home.shown(names[0]).await;
        assert_eq!(shown["options"], json!({ "database": "docs", "tenant": chroma_cloud_fake::TENANT }));
        assert_eq!(shown["secret"], "stored");
        let store = std::fs::read_to_string(home.config().join("profiles.toml.age")).unwrap();
        assert!(store.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") && !store.contains(CANARY));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pinecones_indexes_and_namespaces_are_told_before_the_profile_is_saved() {
    let cloud = fake_pinecone::Fake::start(KEY).await;
    let home = Home::new();
    let url = format!("http://{}", cloud.address);
    let words = ["login", "pinecone", "--api", &url, "--key-env", "KEY", "--key-file", "--json"];
    let saved = home.run(&words, &[("KEY", KEY)]).await.ends_with(0).hides(CANARY).json();
    assert_eq!((&saved[0]["state"], &saved[0]["detail"]), (&json!("saved"), &json!("no index yet")));
    home.run(&words, &[("KEY", "canary-other")]).await.ends_with(3).hides(CANARY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_project_of_pinecone_is_a_second_profile() {
    let cloud = fake_pinecone::Fake::start(KEY).await;
    let home = Home::new();
    let url = format!("http://{}", cloud.address);
    let words = ["login", "pinecone", "--api", &url, "--key-file", "--json", "--key-stdin"];
    home.fed(&words, &[], KEY).await.ends_with(0);
    let again = home.fed(&words, &[], KEY).await.ends_with(0).json();
    assert_eq!(again[0]["state"], "updated", "the same key is the same project");
    // The address is the same for all projects; this one is the other project's.
    cloud.take("canary-project-b");
    let second = home.fed(&words, &[], "canary-project-b").await.ends_with(0).hides(CANARY).json();
    assert_eq!((&second[0]["state"], &second[0]["name"]), (&json!("saved"), &json!("pinecone-2")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zillizs_clusters_are_found_and_its_refusals_with_status_200_are_refusals() {
    let cloud = zilliz_cloud_fake::Fake::start(KEY, "https://127.0.0.1:1".to_owned()).await;
    let home = Home::new();
    let words = ["login", "zilliz", "--api", &cloud.url, "--key-env", "KEY", "--key-file", "--untested", "--json"];
    let saved = home.run(&words, &[("KEY", KEY)]).await.ends_with(0).hides(CANARY).json();
    assert_eq!(saved.as_array().unwrap().len(), 1, "{saved}");
    assert_eq!((&saved[0]["name"], &saved[0]["provider"]), (&json!("dedicated-3"), &json!("milvus")));
    assert_eq!(saved[0]["detail"], "standard, running, aws-us-west-2");
    assert!(saved[0]["error"].as_str().unwrap().contains("refused the connection"), "saved, but told: {saved}");
    let wrong = home.run(&words, &[("KEY", "canary-wrong")]).await.ends_with(3).hides(CANARY);
    wrong.says("The token is illegal");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hosted_postgres_is_reached_with_its_certificate_checked() {
    let home = Home::new();
    let words = |url: &'static str| {
        ["login", "postgres", "--url", url, "--key-env", "KEY", "--key-file", "--untested", "--timeout", "1", "--json"]
    };
    let variables = [("KEY", KEY)];
    let supabase = home.run(&words("postgres://postgres@db.abc.supabase.co/postgres"), &variables).await;
    supabase.ends_with(2).says("--ca-file").hides(CANARY);
    let neon = home.run(&words("postgres://me@ep-x.neon.invalid/shop"), &variables).await.ends_with(0).hides(CANARY);
    assert_eq!(neon.json()[0]["state"], "saved");
    let shown = home.shown(neon.json()[0]["name"].as_str().unwrap()).await;
    assert_eq!(shown["options"], json!({ "database": "shop", "sslmode": "verify-full", "user": "me" }));
    home.run(&words("postgres://me:canary-inline@h/db"), &variables).await.ends_with(2).hides(CANARY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_goes_to_no_other_machine_in_plain_text_and_flags_that_mean_nothing_are_told() {
    let home = Home::new();
    let variables = [("KEY", KEY)];
    let words = ["login", "zilliz", "--api", "http://zilliz.invalid", "--key-env", "KEY"];
    home.run(&words, &variables).await.ends_with(2).says("without encryption").hides(CANARY);
    let words = ["login", "zilliz", "--url", "https://h", "--key-env", "KEY"];
    home.run(&words, &variables).await.ends_with(2).says("--url means nothing to Zilliz Cloud");
    home.run(&["login", "zilliz", "--key-env", "NOT_SET"], &[]).await.ends_with(2).says("NOT_SET is not set");
    home.run(&["login", "zilliz"], &[]).await.ends_with(2).says("no key is given");
    home.run(&["login", "nimbus"], &[]).await.ends_with(2).says("known are qdrant");
}
