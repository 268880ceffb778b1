//! PostgreSQL that somebody hosts. Nothing is listed: the address is the maker's page's, and what is
//! added is how it is reached safely, the certificate checked (verify-full) against the right
//! authority, the password or a token that a command prints.

use url::Url;

use super::bad;
use super::model::{Answers, CA_FILE, Cloud, Offer, POSTGRES_WAYS};
use super::plane::ca_file;
use crate::profile::address::decoded;
use crate::profile::model::SecretSource;
use crate::provider::{ProviderKind, Result};

/// For how long AWS takes a token: a quarter of an hour.
const RDS_TOKEN_S: u64 = 900;

pub(super) fn find(answers: &Answers) -> Result<Vec<Offer>> {
    let text = answers.text("url");
    let wrong = |why: String| {
        bad(
            format!("the address of the database is not usable: {why}"),
            // With the user in its place the redaction would take this for a real one.
            "Give postgres://HOST:PORT/DATABASE with the user (USER@) in front of the host, and no password.",
        )
    };
    // The text may hold a password, so no error repeats it.
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => wrong("it does not begin with postgres://".to_owned()),
        error => wrong(error.to_string()),
    })?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(wrong("it does not begin with postgres://".to_owned()));
    }
    if url.password().is_some() {
        return Err(wrong("it has the password in it, which would be shown and logged".to_owned()));
    }
    let host = url.host_str().ok_or_else(|| wrong("it has no host".to_owned()))?.to_owned();
    let port = url.port().unwrap_or(5432);
    let plain = |text: &str| decoded(text).ok_or_else(|| wrong("what is escaped by % in it is no text".to_owned()));
    let (user, database) = (plain(url.username())?, plain(url.path().trim_matches('/'))?);
    let (user, database) = (user.as_str(), database.as_str());
    let maker = Maker::of(&host);
    let ca_file = ca_file(answers);
    if ca_file.is_none()
        && let Some(why) = maker.needs_ca()
    {
        return Err(bad(why, &format!("Download it. {}", Cloud::Postgres.give(CA_FILE, answers))));
    }
    let name = if database.is_empty() { maker.name().to_owned() } else { format!("{}-{database}", maker.name()) };
    let address = format!("postgres://{host}:{port}");
    let mut offer =
        Offer::new(&name, ProviderKind::Pgvector, &address, maker.detail(&host)).with("sslmode", "verify-full");
    for (option, value) in [("user", user), ("database", database)] {
        if !value.is_empty() {
            offer = offer.with(option, value);
        }
    }
    offer.profile.tls.ca_file = ca_file;
    match answers.way(POSTGRES_WAYS) {
        "rds-token" => {
            let region = region(&host)
                .ok_or_else(|| wrong(format!("{host} is no host of RDS, whose region the token needs")))?;
            if user.is_empty() {
                return Err(wrong("a token of AWS is for a user, and none is named".to_owned()));
            }
            let port = port.to_string();
            let argv = [
                "aws",
                "rds",
                "generate-db-auth-token",
                "--hostname",
                &host,
                "--port",
                &port,
                "--region",
                region,
                "--username",
                user,
            ];
            offer.profile.secret_lifetime_s = Some(RDS_TOKEN_S);
            Ok(vec![offer.with_key(SecretSource::Command(argv.map(str::to_owned).to_vec()))])
        }
        "password" => match answers.key("key") {
            Some(key) => Ok(vec![offer.with_key(key.source.clone())]),
            None => Err(bad("no password is given", &Cloud::Postgres.give("key", answers))),
        },
        other => Err(bad(format!("{other:?} is no way to sign in"), "Known are password and rds-token.")),
    }
}

/// Who hosts it, as the name of the host tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Maker {
    Supabase,
    Neon,
    Rds,
    Other,
}

impl Maker {
    fn of(host: &str) -> Self {
        let host = host.to_ascii_lowercase();
        let ends = |ending: &str| host.ends_with(ending);
        if ends(".supabase.co") || ends(".supabase.com") {
            Self::Supabase
        } else if ends(".neon.tech") {
            Self::Neon
        } else if ends(".rds.amazonaws.com") || ends(".rds.amazonaws.com.cn") {
            Self::Rds
        } else {
            Self::Other
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Supabase => "supabase",
            Self::Neon => "neon",
            Self::Rds => "rds",
            Self::Other => "postgres",
        }
    }

