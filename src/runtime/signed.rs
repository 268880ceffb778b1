//! From what was found to what is saved: tested, under a name that is free, or in place of the profile
//! that leads to the same database already.

use std::result::Result as StdResult;
use std::sync::Arc;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use tokio::task::spawn_blocking;

use super::kept_secret::KeptSecret;
use crate::cloud::model::{Offer, Updates, free_name};
use crate::connection::SecretUse;
use crate::doctor::claims;
use crate::profile::model::{OidcGrant, Profile, Route, SecretSource};
use crate::profile::secret::{SecretError, resolve};
use crate::profile::spec::{SpecError, address_of, connect_spec_with};
use crate::profile::vault::{Operation, Vault};
use crate::profile::whereabouts::one_name;
use crate::provider::{self, Address, NO_TLS_MEND, ProviderError, ProviderKind, Result, ServerInfo, Timeouts};
use crate::text::{format, register_secret};

/// A profile, and who answered there.
#[derive(Debug)]
pub struct Tested {
    /// The profile, as it is to be saved.
    pub profile: Profile,
    /// Who answered, or why nobody did.
    pub server: Result<ServerInfo>,
}

/// Why nobody answered a test.
enum Untested {
    /// Nobody was asked: the profile cannot be used as it is.
    Unfit(SpecError),
    Failed(ProviderError),
}

/// Connects once with a profile of a sign-in, as it would be saved, within its own limits or these.
pub async fn test(profile: Profile, timeouts: Timeouts) -> Tested {
    let kept = Arc::new(KeptSecret::default());
    let answered = answered(profile.clone(), timeouts, Arc::clone(&kept), |_| ()).await;
    let server = answered.map(|(server, _)| server).map_err(|why| match why {
        Untested::Unfit(SpecError::Secret { cause: SecretError::SignIn(cause), .. }) => cause,
        Untested::Failed(cause) => without_options(cause),
        Untested::Unfit(error) => not_possible(&error),
    });
    // The test may have cost the refresh token that the sign-in gave.
    Tested { profile: kept.renewed_in(profile), server }
}

/// Connects once with the profile of a form, within its own limits or these, and says who answered, or why nobody did.
/// A refresh token that the test has cost is saved in the profile that the store has.
pub(super) async fn test_form(profile: Profile, timeouts: Timeouts, vault: Arc<Vault>) -> StdResult<String, String> {
    let (id, kept) = (profile.id, Arc::default());
    let answered = answered(profile, timeouts, kept, move |kept| kept.save_renewed(&vault, id)).await;
    match answered {
        Ok((server, took)) => Ok(format!("{} {} in {}", server.product, server.version, format::duration(took))),
        Err(Untested::Unfit(error)) => Err(error.to_string()),
        Err(Untested::Failed(error)) => Err(error.to_string()),
    }
}

/// Who answers, and after how long. `had` is called when the secret is had, on a blocking thread.
async fn answered(
    mut profile: Profile,
    timeouts: Timeouts,
    kept: Arc<KeptSecret>,
    had: impl FnOnce(&KeptSecret) + Send + 'static,
) -> StdResult<(ServerInfo, Duration), Untested> {
    profile.connect_timeout_s.get_or_insert(timeouts.connect.as_secs().max(1));
    profile.request_timeout_s.get_or_insert(timeouts.request.as_secs().max(1));
    let prepared = spawn_blocking(move || {
        let lifetime = profile.secret_lifetime_s.map(Duration::from_secs);
        let have = |source: &_| kept.have(source, lifetime, SecretUse::Fresh).map(|(secret, _)| secret);
        let spec = connect_spec_with(&profile, have);
        had(&kept);
        spec
    });
    let panicked =
        |fault: tokio::task::JoinError| Untested::Failed(ProviderError::Panicked { cause: fault.to_string() });
    let spec = prepared.await.map_err(panicked)?.map_err(Untested::Unfit)?;
    if let Some(secret) = &spec.secret {
        register_secret(secret.expose_secret());
    }
    // A tunnel and commands take their time before the server is dialled.
    let limit = spec.timeouts.connect + spec.timeouts.request + spec.route.allowance();
    let started = Instant::now();
    let asking = async { provider::connect(&spec).await?.ping().await };
    let late = || ProviderError::TimedOut { what: "the test".to_owned(), after: limit };
    let server = tokio::time::timeout(limit, asking).await.unwrap_or_else(|_| Err(late()));
    server.map(|server| (server, started.elapsed())).map_err(Untested::Failed)
}

