//! Connecting, and what happens to a question that nobody waits for any more.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use secrecy::ExposeSecret;
use vector_inspector::provider::{Address, ConnectSpec, ErrorKind, ProviderError, connect};

use super::{Schema, quote, spec};
use crate::bench::Bench;

crate::cases!(
    a_dropped_question_is_ended_at_the_server,
    a_question_that_takes_too_long_is_ended_by_the_server,
    a_wrong_password_is_told_without_it,
    a_missing_database_is_named,
    a_server_without_tls_is_not_spoken_to_in_plain_text,
    modes_that_fall_back_are_refused,
    the_password_file_and_the_service_file_are_read,
    missing_rights_are_told_as_such,
);

async fn error_of(spec: &ConnectSpec) -> ProviderError {
    connect(spec).await.err().expect("a connect that fails")
}

fn with(options: &[(&str, &str)]) -> ConnectSpec {
    let mut spec = spec();
    spec.options.extend(options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    spec
}

/// Our sessions that wait for a lock on that table.
async fn waiting(schema: &Schema) -> i64 {
    let text =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'vector-inspector' AND wait_event_type = 'Lock'
                AND EXISTS (SELECT 1 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.pid = pg_stat_activity.pid AND n.nspname = $1)";
    schema.client.query_one(text, &[&schema.name]).await.unwrap().get(0)
}

async fn until_waiting(schema: &Schema, wanted: i64) {
    for _ in 0..200 {
        if waiting(schema).await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{} sessions wait, not {wanted}", waiting(schema).await);
}

async fn locked(bench: &Bench) -> (Schema, tokio_postgres::Client, String) {
    let schema = Schema::new(bench).await;
    schema.run("CREATE TABLE S.t (id int PRIMARY KEY, embedding public.vector(1))").await;
    let holder = super::session().await;
    holder.batch_execute(&format!("BEGIN; LOCK TABLE {}.t", quote(&schema.name))).await.unwrap();
    let name = schema.collection("t");
    (schema, holder, name)
}

async fn a_dropped_question_is_ended_at_the_server(bench: &Bench) {
    let (schema, holder, name) = locked(bench).await;
    let db = bench.db.clone();
    let asked = tokio::spawn(async move { db.count(&name, None).await });
    until_waiting(&schema, 1).await;
    asked.abort();
    until_waiting(&schema, 0).await;
    // no other session was hit, and the provider goes on
    bench.db.ping().await.unwrap();
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(bench.db.count(&schema.collection("t"), None).await.unwrap().value, 0);
}

async fn a_question_that_takes_too_long_is_ended_by_the_server(bench: &Bench) {
    let (_schema, holder, name) = locked(bench).await;
    let mut spec = spec();
    spec.timeouts.request = Duration::from_millis(300);
    let db = connect(&spec).await.unwrap();
    let error = db.count(&name, None).await.unwrap_err();
    assert!(matches!(error, ProviderError::TimedOut { .. }), "{error}");
    db.ping().await.unwrap();
    holder.batch_execute("COMMIT").await.unwrap();
}

async fn a_wrong_password_is_told_without_it(_: &Bench) {
    let mut wrong = spec();
    wrong.secret = Some("not-the-password".to_owned().into());
    let error = error_of(&wrong).await;
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(!format!("{error:?}").contains("not-the-password"), "{error:?}");
    let mut none = with(&[("passfile", "/dev/null")]);
    none.secret = None;
    let error = error_of(&none).await;
    // the file is no secret's place: others may read it
    assert!(matches!(error, ProviderError::File { .. } | ProviderError::Unauthorized { .. }), "{error}");
}

async fn a_missing_database_is_named(_: &Bench) {
    let error = error_of(&with(&[("database", "no-such-database")])).await;
    assert!(matches!(&error, ProviderError::BadRequest { cause, .. } if cause.contains("no-such-database")), "{error}");
}

async fn a_server_without_tls_is_not_spoken_to_in_plain_text(_: &Bench) {
    let error = error_of(&with(&[("sslmode", "verify-full")])).await;
    assert!(matches!(&error, ProviderError::WrongProtocol { cause, .. } if cause.contains("no TLS")), "{error}");
}

async fn modes_that_fall_back_are_refused(_: &Bench) {
    for mode in ["prefer", "allow", "require", "verify-ca", "on"] {
        let error = error_of(&with(&[("sslmode", mode)])).await.to_string();
        assert!(error.contains(&format!("sslmode = \"{mode}\"")) && error.contains("verify-full"), "{error}");
    }
    let error = error_of(&with(&[("ef_search", "5000")])).await.to_string();
    assert!(error.contains("1 to 1000"), "{error}");
}

async fn the_password_file_and_the_service_file_are_read(_: &Bench) {
    let given = spec();
    let Some(password) = given.secret.as_ref().map(|secret| secret.expose_secret().to_owned()) else { return };
    let Address::Server { host, port, .. } = given.address.clone() else { panic!("a server") };
    let (user, database) = (&given.options["user"], &given.options["database"]);
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let passfile = write("pass", format!("{host}:{port}:{database}:{user}:{}\n", password.replace(':', "\\:")));
    let mut spec = with(&[("passfile", &passfile)]);
    spec.secret = None;
    connect(&spec).await.unwrap().ping().await.unwrap();

    let services = write("services", format!("[mine]\nhost={host}\nport={port}\nuser={user}\ndbname={database}\n"));
    let address = Address::Server { host: "service".to_owned(), port: 5432, tls: true };
    let mut spec = ConnectSpec::new(given.kind, address);
    for (name, value) in [("service", "mine"), ("service_file", services.as_str()), ("passfile", passfile.as_str())] {
        spec.options.insert(name.to_owned(), value.to_owned());
    }
    connect(&spec).await.unwrap().ping().await.unwrap();
    spec.options.insert("service".to_owned(), "other".to_owned());
    assert!(error_of(&spec).await.to_string().contains("has no service \"other\""));
}

async fn missing_rights_are_told_as_such(bench: &Bench) {
    let schema = Schema::new(bench).await;
    let role = super::name(&bench.name());
    schema
        .run(&format!(
            "CREATE TABLE S.closed (id int PRIMARY KEY, embedding public.vector(1));
             CREATE TABLE S.open (id int PRIMARY KEY, embedding public.vector(1));
             CREATE ROLE {role} LOGIN PASSWORD 'sesame-2'; GRANT USAGE ON SCHEMA {schema} TO {role};
             GRANT SELECT ON S.open TO {role}",
            role = quote(&role),
            schema = quote(&schema.name)
        ))
        .await;
    let mut spec = with(&[("user", &role)]);
    spec.secret = Some("sesame-2".to_owned().into());
    let db = connect(&spec).await.unwrap();
    let listed = db.collections().await.unwrap();
    let ours: Vec<_> = listed.iter().filter(|collection| collection.name.starts_with(&schema.name)).collect();
    assert_eq!(ours.iter().map(|collection| collection.name.as_str()).collect::<Vec<_>>(), [schema.collection("open")]);
    let closed = db.count(&schema.collection("closed"), None).await.unwrap_err();
    assert!(
        matches!(&closed, ProviderError::BadRequest { cause, .. } if cause.contains("permission denied")),
        "{closed}"
    );
    let write = db.delete(&schema.collection("open"), &[1_u64.into()]).await.unwrap_err();
    assert!(matches!(&write, ProviderError::BadRequest { mend, .. } if mend.contains("GRANT")), "{write}");
    drop(db);
    schema.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}", role = quote(&role))).await;
}
