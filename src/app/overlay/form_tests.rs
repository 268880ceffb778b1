use super::*;

#[test]
fn every_field_explains_itself() {
    for field in FIELDS.iter() {
        assert!(field.help.len() > 40 && field.help.ends_with('.'), "{}", field.name);
    }
}

#[test]
fn no_option_of_a_maker_is_named_like_a_field_of_all() {
    for kind in ProviderKind::ALL {
        for option in kind.maker().options {
            assert!(
                [WHERE, TLS, WAY, HOW].into_iter().flatten().all(|field| field.name != option.name),
                "{}",
                option.name
            );
        }
    }
}

#[test]
fn only_the_fields_of_the_chosen_maker_are_there() {
    let mut form = Form::new(&blank());
    let names = |form: &Form| form.visible().into_iter().map(|i| FIELDS[i].name).collect::<Vec<_>>();
    assert!(!names(&form).contains(&"tenant"));
    form.focus = 1;
    form.cycle(1);
    assert_eq!(form.provider(), Some(ProviderKind::Chroma));
    assert!(names(&form).contains(&"tenant"));
    while form.provider() != Some(ProviderKind::QdrantEdge) {
        form.cycle(1);
    }
    assert!(!names(&form).contains(&"ca_file"));
    assert!(!names(&form).contains(&"secret_source"));
}

#[test]
fn providers_and_environments_in_the_form_are_those_that_exist() {
    assert_eq!(ProviderKind::NAMES.to_vec(), ProviderKind::ALL.map(ProviderKind::name));
    assert_eq!(ENVIRONMENTS, Environment::ALL.map(Environment::name));
}

#[test]
fn the_secret_is_nowhere_but_in_its_own_field() {
    let mut form = Form::new(&blank());
    let at = FIELDS.iter().position(|f| f.name == "secret").unwrap();
    if let FieldValue::Secret(field) = &mut form.values[at] {
        field.paste("canary-9");
    }
    form.values[3] = FieldValue::Choice(1);
    assert!(!format!("{form:?}").contains("canary"));
    assert!(!format!("{:?}", form.fields()).contains("canary"));
    assert!(matches!(form.fields().secret, SecretChange::Set(_)));
}

/// The form of a saved profile with a stored key.
fn saved() -> Form {
    let mut fields = blank();
    fields.id = Some(ProfileId(uuid::Uuid::nil()));
    let values = [("name", "p"), ("address", "https://db.example.com"), ("secret_source", "stored")];
    fields.values.extend(values.map(|(name, value)| (name, value.to_owned())));
    Form::new(&fields)
}

fn write(form: &mut Form, name: &str, text: &str) {
    let at = form.index(name).unwrap();
    form.values[at] = match (FIELDS[at].kind, &form.values[at]) {
        (FieldKind::Choice(words), _) => FieldValue::Choice(words.iter().position(|word| *word == text).unwrap()),
        (_, FieldValue::Secret(_)) => {
            let mut field = SecretField::default();
            field.paste(text);
            FieldValue::Secret(field)
        }
        _ => FieldValue::Text(Box::new(TextField::new(text))),
    };
}

#[test]
fn a_changed_address_asks_whether_the_saved_key_goes_there() {
    let mut form = saved();
    let asks = |form: &Form| form.visible().contains(&form.index(MOVE_KEY).unwrap());
    assert!(form.check().is_ok() && !asks(&form));
    write(&mut form, "address", "https://other.example.com");
    let (at, why) = form.check().unwrap_err();
    assert_eq!(FIELDS[at].name, MOVE_KEY);
    assert!(asks(&form) && why.contains("db.example.com:6334") && why.contains("other.example.com:6334"), "{why}");
    assert_eq!(form.help(at), why, "the field itself says what would be sent where");
    let mut typed = form.clone();
    write(&mut typed, "secret", "canary-new");
    assert!(typed.check().is_ok() && !asks(&typed), "the key of the new place was typed");
    write(&mut form, MOVE_KEY, "yes");
    assert!(form.check().is_ok());
    assert_eq!(form.fields().value(MOVE_KEY), "yes");
    write(&mut form, "address", "https://db.example.com:6334/");
    assert!(!asks(&form) && form.fields().value(MOVE_KEY).is_empty(), "back where it was");
    write(&mut form, "ssh_host", "bastion");
    assert!(asks(&form), "behind a tunnel the same name is another server");
    write(&mut form, "secret_source", "ask");
    assert!(!asks(&form));
}

#[test]
fn a_plain_key_asks_before_a_proxy_reads_it() {
    let mut fields = blank();
    fields.id = Some(ProfileId(uuid::Uuid::nil()));
    let values = [("address", "http://192.0.2.2:21901"), ("secret_source", "stored"), (ALLOW_PLAIN, "yes")];
    fields.values.extend(values.map(|(name, value)| (name, value.to_owned())));
    let mut form = Form::new(&fields);
    assert_eq!(form.moved(), None);
    write(&mut form, "proxy", "http://localhost:22400");
    let moved = form.moved().unwrap().to_string();
    assert!(moved.contains("through the proxy localhost:22400, which can read it"), "{moved}");
    assert!(form.exposure().warning().unwrap().contains("the proxy localhost:22400"));
    write(&mut form, "address", "https://192.0.2.2:21901");
    assert_eq!(form.moved(), None, "under TLS it sees no key");
}

#[test]
fn the_key_value_says_whether_a_key_is_stored() {
    let mut form = saved();
    assert_eq!(form.untyped_key(), "stored (unchanged)");
    write(&mut form, "secret_source", "ask");
    assert_eq!(form.untyped_key(), "asked each time (not stored)");
    for (source, said) in
        [("ask", "asked each time"), ("env", "a variable"), ("command", "a command"), ("file", "a file")]
    {
        let mut fields = blank();
        fields.id = Some(ProfileId(uuid::Uuid::nil()));
        fields.values.insert("secret_source", source.to_owned());
        let mut form = Form::new(&fields);
        write(&mut form, "secret_source", "stored");
        let text = form.untyped_key();
        assert!(text.starts_with("not stored") && text.contains(said), "{source}: {text}");
    }
    let mut new = Form::new(&blank());
    write(&mut new, "secret_source", "stored");
    assert_eq!(new.untyped_key(), "not set");
}

#[test]
fn a_new_profile_is_asked_nothing_about_a_key_that_moves() {
    let mut form = Form::new(&blank());
    for (name, text) in [("name", "p"), ("address", "https://a"), ("secret_source", "env"), ("secret_ref", "KEY")] {
        write(&mut form, name, text);
    }
    assert!(form.check().is_ok());
}

#[test]
fn a_sign_in_is_kept_and_not_offered() {
    let words = |form: &Form| {
        form.words(form.index("secret_source").unwrap()).into_iter().map(|(_, word)| word).collect::<Vec<_>>()
    };
    let mut form = Form::new(&blank());
    assert!(!words(&form).contains(&"sign-in"));
    form.focus = form.index("secret_source").unwrap();
    form.cycle(-1);
    assert_eq!(form.text("secret_source"), "ask", "around the end");
    let mut fields = blank();
    fields.id = Some(ProfileId(uuid::Uuid::nil()));
    fields.values.insert("secret_source", "sign-in".to_owned());
    let form = Form::new(&fields);
    assert!(words(&form).contains(&"sign-in"));
    assert_eq!(form.text("secret_source"), "sign-in");
}