    /// Why the system's authorities do not do.
    fn needs_ca(self) -> Option<&'static str> {
        match self {
            Self::Supabase => {
                Some("Supabase signs with an authority of its own (Database, Settings, SSL configuration)")
            }
            Self::Rds => Some(
                "RDS signs with authorities of Amazon's (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem)",
            ),
            Self::Neon | Self::Other => None,
        }
    }

    fn detail(self, host: &str) -> String {
        match self {
            Self::Supabase if host.contains("pooler") => "Supabase, through its pooler".to_owned(),
            Self::Supabase => "Supabase".to_owned(),
            Self::Neon if host.contains("-pooler.") => "Neon, through its pooler".to_owned(),
            Self::Neon => "Neon".to_owned(),
            Self::Rds => region(host).map_or("RDS".to_owned(), |region| format!("RDS, {region}")),
            Self::Other => "PostgreSQL".to_owned(),
        }
    }
}

/// The region in `NAME.ID.REGION.rds.amazonaws.com`.
fn region(host: &str) -> Option<&str> {
    let (before, _) = host.split_once(".rds.amazonaws.com")?;
    before.rsplit('.').next().filter(|region| region.contains('-'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::cloud::model::Key;
    use secrecy::SecretString;

    fn answers(url: &str, more: &[(&'static str, &str)]) -> Answers {
        let mut answers = Answers::default();
        answers.texts.insert("url", url.to_owned());
        answers.texts.extend(more.iter().map(|(name, text)| (*name, (*text).to_owned())));
        answers.keys.insert("key", Key::stored(SecretString::from("canary-pw")));
        answers
    }

    #[test]
    fn certificates_are_checked_against_the_right_authority() {
        let neon = find(&answers("postgres://me@ep-a-1.eu-central-1.aws.neon.tech/shop", &[])).unwrap().remove(0);
        assert_eq!((neon.profile.name.as_str(), neon.detail.as_str()), ("neon-shop", "Neon"));
        assert_eq!(neon.profile.address, "postgres://ep-a-1.eu-central-1.aws.neon.tech:5432");
        let option = |name: &str| neon.profile.options.get(name).map(String::as_str);
        assert_eq!(
            [option("sslmode"), option("user"), option("database")],
            [Some("verify-full"), Some("me"), Some("shop")]
        );
        let supabase = "postgres://postgres@db.abc.supabase.co:5432/postgres";
        assert!(find(&answers(supabase, &[])).unwrap_err().to_string().contains("`CA file`"));
        let with_ca = find(&answers(supabase, &[("ca-file", "/ca.crt")])).unwrap().remove(0);
        assert_eq!(with_ca.profile.tls.ca_file, Some("/ca.crt".into()));
    }

    #[test]
    fn a_token_of_aws_is_printed_by_a_command_every_quarter_of_an_hour() {
        let host = "shop.c1.eu-west-1.rds.amazonaws.com";
        let ways = [("way", "rds-token"), ("ca-file", "/bundle.pem")];
        let offer = find(&answers(&format!("postgres://iam@{host}/shop"), &ways)).unwrap().remove(0);
        assert_eq!(offer.profile.secret_lifetime_s, Some(900));
        let Some(SecretSource::Command(argv)) = &offer.profile.secret else { unreachable!() };
        assert_eq!(argv[3..], ["--hostname", host, "--port", "5432", "--region", "eu-west-1", "--username", "iam"]);
        assert!(
            find(&answers("postgres://iam@db.example.com/shop", &ways))
                .unwrap_err()
                .to_string()
                .contains("no host of RDS")
        );
    }

    #[test]
    fn escapes_in_user_and_database_are_read() {
        let offer = find(&answers("postgres://us%40er+1@db.example.com/my%20db&a=b", &[])).unwrap().remove(0);
        let option = |name: &str| offer.profile.options.get(name).map(String::as_str);
        assert_eq!((option("user"), option("database")), (Some("us@er+1"), Some("my db&a=b")));
        assert_eq!(offer.profile.name, "postgres-my-db-a-b");
        assert!(find(&answers("postgres://me@h/%ff", &[])).unwrap_err().to_string().contains("no text"));
    }

    #[test]
    fn a_host_alone_is_told_what_is_missing() {
        let error = find(&answers("localhost", &[])).unwrap_err().to_string();
        assert!(error.contains("does not begin with postgres://") && !error.contains("relative"), "{error}");
    }

    #[test]
    fn the_example_is_not_taken_for_a_secret() {
        let error = find(&answers("me@h", &[])).unwrap_err().to_string();
        assert_eq!(crate::text::redact(&error), error);
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let error = find(&answers("postgres://me:canary-url@db.example.com/shop", &[])).unwrap_err().to_string();
        assert!(error.contains("password in it") && !error.contains("canary"), "{error}");
        let error = find(&answers("me:canary-url@db.example.com", &[])).unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
    }
}