/// The same error without the advice of an option that no form of a sign-in has.
fn without_options(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::WrongProtocol { address, expected, cause, mend } if mend == NO_TLS_MEND => {
            let mend =
                "Turn TLS on at the server (ssl = on), or make the profile by hand, where plain text can be allowed.";
            ProviderError::WrongProtocol { address, expected, cause, mend: mend.to_owned() }
        }
        other => other,
    }
}

/// The sentences of an error for whoever signs in, and has no profile yet that could be given something.
pub fn said(error: &ProviderError) -> String {
    error.to_string().replace("Give the profile's option", "Give the option").replace("Give the profile ", "Give ")
}

/// A spec's error as the test has it: its last sentences are the mend.
fn not_possible(error: &SpecError) -> ProviderError {
    if let SpecError::PlainTextKey { host } = error {
        // A form of a sign-in has no option that allows it; a profile has.
        return ProviderError::BadRequest {
            cause: format!("the key would travel unencrypted to {host}"),
            mend: "Give an address that begins with https://, or make the profile by hand, where plain text can be allowed."
                .to_owned(),
        };
    }
    let text = error.to_string();
    let (cause, mend) = match text.split_once(". ") {
        Some((cause, mend)) => (cause, mend),
        None => (text.trim_end_matches('.'), "Correct it, then sign in again."),
    };
    ProviderError::BadRequest { cause: cause.to_owned(), mend: mend.to_owned() }
}

/// The profile that a find is saved in place of, and whether that one's key is lost by it; `None` where it becomes a
/// new one.
///
/// It leads to the same database on the same way, under the same checks: what was tested is what is saved. Of several
/// one without a key comes first, as the copy of a signed-in profile is, then the one with this very key, then a
/// sign-in of the same person at the same provider. Another key is replaced only where no other profile could be meant.
/// Pinecone has one address for all projects, which only their keys tell apart.
fn found_before<'a>(profile: &Profile, known: &'a [Profile]) -> Option<(&'a Profile, bool)> {
    let there: Vec<&Profile> = known.iter().filter(|one| lead_to_the_same(one, profile)).collect();
    let keyless = there.iter().copied().find(|one| one.secret.is_none());
    let Some(new) = &profile.secret else { return keyless.or(there.first().copied()).map(|one| (one, false)) };
    let with = |same: fn(&SecretSource, &SecretSource) -> bool| {
        let mut found = there.iter().copied().filter(|one| one.secret.as_ref().is_some_and(|old| same(old, new)));
        found.next().filter(|_| found.next().is_none())
    };
    if let Some(kept) =
        keyless.or(there.iter().copied().find(|one| one.secret.as_ref().is_some_and(|old| same_key(old, new))))
    {
        return Some((kept, false));
    }
    if let Some(renewed) = with(same_sign_in) {
        return Some((renewed, false));
    }
    match there.as_slice() {
        [one] if profile.provider != ProviderKind::Pinecone => Some((one, true)),
        _ => None,
    }
}

fn lead_to_the_same(one: &Profile, profile: &Profile) -> bool {
    let option = |p: &Profile, name: &str| p.options.get(name).cloned().unwrap_or_default();
    let direct = |p: &Profile| {
        let Route { proxy, ssh, before, .. } = &p.route;
        proxy.is_none() && ssh.is_none() && before.is_empty()
    };
    let mut tls = one.tls.clone();
    if profile.tls.ca_file.is_some() {
        // It comes along with what is found.
        tls.ca_file.clone_from(&profile.tls.ca_file);
    }
    // A server by its one name, however it is spelled.
    let there = |p: &Profile| match address_of(p).ok()? {
        Address::Server { host, port, tls } => Some(Address::Server { host: one_name(&host), port, tls }),
        directory @ Address::Directory(_) => Some(directory),
    };
    one.provider == profile.provider
        && (one.address == profile.address || (there(one).is_some() && there(one) == there(profile)))
        && ["tenant", "database", "user"].iter().all(|name| option(one, name) == option(profile, name))
        && direct(one)
        && direct(profile)
        && tls == profile.tls
}

/// Whether both give the same key, as far as that is known without asking anybody.
fn same_key(one: &SecretSource, other: &SecretSource) -> bool {
    let value = |source: &SecretSource| match source {
        SecretSource::Stored(_) | SecretSource::Env(_) => resolve(source).ok(),
        _ => None,
    };
    match (one, other) {
        (SecretSource::Env(a), SecretSource::Env(b)) if a == b => true,
        (SecretSource::File(a), SecretSource::File(b)) => a == b,
        (SecretSource::Command(a), SecretSource::Command(b)) => a == b,
        _ => matches!((value(one), value(other)), (Some(a), Some(b)) if a.expose_secret() == b.expose_secret()),
    }
}

