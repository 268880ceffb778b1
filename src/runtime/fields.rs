//! Between the form's texts and a profile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::leads_to::leads_to;
use crate::app::event::Unsaved;
use crate::app::overlay::form::{ALLOW_PLAIN, MOVE_KEY, ask_to_move};
use crate::app::profiles::{ProfileFields, ProfileSummary, SecretChange};
use crate::profile::access::Rules;
use crate::profile::address::whole_path;
use crate::profile::destination::{Given, Moved};
use crate::profile::exposure::Exposure;
use crate::profile::model::{Environment, KeyFacts, Profile, ProfileId, Route, SecretSource, group_path};
use crate::profile::route::{ENVIRONMENT, commands_of, line_of, problem, source_line, source_of};
use crate::profile::secret::{join_words, split_words};
use crate::provider::{ProviderKind, SshSpec, TlsSpec};

/// A profile as lists show it: without its secret.
pub fn summary(profile: &Profile, rules: Rules) -> ProfileSummary {
    ProfileSummary {
        id: profile.id,
        name: profile.name.clone(),
        group: profile.group.clone(),
        tags: profile.tags.clone(),
        color: profile.color.clone(),
        environment: profile.environment,
        lock: rules.lock_of(profile),
        insecure: profile.tls.insecure,
        key: key_facts(profile),
        kind: profile.provider,
        address: profile.address.clone(),
        leads_to: leads_to(profile),
        way: way(&profile.route),
        notes: profile.notes.clone(),
        favourite: profile.favourite,
        last_used: None,
        of_project: false,
    }
}

