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