/// Whether both are sign-ins of one person, or of one program, at the same provider. Where that is not known they are
/// not: the refresh token of another could not be had back.
fn same_sign_in(one: &SecretSource, other: &SecretSource) -> bool {
    let (SecretSource::Oidc(a), SecretSource::Oidc(b)) = (one, other) else { return false };
    let same_person = match (&a.grant, &b.grant) {
        // It signs in as itself.
        (OidcGrant::ClientCredentials { .. }, OidcGrant::ClientCredentials { .. }) => true,
        (OidcGrant::Password { user: a, .. }, OidcGrant::Password { user: b, .. }) => a == b,
        (OidcGrant::Refresh { token: a }, OidcGrant::Refresh { token: b }) => {
            matches!((whose(a), whose(b)), (Some(a), Some(b)) if a == b)
        }
        // Another way to sign in is another key.
        _ => false,
    };
    a.discovery == b.discovery && a.client_id == b.client_id && same_person
}

/// Whom a token is of, where it says so itself; many refresh tokens say nothing.
fn whose(token: &SecretString) -> Option<String> {
    claims(token.expose_secret())?.get("sub")?.as_str().map(str::to_owned)
}

/// What saving it does to a profile that is there.
pub fn updates(profile: &Profile, known: &[Profile]) -> Option<Updates> {
    let (before, replaces_key) = found_before(profile, known)?;
    Some(Updates { name: before.name.clone(), replaces_key })
}

/// The same for all that were found; the others get the names that they would have.
pub fn plan(offers: &mut [Offer], known: &[Profile]) -> Vec<Option<Updates>> {
    let mut names: Vec<String> = known.iter().map(|one| one.name.clone()).collect();
    let mut all = Vec::new();
    for offer in offers {
        let updates = updates(&offer.profile, known);
        if updates.is_none() {
            offer.profile.name = free_name(&offer.profile.name, &|name| names.iter().any(|one| one == name));
            names.push(offer.profile.name.clone());
        }
        all.push(updates);
    }
    all
}