/// The way to the server in words. Of commands only the programs: the rest is long, and may hold what is not for
/// lookers-on.
fn way(route: &Route) -> String {
    let proxy = route.proxy.as_ref().map(|proxy| match proxy.as_str() {
        ENVIRONMENT => "the proxy of the environment".to_owned(),
        address => format!("the proxy {address}"),
    });
    let tunnel = route.ssh.as_ref().map(|ssh| format!("the SSH server {}", ssh.host));
    let programs: Vec<&str> = route.before.iter().filter_map(|words| words.first()).map(String::as_str).collect();
    let commands = (!programs.is_empty()).then(|| format!("commands before it ({})", programs.join(", ")));
    [tunnel, proxy, commands].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What lists must know of its key.
fn key_facts(profile: &Profile) -> KeyFacts {
    KeyFacts {
        asked: matches!(profile.secret, Some(SecretSource::Ask)),
        plain: matches!(Exposure::of(profile), Exposure::Allowed { .. }),
    }
}

/// The form's texts for a profile; a copy gets no identity and another name.
pub fn fields_of(profile: &Profile, copy: bool) -> ProfileFields {
    let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let path = |path: &Option<PathBuf>| path.as_ref().map_or(String::new(), |p| p.display().to_string());
    let seconds = |s: Option<u64>| s.map_or(String::new(), |s| s.to_string());
    let secret = profile.secret.clone().and_then(|secret| if copy { secret.for_a_copy() } else { Some(secret) });
    let (source, reference) = match &secret {
        None => ("none", String::new()),
        Some(SecretSource::Stored(_)) => ("stored", String::new()),
        Some(SecretSource::Env(name)) => ("env", name.clone()),
        Some(SecretSource::File(path)) => ("file", path.display().to_string()),
        Some(SecretSource::Command(argv)) => ("command", join_words(argv)),
        Some(SecretSource::Ask) => ("ask", String::new()),
        Some(SecretSource::Oidc(source)) => ("sign-in", source.discovery.clone()),
    };
    let name = if copy { format!("{}-copy", profile.name) } else { profile.name.clone() };
    let mut values = BTreeMap::from([
        ("name", name),
        ("provider", profile.provider.name().to_owned()),
        ("address", profile.address.clone()),
        ("secret_source", source.to_owned()),
        ("secret_ref", reference),
        ("secret_lifetime_s", seconds(profile.secret_lifetime_s)),
        (ALLOW_PLAIN, yes_no(profile.options.get(ALLOW_PLAIN).is_some_and(|text| text == "true"))),
        ("ca_file", path(&profile.tls.ca_file)),
        ("cert_file", path(&profile.tls.cert_file)),
        ("key_file", path(&profile.tls.key_file)),
        ("server_name", profile.tls.server_name.clone().unwrap_or_default()),
        ("insecure", yes_no(profile.tls.insecure)),
        ("group", profile.group.clone()),
        ("tags", profile.tags.join(", ")),
        ("color", profile.color.clone().unwrap_or_else(|| "none".to_owned())),
        ("environment", profile.environment.name().to_owned()),
        ("read_only", yes_no(profile.read_only)),
        ("connect_timeout_s", seconds(profile.connect_timeout_s)),
        ("request_timeout_s", seconds(profile.request_timeout_s)),
        ("open_at_start", yes_no(profile.open_at_start)),
        ("notes", profile.notes.clone()),
        ("favourite", yes_no(profile.favourite)),
    ]);
    values.extend(profile.provider.maker().options.iter().map(|option| {
        let value = profile.options.get(option.name).cloned();
        (option.name, value.unwrap_or_else(|| option.words.first().copied().unwrap_or_default().to_owned()))
    }));
    values.extend(route_fields(&profile.route));
    let secret = if copy { SecretChange::CopyFrom(profile.id) } else { SecretChange::Keep };
    ProfileFields { id: (!copy).then_some(profile.id), values, secret }
}

/// The profile that the form describes. `known` finds a saved one: what the form does not show (a
/// stored secret, options of other tools) is kept from it.
///
/// # Errors
/// The first field that is wrong, and a sentence about it.
pub fn profile_of(fields: &ProfileFields, known: impl Fn(ProfileId) -> Option<Profile>) -> Result<Profile, Unsaved> {
    let provider = ProviderKind::from_name(fields.value("provider"))
        .ok_or_else(|| Unsaved::at("provider", format!("{:?} is no kind of database.", fields.value("provider"))))?;
    let before = fields.id.and_then(&known);
    let mut profile = match &before {
        Some(before) => before.clone(),
        None => Profile::new("", provider, ""),
    };
    let path = |name: &str| Some(fields.value(name)).filter(|text| !text.is_empty()).map(Path::new).map(whole_path);
    profile.name = fields.value("name").to_owned();
    profile.provider = provider;
    profile.address = fields.value("address").to_owned();
    profile.group = group_path(fields.value("group"));
    profile.tags = words(fields.value("tags"));
    profile.color = Some(fields.value("color")).filter(|c| !c.is_empty() && *c != "none").map(str::to_owned);
    profile.environment = Environment::from_name(fields.value("environment")).unwrap_or_default();
    profile.read_only = fields.value("read_only") == "yes";
    profile.open_at_start = fields.value("open_at_start") == "yes";
    profile.notes = fields.value("notes").trim().to_owned();
    profile.favourite = fields.value("favourite") == "yes";
    profile.connect_timeout_s = seconds(fields, "connect_timeout_s")?;
    profile.request_timeout_s = seconds(fields, "request_timeout_s")?;
    profile.tls = TlsSpec {
        ca_file: path("ca_file"),
        cert_file: path("cert_file"),
        key_file: path("key_file"),
        server_name: Some(fields.value("server_name").to_owned()).filter(|name| !name.is_empty()),
        insecure: fields.value("insecure") == "yes",
    };
    profile.route = route(fields, &profile.route)?;
    if let Some(before) = before.as_ref().filter(|before| before.provider != provider) {
        // Another maker's settings mean nothing here.
        before.provider.maker().options.iter().for_each(|option| drop(profile.options.remove(option.name)));
    }
    for option in provider.maker().options {
        let default = option.words.first().copied().unwrap_or_default();
        match fields.value(option.name) {
            text if text.is_empty() || text == default => drop(profile.options.remove(option.name)),
            text => drop(profile.options.insert(option.name.to_owned(), text.to_owned())),
        }
    }
    match fields.value(ALLOW_PLAIN) {
        "yes" => drop(profile.options.insert(ALLOW_PLAIN.to_owned(), "true".to_owned())),
        "no" => drop(profile.options.remove(ALLOW_PLAIN)),
        // Not shown, where there is nothing to allow: as it was.
        _ => {}
    }
    let base = match &fields.secret {
        SecretChange::CopyFrom(id) => known(*id),
        SecretChange::Keep | SecretChange::Set(_) => before.clone(),
    };
    profile.secret = secret(fields, before.as_ref(), known).map_err(|why| Unsaved::at(key_field(fields), why))?;
    let typed = matches!((&fields.secret, &profile.secret), (SecretChange::Set(_), Some(SecretSource::Stored(_))));
    let given = Given { key: typed, ..Given::default() };
    // The form asks as well; it does not know what another program has saved meanwhile.
    if fields.value(MOVE_KEY) != "yes"
        && let Some(moved) = base.and_then(|base| Moved::between(&base, &profile, given))
    {
        return Err(Unsaved::at(MOVE_KEY, ask_to_move(&moved)));
    }
    let lasts = matches!(profile.secret, Some(SecretSource::Command(_) | SecretSource::File(_)));
    profile.secret_lifetime_s = if lasts { seconds(fields, "secret_lifetime_s")? } else { None };
    Ok(profile)
}

/// The form's texts for a route.
fn route_fields(route: &Route) -> [(&'static str, String); 11] {
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let port = |port: Option<u16>| port.map_or_else(String::new, |port| port.to_string());
    let ssh = route.ssh.clone().unwrap_or_default();
    [
        ("proxy", text(route.proxy.as_ref())),
        ("proxy_user", text(route.proxy_user.as_ref())),
        ("proxy_secret", route.proxy_secret.as_ref().map(source_line).unwrap_or_default()),
        ("ssh_host", ssh.host),
        ("ssh_user", ssh.user.unwrap_or_default()),
        ("ssh_port", port(ssh.port)),
        ("ssh_jump", ssh.jump.unwrap_or_default()),
        ("ssh_identity", ssh.identity_file.map_or_else(String::new, |path| path.display().to_string())),
        ("before", line_of(&route.before)),
        ("wait_port", port(route.wait_port)),
        ("wait_s", route.wait_s.map_or_else(String::new, |seconds| seconds.to_string())),
    ]
}

/// The route that the form describes. Parts that it does not show, because they belong to nothing, are gone.
fn route(fields: &ProfileFields, before: &Route) -> Result<Route, Unsaved> {
    let text = |name: &str| Some(fields.value(name)).filter(|text| !text.is_empty()).map(str::to_owned);
    let port = |name: &'static str| match fields.value(name) {
        "" => Ok(None),
        text => match text.parse().ok().filter(|port| *port > 0) {
            None => Err(Unsaved::at(name, format!("{text:?} is no port."))),
            port => Ok(port),
        },
    };
    let ssh = match text("ssh_host") {
        Some(host) => Some(SshSpec {
            host,
            user: text("ssh_user"),
            port: port("ssh_port")?,
            jump: text("ssh_jump"),
            identity_file: text("ssh_identity").map(|path| whole_path(Path::new(&path))),
        }),
        None => None,
    };
    let route = Route {
        proxy: text("proxy"),
        proxy_user: text("proxy_user"),
        proxy_secret: source_of(fields.value("proxy_secret"), before.proxy_secret.as_ref())
            .map_err(|why| Unsaved::at("proxy_secret", why))?,
        ssh,
        before: commands_of(fields.value("before")).map_err(|why| Unsaved::at("before", why))?,
        wait_port: port("wait_port")?,
        wait_s: seconds(fields, "wait_s")?,
    };
    match problem(&route) {
        Some(why) => Err(Unsaved::at("proxy", why)),
        None => Ok(route),
    }
}

/// The field that is to blame where the key is not understood.
fn key_field(fields: &ProfileFields) -> &'static str {
    match fields.value("secret_source") {
        "stored" => "secret",
        "env" | "file" | "command" => "secret_ref",
        _ => "secret_source",
    }
}

fn secret(
    fields: &ProfileFields,
    before: Option<&Profile>,
    known: impl Fn(ProfileId) -> Option<Profile>,
) -> Result<Option<SecretSource>, String> {
    let reference = fields.value("secret_ref");
    let needed = |what: &str| {
        if reference.is_empty() { Err(format!("the key has no {what}. Fill in `key from`.")) } else { Ok(()) }
    };
    match fields.value("secret_source") {
        "stored" => match &fields.secret {
            SecretChange::Set(secret) => Ok(Some(SecretSource::Stored(secret.clone()))),
            SecretChange::Keep => stored(before.and_then(|p| p.secret.clone())),
            SecretChange::CopyFrom(id) => stored(known(*id).and_then(|p| p.secret)),
        },
        "env" => needed("variable").map(|()| Some(SecretSource::Env(reference.to_owned()))),
        "file" => needed("file").map(|()| Some(SecretSource::File(whole_path(Path::new(reference))))),
        "command" => {
            needed("command")?;
            let argv = split_words(reference).ok_or("the command has an open quote. Close it.")?;
            Ok(Some(SecretSource::Command(argv)))
        }
        "ask" => Ok(Some(SecretSource::Ask)),
        "sign-in" => signed_in(match &fields.secret {
            SecretChange::CopyFrom(id) => known(*id).and_then(|p| p.secret?.for_a_copy()),
            SecretChange::Keep | SecretChange::Set(_) => before.and_then(|p| p.secret.clone()),
        }),
        _ => Ok(None),
    }
}