/// How it is saved: as a new profile under a free name, or in place of the one that leads to the same database, which
/// keeps its name, group and all else that the sign-in knows nothing of.
pub fn operation(mut profile: Profile, known: &[Profile]) -> (Operation, Profile, bool) {
    if let Some((before, _)) = found_before(&profile, known) {
        let mut after = before.clone();
        // Without a new key the old one stays; one that is the same still comes from where it came from.
        let same = |new: &SecretSource| before.secret.as_ref().is_some_and(|old| same_key(old, new));
        if profile.secret.as_ref().is_some_and(|new| !same(new)) {
            (after.secret, after.secret_lifetime_s) = (profile.secret, profile.secret_lifetime_s);
        }
        after.options.extend(profile.options);
        if profile.tls.ca_file.is_some() {
            after.tls.ca_file = profile.tls.ca_file;
        }
        return (Operation::Update(Box::new(after.clone())), after, false);
    }
    profile.name = free_name(&profile.name, &|name| known.iter().any(|one| one.name == name));
    (Operation::Add(Box::new(profile.clone())), profile, true)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::profile::model::OidcSource;
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

    fn stored(key: &str) -> Option<SecretSource> {
        Some(SecretSource::Stored(SecretString::from(key)))
    }

    fn one(name: &str, kind: ProviderKind, key: Option<&str>) -> Profile {
        let mut profile = Profile::new(name, kind, "https://db.example.com:443");
        profile.secret = key.and_then(stored);
        profile
    }

    fn saved(profile: &Profile, known: &[Profile]) -> (String, bool) {
        let (_, profile, is_new) = operation(profile.clone(), known);
        (profile.name, is_new)
    }

    #[tokio::test]
    async fn a_test_gives_up_after_the_configured_time_of_a_form_and_of_a_sign_in() {
        // Somebody who takes connections and says nothing.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", silent.local_addr().unwrap());
        let mut profile = one("silent", ProviderKind::Chroma, None);
        profile.address = address;
        let folder = tempfile::tempdir().unwrap();
        let vault = Arc::new(Vault::open(folder.path().join("config")));
        let timeouts = Timeouts { connect: Duration::from_secs(1), request: Duration::from_secs(1) };
        let started = Instant::now();
        let (signed, form) = tokio::join!(test(profile.clone(), timeouts), test_form(profile, timeouts, vault));
        assert!(signed.server.is_err() && form.is_err(), "{signed:?} {form:?}");
        // Without them it would be 5 s to connect and 30 s for the answer.
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }

    #[test]
    fn another_project_of_pinecone_is_a_new_profile_and_its_own_key_finds_it_again() {
        let known = [one("pine-a", ProviderKind::Pinecone, Some("canary-a"))];
        let other = one("pinecone", ProviderKind::Pinecone, Some("canary-b"));
        assert_eq!((updates(&other, &known), saved(&other, &known)), (None, ("pinecone".to_owned(), true)));
        let same = one("pinecone", ProviderKind::Pinecone, Some("canary-a"));
        assert_eq!(updates(&same, &known), Some(Updates { name: "pine-a".to_owned(), replaces_key: false }));
    }

    #[test]
    fn a_key_that_would_be_lost_is_told_and_of_several_none_is_taken() {
        let mut known = vec![one("reader", ProviderKind::Qdrant, Some("canary-r"))];
        let admin = one("qdrant", ProviderKind::Qdrant, Some("canary-a"));
        assert_eq!(updates(&admin, &known), Some(Updates { name: "reader".to_owned(), replaces_key: true }));
        known.push(one("admin", ProviderKind::Qdrant, Some("canary-a")));
        assert_eq!(updates(&admin, &known), Some(Updates { name: "admin".to_owned(), replaces_key: false }));
        let third = one("qdrant", ProviderKind::Qdrant, Some("canary-t"));
        assert_eq!(saved(&third, &known), ("qdrant".to_owned(), true));
        known.push(one("empty", ProviderKind::Qdrant, None));
        assert_eq!(updates(&third, &known), Some(Updates { name: "empty".to_owned(), replaces_key: false }));
    }

    #[test]
    fn another_spelling_of_the_address_makes_no_other_profile() {
        let found = one("qdrant", ProviderKind::Qdrant, Some("canary-k"));
        let mut there = one("mine", ProviderKind::Qdrant, Some("canary-k"));
        for (address, same) in
            [("qdrant+https://DB.Example.com.:443", true), ("qdrant+https://DB2.example.com:443", false)]
        {
            there.address = address.to_owned();
            assert_eq!(updates(&found, std::slice::from_ref(&there)).is_some(), same, "{address}");
        }
    }

    #[test]
    fn another_way_or_other_checks_make_another_profile() {
        let found = one("weaviate", ProviderKind::Weaviate, Some("canary-k"));
        let changes: [fn(&mut Profile); 6] = [
            |p| p.route.proxy = Some("http://proxy:3128".to_owned()),
            |p| p.route.ssh = Some(Default::default()),
            |p| p.route.before = vec![vec!["true".to_owned()]],
            |p| p.tls.insecure = true,
            |p| p.tls.server_name = Some("other".to_owned()),
            |p| p.tls.ca_file = Some("/ca.pem".into()),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut there = one("there", ProviderKind::Weaviate, Some("canary-k"));
            assert!(updates(&found, std::slice::from_ref(&there)).is_some());
            change(&mut there);
            assert_eq!(updates(&found, &[there]), None, "{at}");
        }
    }

    fn signed(name: &str, grant: OidcGrant) -> Profile {
        let (discovery, client_id) = ("https://idp/x".to_owned(), "wcs".to_owned());
        let source = OidcSource { discovery, client_id, scopes: Vec::new(), grant, client_secret: None, ca_file: None };
        Profile { secret: Some(SecretSource::Oidc(Box::new(source))), ..one(name, ProviderKind::Weaviate, None) }
    }

    /// A refresh token that says whose it is.
    fn refresh(of: &str, end: u32) -> OidcGrant {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(format!("{{\"sub\":\"{of}\",\"exp\":{end}}}"));
        OidcGrant::Refresh { token: SecretString::from(format!("e30.{claims}.c2ln")) }
    }

    #[test]
    fn a_sign_in_of_the_same_person_is_a_renewal_and_any_other_another_key() {
        let replaces = |new: OidcGrant, old: OidcGrant| {
            let found = updates(&signed("weaviate", new), &[signed("mine", old)]).unwrap();
            assert_eq!(found.name, "mine");
            found.replaces_key
        };
        let opaque = |token: &str| OidcGrant::Refresh { token: SecretString::from(token) };
        let client = |secret: &str| OidcGrant::ClientCredentials { secret: SecretString::from(secret) };
        let password =
            |user: &str, text: &str| OidcGrant::Password { user: user.to_owned(), password: SecretString::from(text) };
        assert!(!replaces(refresh("ada", 2), refresh("ada", 1)));
        assert!(!replaces(client("canary-new"), client("canary-old")));
        assert!(!replaces(password("ada", "canary-new"), password("ada", "canary-old")));
        for (new, old) in [
            (refresh("bob", 2), refresh("ada", 1)),
            (password("bob", "canary-b"), password("ada", "canary-a")),
            (client("canary-c"), refresh("ada", 1)),
            (refresh("ada", 1), client("canary-c")),
            (opaque("canary-1"), opaque("canary-2")),
            (opaque("canary-1"), refresh("ada", 1)),
        ] {
            assert!(replaces(new.clone(), old.clone()), "{new:?} {old:?}");
        }
        let two = [signed("a", refresh("ada", 1)), signed("b", refresh("bob", 1))];
        let again = signed("weaviate", refresh("bob", 2));
        assert_eq!(updates(&again, &two), Some(Updates { name: "b".to_owned(), replaces_key: false }));
        assert_eq!(saved(&signed("weaviate", refresh("eve", 1)), &two), ("weaviate".to_owned(), true));
    }

    #[test]
    fn a_key_that_is_the_same_comes_from_where_it_came_from() {
        let path = std::env::var("PATH").unwrap();
        let mut old = one("mine", ProviderKind::Pinecone, None);
        old.secret = Some(SecretSource::Env("PATH".to_owned()));
        old.secret_lifetime_s = Some(60);
        let known = [old];
        let (_, after, is_new) = operation(one("pinecone", ProviderKind::Pinecone, Some(&path)), &known);
        assert!(!is_new && matches!(&after.secret, Some(SecretSource::Env(name)) if name == "PATH"), "{after:?}");
        assert_eq!(after.secret_lifetime_s, Some(60));
        // Another key takes its own source along.
        let known = [one("mine", ProviderKind::Qdrant, Some("canary-old"))];
        let (_, after, _) = operation(one("qdrant", ProviderKind::Qdrant, Some("canary-new")), &known);
        assert!(matches!(&after.secret, Some(SecretSource::Stored(key)) if key.expose_secret() == "canary-new"));
    }

    #[test]
    fn nobody_is_told_of_a_profile_or_an_option_that_a_sign_in_has_not() {
        let refused = ProviderError::Unauthorized { address: "h:1".to_owned(), cause: "no".to_owned() };
        assert!(
            said(&refused).contains("Give a valid key") && !said(&refused).contains("profile"),
            "{}",
            said(&refused)
        );
        let no_tls = ProviderError::WrongProtocol {
            address: "h:1".to_owned(),
            expected: "PostgreSQL under TLS",
            cause: "the server offers no TLS".to_owned(),
            mend: NO_TLS_MEND.to_owned(),
        };
        let text = said(&without_options(no_tls));
        assert!(text.contains("ssl = on") && !text.contains("sslmode"), "{text}");
        let option = ProviderError::BadRequest { cause: "x".into(), mend: "Give the profile's option `user`.".into() };
        assert!(said(&option).contains("Give the option") && !said(&option).contains("profile"), "{}", said(&option));
    }

    #[test]
    fn names_are_those_that_will_be_saved() {
        let offer = || Offer::new("docs", ProviderKind::Chroma, "https://db.example.com:443", String::new());
        let mut offers = [offer().with("database", "a"), offer().with("database", "b")];
        let known = [one("docs", ProviderKind::Redis, None)];
        assert_eq!(plan(&mut offers, &known), [None, None]);
        assert_eq!(offers.map(|offer| offer.profile.name), ["docs-2", "docs-3"]);
    }

    #[test]
    fn an_error_of_a_test_has_one_point_between_its_sentences() {
        let name = "x".to_owned();
        let cause = SecretError::NoVariable { name: "CK".to_owned() };
        for error in [
            SpecError::Secret { profile: name.clone(), cause },
            SpecError::PlainTextKey { host: "h".to_owned() },
            SpecError::TlsUnused { profile: name },
        ] {
            let text = not_possible(&error).to_string();
            assert!(!text.contains("..") && !text.contains("allow_plaintext_key"), "{text}");
        }
    }
}