fn stored(source: Option<SecretSource>) -> Result<Option<SecretSource>, String> {
    match source {
        Some(stored @ SecretSource::Stored(_)) => Ok(Some(stored)),
        _ => Err("the key is to be stored, but none was typed. Type it, or choose another source.".to_owned()),
    }
}

/// The form keeps a sign-in; only signing in makes one.
fn signed_in(source: Option<SecretSource>) -> Result<Option<SecretSource>, String> {
    match source {
        Some(kept @ SecretSource::Oidc(_)) => Ok(Some(kept)),
        _ => Err("a sign-in is made by signing in (I in the sidebar, or `vector-inspector login weaviate`). Choose another source here.".to_owned()),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn seconds(fields: &ProfileFields, name: &'static str) -> Result<Option<u64>, Unsaved> {
    match fields.value(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Unsaved::at(name, format!("{text:?} is no number of seconds."))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::profile::model::{OidcGrant, OidcSource};
    use secrecy::{ExposeSecret, SecretString};

    fn full() -> Profile {
        let mut profile = Profile::new("prod", ProviderKind::Chroma, "https://chroma.example:8443");
        profile.group = "work/search".into();
        profile.tags = vec!["eu".into(), "nightly".into()];
        profile.environment = Environment::Production;
        profile.secret = Some(SecretSource::Stored(SecretString::from("canary-3")));
        profile.options = BTreeMap::from([("tenant".into(), "t".into()), ("other".into(), "kept".into())]);
        profile.request_timeout_s = Some(7);
        profile.tls.ca_file = Some("/ca.pem".into());
        profile.tls.server_name = Some("chroma.internal".into());
        profile.route = Route {
            proxy: Some("socks5://proxy:1080".into()),
            proxy_user: Some("me".into()),
            proxy_secret: Some(SecretSource::Command(vec!["pass".into(), "show".into(), "a proxy".into()])),
            ssh: None,
            before: vec![vec!["kubectl".into(), "port-forward".into(), "svc/x".into(), "8000".into()]],
            wait_port: Some(8000),
            wait_s: Some(9),
        };
        profile
    }

    #[test]
    fn a_profile_goes_through_the_form_unchanged() {
        let before = full();
        let fields = fields_of(&before, false);
        assert!(!format!("{fields:?}").contains("canary"), "the form never sees the secret");
        let after = profile_of(&fields, |_| Some(before.clone())).unwrap();
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
        let Some(SecretSource::Stored(secret)) = after.secret else { unreachable!() };
        assert_eq!(secret.expose_secret(), "canary-3");
    }

    #[test]
    fn files_of_tls_are_kept_whole() {
        let mut fields = fields_of(&full(), false);
        fields.values.insert("cert_file", "h/cert.pem".to_owned());
        let tls = profile_of(&fields, |_| Some(full())).unwrap().tls;
        assert_eq!(tls.cert_file, Some(std::env::current_dir().unwrap().join("h/cert.pem")));
        assert_eq!(tls.ca_file, Some("/ca.pem".into()));
    }

    #[test]
    fn a_tunnel_goes_through_the_form_unchanged_and_not_beside_a_proxy() {
        let mut before = full();
        before.route.ssh = Some(SshSpec { host: "bastion".into(), port: Some(2222), ..SshSpec::default() });
        let error = profile_of(&fields_of(&before, false), |_| Some(before.clone())).unwrap_err();
        assert!(error.why.contains("a tunnel and a proxy"), "{error:?}");
        (before.route.proxy, before.route.proxy_user, before.route.proxy_secret) = (None, None, None);
        let after = profile_of(&fields_of(&before, false), |_| Some(before.clone())).unwrap();
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
        before.route.before[0].push("${port}".into());
        let error = profile_of(&fields_of(&before, false), |_| Some(before.clone())).unwrap_err();
        assert!(error.why.contains("opens a port"), "{error:?}");
    }

    #[test]
    fn the_way_to_the_server_is_told_without_the_words_of_its_commands() {
        assert_eq!(way(&Route::default()), "");
        assert_eq!(way(&full().route), "the proxy socks5://proxy:1080, commands before it (kubectl)");
        let ssh = Some(SshSpec { host: "bastion".into(), ..SshSpec::default() });
        assert_eq!(way(&Route { ssh, ..Route::default() }), "the SSH server bastion");
    }

    #[test]
    fn a_saved_key_goes_to_another_address_only_when_that_is_said() {
        let before = full();
        let known = |_| Some(before.clone());
        let mut fields = fields_of(&before, false);
        fields.values.insert("address", "https://other.example:8443".to_owned());
        let refused = profile_of(&fields, known).unwrap_err().why;
        assert!(refused.contains("chroma.example:8443") && refused.contains("other.example:8443"), "{refused}");
        assert!(refused.contains("move key") && !refused.contains("canary"), "{refused}");
        let mut typed = fields.clone();
        typed.secret = SecretChange::Set("canary-new".into());
        assert!(profile_of(&typed, known).is_ok(), "another key was typed for it");
        fields.values.insert(MOVE_KEY, "yes".to_owned());
        assert_eq!(profile_of(&fields, known).unwrap().address, "https://other.example:8443");
        let mut copy = fields_of(&before, true);
        copy.values.insert("address", "https://other.example:8443".to_owned());
        assert!(profile_of(&copy, |id| (id == before.id).then(|| before.clone())).is_err(), "also by a copy");
    }

    #[test]
    fn a_copy_has_its_own_identity_and_the_same_secret() {
        let before = full();
        let fields = fields_of(&before, true);
        let copy = profile_of(&fields, |id| (id == before.id).then(|| before.clone())).unwrap();
        assert_ne!(copy.id, before.id);
        assert_eq!(copy.name, "prod-copy");
        assert!(matches!(copy.secret, Some(SecretSource::Stored(_))));
    }

    #[test]
    fn a_copy_takes_no_refresh_token_and_keeps_the_other_kinds_of_sign_in() {
        let sign_in = |grant| {
            let (discovery, client_id) = ("https://idp/x".to_owned(), "c".to_owned());
            Some(SecretSource::Oidc(Box::new(OidcSource {
                discovery,
                client_id,
                scopes: Vec::new(),
                grant,
                client_secret: None,
                ca_file: None,
            })))
        };
        let mut before = full();
        before.secret = sign_in(OidcGrant::Refresh { token: "canary-9".into() });
        let copied = |before: &Profile| {
            profile_of(&fields_of(before, true), |id| (id == before.id).then(|| before.clone())).unwrap().secret
        };
        assert!(copied(&before).is_none());
        let kept = profile_of(&fields_of(&before, false), |_| Some(before.clone())).unwrap();
        assert!(matches!(kept.secret, Some(SecretSource::Oidc(_))), "the form of the profile itself keeps it");
        before.secret = sign_in(OidcGrant::ClientCredentials { secret: "canary-9".into() });
        assert!(matches!(copied(&before), Some(SecretSource::Oidc(_))));
    }

    #[test]
    fn commands_keep_their_words() {
        let argv = vec!["pass".to_owned(), "show".to_owned(), "a b's".to_owned()];
        assert_eq!(split_words(&join_words(&argv)), Some(argv));
    }

    #[test]
    fn a_stored_key_that_was_never_typed_is_an_error() {
        let mut fields = fields_of(&full(), false);
        fields.id = None;
        let unsaved = profile_of(&fields, |_| None).unwrap_err();
        assert!(unsaved.why.contains("none was typed") && unsaved.field == Some("secret"), "{unsaved:?}");
    }
}
