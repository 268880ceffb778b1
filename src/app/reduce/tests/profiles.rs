//! The store: locked at launch, first save, forms.

use super::*;
use crate::app::effect::StoreRequest;
use crate::app::event::{Made, StoreEvent, Unsaved};
use crate::app::overlay::Overlay;
use crate::app::overlay::form::TestState;
use crate::app::profiles::{NewStore, ProfileSummary, StoreState};
use crate::app::sidebar::SidebarItem;
use crate::connection::message::Command;
use crate::profile::model::ProfileId;
use crate::provider::Lock;

pub(super) fn profile(name: &str) -> ProfileSummary {
    ProfileSummary {
        id: ProfileId(uuid::Uuid::new_v4()),
        name: name.into(),
        group: "work".into(),
        tags: Vec::new(),
        color: None,
        environment: Environment::Dev,
        lock: None,
        insecure: false,
        key: Default::default(),
        kind: ProviderKind::Chroma,
        address: "127.0.0.1:8000".into(),
        leads_to: Default::default(),
        notes: String::new(),
        favourite: false,
        last_used: None,
        of_project: false,
        way: String::new(),
    }
}

pub(super) fn state(state: StoreState, profiles: Vec<ProfileSummary>) -> Event {
    Event::Store(StoreEvent::State { state, profiles, open_at_start: Vec::new() })
}

fn requests(program: &mut Program) -> Vec<StoreRequest> {
    std::mem::take(&mut program.effects)
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Store(request) => Some(request),
            _ => None,
        })
        .collect()
}

fn item(program: &Program) -> Option<SidebarItem> {
    super::super::sidebar::selected(&program.state)
}

fn launched(names: &[&str]) -> Program {
    let mut state = AppState { size: (120, 40), ..AppState::default() };
    let effects = start(&mut state, Vec::new(), names.iter().map(ToString::to_string).enumerate().collect());
    Program { state, effects }
}

#[test]
fn a_profile_named_at_launch_opens_when_the_store_is_unlocked() {
    let mut program = launched(&["prod"]);
    program.send(state(StoreState::Locked, Vec::new()));
    assert!(matches!(program.state.overlays.last(), Some(Overlay::Secret(_))), "it asks for the passphrase");
    program.keys("open sesame<enter>");
    assert!(matches!(requests(&mut program).last(), Some(StoreRequest::Unlock(_))));
    program.send(state(StoreState::Unlocked, vec![profile("prod")]));
    assert!(program.state.overlays.is_empty());
    assert_eq!(program.state.connections[0].label, "prod");
    let item = super::super::sidebar::selected(&program.state);
    assert_eq!(item, Some(crate::app::sidebar::SidebarItem::Connection(program.ids()[0])), "the cursor is on it");
}

#[test]
fn profiles_that_come_to_an_empty_list_do_not_take_the_cursor_down_with_the_demo() {
    let mut program = launched(&[]);
    program.send(state(StoreState::Absent, Vec::new()));
    assert_eq!(program.state.sidebar.list.selected, 0);
    let many: Vec<ProfileSummary> = (0..60).map(|n| profile(&format!("profile {n:02}"))).collect();
    program.send(state(StoreState::Unlocked, many.clone()));
    assert_eq!(program.state.sidebar.list.selected, 0, "{:?}", item(&program));
    program.keys("0G");
    assert_eq!(item(&program), Some(SidebarItem::Demo), "who went there");
    program.send(state(StoreState::Unlocked, many[1..].to_vec()));
    assert_eq!(item(&program), Some(SidebarItem::Demo), "stays there");
}

#[test]
fn a_wrong_passphrase_is_said_and_asked_again() {
    let mut program = launched(&["prod"]);
    program.send(state(StoreState::Locked, Vec::new()));
    program.keys("wrong<enter>");
    program.send(Event::Store(StoreEvent::UnlockFailed("wrong passphrase, or a damaged key file.".into())));
    let Some(Overlay::Secret(prompt)) = program.state.overlays.last() else { panic!() };
    assert!(prompt.error.as_deref().unwrap().contains("wrong"));
    assert!(prompt.field.is_empty() && !prompt.busy);
}

#[test]
fn a_broken_store_says_why_asks_for_nothing_and_is_read_again_on_a_wish() {
    let mut program = launched(&["prod"]);
    program.send(state(StoreState::Broken("profiles.toml.age is damaged; take a copy.".into()), Vec::new()));
    assert!(program.notice().contains("damaged") && program.state.overlays.is_empty(), "{}", program.notice());
    requests(&mut program);
    program.keys("U");
    assert!(matches!(requests(&mut program).as_slice(), [StoreRequest::Load]));
    program.send(state(StoreState::Unlocked, vec![profile("prod")]));
    assert_eq!(program.state.profiles.list.len(), 1);
}

#[test]
fn an_unknown_profile_is_told_with_the_nearest() {
    let mut program = launched(&["prd"]);
    program.send(state(StoreState::Unlocked, vec![profile("prod"), profile("staging")]));
    assert!(program.notice().contains("\"prd\"") && program.notice().contains("prod"), "{}", program.notice());
}

#[test]
fn the_first_save_makes_the_store_and_then_saves() {
    let mut program = Program::with_targets(1);
    program.send(state(StoreState::Absent, Vec::new()));
    program.keys("0Smine<enter>");
    assert!(requests(&mut program).iter().all(|r| !matches!(r, StoreRequest::SaveAdHoc { .. })));
    program.keys("a long phrase<enter>a long phrase<enter>");
    assert!(matches!(requests(&mut program).last(), Some(StoreRequest::Create(NewStore::Passphrase(_)))));
    program.send(state(StoreState::Unlocked, Vec::new()));
    let saved = requests(&mut program);
    assert!(matches!(saved.as_slice(), [StoreRequest::SaveAdHoc { name, .. }] if name == "mine"), "{saved:?}");
}

#[test]
fn a_saved_connection_is_the_profiles_from_then_on_and_follows_its_name() {
    let mut program = Program::with_targets(1);
    program.send(state(StoreState::Unlocked, vec![profile("prod")]));
    program.keys("0");
    while !matches!(item(&program), Some(SidebarItem::Connection(_))) {
        program.keys("j");
    }
    program.keys("Smine<enter>");
    let mut mine = profile("mine");
    program.send(state(StoreState::Unlocked, vec![profile("prod"), mine.clone()]));
    program.send(Event::Store(StoreEvent::Adopted { connection: program.ids()[0], profile: mine.id }));
    assert_eq!(program.state.connections[0].label, "mine");
    assert_eq!(item(&program), Some(SidebarItem::Connection(program.ids()[0])), "the cursor goes with it");
    let rows = program.state.sidebar.rows(&program.state);
    assert!(!rows.iter().any(|row| row.item == SidebarItem::Profile(mine.id)), "it is shown once");
    (mine.name, mine.color) = ("yours".into(), Some("red".into()));
    mine.lock = Some(Lock::Profile);
    program.send(state(StoreState::Unlocked, vec![mine]));
    let locked =
        |effect: &Effect| matches!(effect, Effect::Send { command: Command::SetLock(Some(Lock::Profile)), .. });
    assert!(program.effects.iter().any(locked), "an open one is locked with its profile");
    let connection = &program.state.connections[0];
    assert_eq!((connection.label.as_str(), connection.color.as_deref()), ("yours", Some("red")));
}

#[test]
fn a_name_that_is_taken_is_said_where_it_was_typed() {
    let mut program = Program::with_targets(1);
    program.send(state(StoreState::Unlocked, vec![profile("prod")]));
    program.keys("0");
    while !matches!(item(&program), Some(SidebarItem::Connection(_))) {
        program.keys("j");
    }
    program.keys("Sprod<enter>");
    let Some(Overlay::Prompt(prompt)) = program.state.overlays.last() else { panic!("the prompt is gone") };
    assert_eq!((prompt.field.text(), prompt.error.is_some()), ("prod", true));
    assert!(requests(&mut program).iter().all(|r| !matches!(r, StoreRequest::SaveAdHoc { .. })));
}

#[test]
fn two_different_passphrases_make_no_store() {
    let mut program = Program::with_targets(1);
    program.send(state(StoreState::Absent, Vec::new()));
    program.keys("0Smine<enter>one<enter>two<enter>");
    let Some(Overlay::Secret(prompt)) = program.state.overlays.last() else { panic!() };
    assert!(prompt.error.as_deref().unwrap().contains("differ"));
    assert!(requests(&mut program).iter().all(|r| !matches!(r, StoreRequest::Create(_))));
}

#[test]
fn an_empty_passphrase_makes_no_key_file_that_nobody_asked_for() {
    let mut program = Program::with_targets(1);
    program.send(state(StoreState::Absent, Vec::new()));
    program.keys("0Smine<enter><enter>");
    let Some(Overlay::Secret(prompt)) = program.state.overlays.last() else { panic!() };
    assert!(prompt.error.as_deref().unwrap().contains("empty"));
    assert!(requests(&mut program).iter().all(|r| !matches!(r, StoreRequest::Create(_))));
}

#[test]
fn a_new_store_may_have_a_key_file_or_a_key_that_is_there_already() {
    let created = |keys: &str| {
        let mut program = Program::with_targets(1);
        program.send(state(StoreState::Absent, Vec::new()));
        program.keys("0Smine<enter>");
        program.keys(keys);
        match requests(&mut program).pop() {
            Some(StoreRequest::Create(how)) => how,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(created("half a phrase<tab>typed in vain<enter>"), NewStore::KeyFile));
    assert!(matches!(created("<tab><tab>~/key.txt<enter>"), NewStore::OwnKey(path) if path == "~/key.txt"));
    assert!(matches!(created("<tab><tab><tab>a phrase<enter>a phrase<enter>"), NewStore::Passphrase(_)));
}

#[test]
fn the_strength_of_a_passphrase_is_known_while_it_is_chosen_and_never_while_it_is_asked_for() {
    use crate::profile::vault::strength::Strength;
    let strength = |program: &Program| match program.state.overlays.last() {
        Some(Overlay::Secret(prompt)) => prompt.strength(),
        other => panic!("{other:?}"),
    };
    let mut program = Program::with_targets(1);
    program.send(state(StoreState::Absent, Vec::new()));
    program.keys("0Smine<enter>");
    assert_eq!(strength(&program), None);
    program.keys("tavern");
    assert_eq!(strength(&program), Some(Strength::Weak));
    program.keys(" glide copper museum orchid");
    assert_eq!(strength(&program), Some(Strength::Strong));
    program.keys("<enter>t");
    assert_eq!(strength(&program), None, "the second typing is compared, not judged");
    let mut program = Program::with_targets(0);
    program.send(state(StoreState::Locked, Vec::new()));
    program.keys("Usecret");
    assert_eq!(strength(&program), None, "nothing is told about the passphrase of a store");
}

#[test]
fn the_form_checks_tests_and_saves() {
    let mut program = Program::with_targets(0);
    program.send(state(StoreState::Unlocked, vec![profile("prod")]));
    program.effects.clear();
    program.keys("N<ctrl-s>");
    let error = |program: &Program| match program.state.overlays.last() {
        Some(Overlay::Form(form)) => form.error.clone().unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    assert!(error(&program).contains("no name"));
    program.keys("stage<down><right><down>127.0.0.1:8000<ctrl-t>");
    let Some(StoreRequest::Test { ticket, fields }) = requests(&mut program).pop() else { panic!() };
    assert_eq!((fields.value("name"), fields.value("provider")), ("stage", "chroma"));
    program.send(Event::Store(StoreEvent::Tested { ticket: ticket + 1, result: Err("of an earlier test".into()) }));
    program.send(Event::Store(StoreEvent::Tested { ticket, result: Ok("chroma 1.5.9".into()) }));
    let Some(Overlay::Form(form)) = program.state.overlays.last() else { panic!() };
    assert_eq!(form.test, TestState::Good("chroma 1.5.9".into()));
    program.keys("<ctrl-s>");
    assert!(matches!(requests(&mut program).pop(), Some(StoreRequest::Save(_))));
    program.send(Event::Store(StoreEvent::SaveFailed(Unsaved::at("name", "the name is taken."))));
    assert!(error(&program).contains("taken"), "what was typed is still there");
    program.keys("<ctrl-s>");
    program.send(Event::Store(StoreEvent::Saved { text: "Saved.".into(), recovery_key: None, made: None }));
    assert!(program.state.overlays.is_empty());
}

#[test]
fn a_profile_becomes_writable_by_its_form_after_a_question_only() {
    /// What the form asks when this is changed, and whether it saves with yes only.
    fn asked(before: (&str, &str), from: Environment, after: (&str, &str)) -> Option<String> {
        let mut program = Program::with_targets(0);
        // In a read-only run every profile has the run's lock: it says nothing of the environments.
        let known = ProfileSummary { lock: Some(Lock::Run), ..profile("prod") };
        program.state.settings.read_only_from = from;
        let mut fields = crate::app::overlay::form::blank();
        let values = [("name", "prod"), ("address", "db:1"), ("environment", before.0), ("read_only", before.1)];
        fields.values.extend(values.map(|(name, value)| (name, value.to_owned())));
        fields.id = Some(known.id);
        program.send(state(StoreState::Unlocked, vec![known]));
        program.send(Event::Store(StoreEvent::Fields(Box::new(fields))));
        let Some(Overlay::Form(form)) = program.state.overlays.last_mut() else { panic!("no form") };
        for (name, wanted) in [("environment", after.0), ("read_only", after.1)] {
            form.focus = form.index(name).unwrap();
            while form.text(name) != wanted {
                form.cycle(1);
            }
        }
        program.effects.clear();
        program.keys("<ctrl-s>");
        let Some(Overlay::Confirm(confirm)) = program.state.overlays.last() else {
            assert!(matches!(requests(&mut program).pop(), Some(StoreRequest::Save(_))), "saved without a question");
            return None;
        };
        let text = confirm.text.clone();
        assert!(requests(&mut program).is_empty(), "nothing is saved before the answer");
        program.keys("n<ctrl-s>");
        assert!(requests(&mut program).is_empty(), "no leaves the form as it was");
        program.keys("y");
        assert!(matches!(requests(&mut program).pop(), Some(StoreRequest::Save(_))));
        Some(text)
    }
    let (production, staging) = (Environment::Production, Environment::Staging);
    let text = asked(("production", "no"), production, ("dev", "no")).unwrap();
    assert!(text.starts_with("prod is production, which is read-only.") && text.contains("at once"), "{text}");
    assert!(asked(("production", "no"), production, ("staging", "no")).is_some());
    assert!(asked(("staging", "no"), staging, ("dev", "no")).is_some());
    let text = asked(("dev", "yes"), staging, ("staging", "no")).unwrap();
    assert!(text.contains("a write window can open it"), "{text}");
    assert!(asked(("dev", "yes"), production, ("dev", "no")).unwrap().contains("at once"));
    let text = asked(("production", "yes"), production, ("production", "no")).unwrap();
    assert!(text.contains("a write window can open it"), "{text}");
    for (before, from, after) in [
        (("production", "no"), production, ("production", "no")),
        (("production", "no"), production, ("dev", "yes")),
        (("staging", "no"), production, ("dev", "no")),
        (("dev", "no"), production, ("production", "no")),
    ] {
        assert_eq!(asked(before, from, after), None, "{before:?} {after:?}");
    }
}

#[test]
fn connections_without_a_profile_follow_the_locks_of_profiles_that_become_known() {
    let mut program = Program::with_targets(1);
    let follows = |program: &mut Program| {
        let effects = std::mem::take(&mut program.effects);
        effects.into_iter().find_map(|effect| match effect {
            Effect::FollowLocks(connections) => Some(connections),
            _ => None,
        })
    };
    follows(&mut program);
    program.send(state(StoreState::Unlocked, vec![profile("prod")]));
    assert_eq!(follows(&mut program), Some(program.ids()));
    program.state.connections[0].source = OpenSource::Profile(program.state.profiles.list[0].id);
    program.send(state(StoreState::Unlocked, program.state.profiles.list.clone()));
    assert_eq!(follows(&mut program), None, "that of a profile has the profile's own");
}

#[test]
fn leaving_a_changed_form_asks_first() {
    let mut program = Program::with_targets(0);
    program.keys("Nx<esc>");
    assert!(matches!(program.state.overlays.last(), Some(Overlay::Confirm(_))));
    program.keys("n");
    assert!(matches!(program.state.overlays.last(), Some(Overlay::Form(_))));
    program.keys("<esc>y");
    assert!(program.state.overlays.is_empty());
}

#[test]
fn groups_fold_in_the_sidebar() {
    let mut program = Program::with_targets(0);
    program.send(state(StoreState::Unlocked, vec![profile("prod"), profile("staging")]));
    let rows = program.state.sidebar.rows(&program.state).len();
    program.keys("0gg ");
    assert_eq!(program.state.sidebar.rows(&program.state).len(), rows - 2);
    program.keys(" ");
    assert_eq!(program.state.sidebar.rows(&program.state).len(), rows);
}

#[test]
fn profiles_that_appear_above_do_not_move_the_cursor_off_its_collection() {
    let mut program = Program::connected(1, &[("docs", 3)]);
    program.state.connections[0].source = OpenSource::Demo;
    program.keys("0j");
    let item = |program: &Program| {
        program.state.sidebar.rows(&program.state)[program.state.sidebar.list.selected].item.clone()
    };
    let before = item(&program);
    assert!(matches!(before, crate::app::sidebar::SidebarItem::Collection { .. }), "{before:?}");
    program.send(state(StoreState::Unlocked, vec![profile("prod"), profile("staging")]));
    assert_eq!(item(&program), before);
}

#[test]
fn the_doctor_goes_the_way_to_a_profile_that_is_not_open() {
    let mut program = Program::with_targets(0);
    let closed = profile("far");
    let id = closed.id;
    program.send(state(StoreState::Unlocked, vec![closed]));
    while item(&program) != Some(SidebarItem::Profile(id)) {
        let before = item(&program);
        program.keys("j");
        assert_ne!(item(&program), before, "the profile is in the sidebar");
    }
    program.effects.clear();
    program.keys("M");
    let Some(Overlay::Examination(examination)) = program.state.overlays.last() else { panic!("no examination") };
    assert_eq!((examination.connection, examination.label.as_str()), (None, "far"));
    let asked = program.effects.iter().any(|effect| {
        matches!(effect, Effect::Examine { connection: None, source: OpenSource::Profile(asked), .. } if *asked == id)
    });
    assert!(asked, "{:?}", program.effects);
    assert!(program.state.connections.is_empty(), "it is examined, not opened");
}

#[test]
fn targets_are_numbered_in_the_order_that_they_were_named_in() {
    let mut program = Program::with_targets(0);
    program.state = AppState { size: (120, 40), ..AppState::default() };
    let profiles = vec![(0, "demo1".to_owned()), (2, "prod".to_owned())];
    program.effects = start(&mut program.state, vec![ad_hoc("directory")], profiles);
    program.send(state(StoreState::Unlocked, vec![profile("prod"), profile("demo1")]));
    let labels: Vec<&str> = program.state.connections.iter().map(|c| c.label.as_str()).collect();
    assert_eq!(labels, ["demo1", "directory", "prod"]);
    let tabs: Vec<&str> =
        program.state.tabs.iter().map(|tab| program.state.connection_in(tab).unwrap().label.as_str()).collect();
    assert_eq!(tabs, labels);
    program.keys("2");
    assert_eq!(program.state.active_connection().unwrap().label, "directory");
}

/// Unlocked, with prod and stage in `work`, lab in `work/research`, the cursor on the first row.
fn grouped() -> Program {
    let mut program = launched(&[]);
    let lab = ProfileSummary { group: "work/research".into(), ..profile("lab") };
    program.send(state(StoreState::Unlocked, vec![profile("prod"), profile("stage"), lab]));
    program.keys("0gg");
    requests(&mut program);
    program
}

fn group(path: &str) -> Option<SidebarItem> {
    Some(SidebarItem::Group { path: path.into(), expanded: true })
}

#[test]
fn a_group_gets_another_path_in_one_save_and_the_cursor_stays_on_it() {
    let mut program = grouped();
    assert_eq!(item(&program), group("work"));
    program.keys("R<ctrl-u> / <enter>");
    assert!(matches!(program.state.overlays.last(), Some(Overlay::Prompt(prompt)) if prompt.error.is_some()));
    program.keys("<ctrl-u>/office / search/<enter>");
    let saved = requests(&mut program);
    let [StoreRequest::RenameGroup { from, to }] = &saved[..] else { panic!("{saved:?}") };
    assert_eq!((from.as_str(), to.as_str()), ("work", "office/search"));
    let moved =
        |p: &ProfileSummary| ProfileSummary { group: p.group.replacen("work", "office/search", 1), ..p.clone() };
    let mut list: Vec<ProfileSummary> = program.state.profiles.list.iter().map(moved).collect();
    list.push(ProfileSummary { group: "archive".into(), ..profile("old") });
    program.send(state(StoreState::Unlocked, list));
    let made = Some(Made::Group("office/search".into()));
    program.send(Event::Store(StoreEvent::Saved { text: "Renamed.".into(), recovery_key: None, made }));
    assert_eq!(item(&program), group("office/search"));
    program.keys("R<enter>");
    assert!(requests(&mut program).is_empty(), "the same path is no change");
}

#[test]
fn a_new_profile_is_made_in_the_group_under_the_cursor_and_the_cursor_goes_to_it() {
    let mut program = grouped();
    program.keys("N");
    let Some(Overlay::Form(form)) = program.state.overlays.last() else { panic!("no form") };
    assert_eq!(form.text("group"), "work");
    program.keys("new<down><down>db:6334<ctrl-s>");
    let saved = requests(&mut program);
    assert!(matches!(&saved[..], [StoreRequest::Save(fields)] if fields.value("group") == "work"), "{saved:?}");
    // The group may have been folded meanwhile.
    let folded = vec![("work".to_owned(), true), ("work/research".to_owned(), true)];
    let new = ProfileSummary { group: "work/research".into(), ..profile("new") };
    let (id, mut list) = (new.id, program.state.profiles.list.clone());
    list.push(new);
    program.send(Event::Store(StoreEvent::Groups(folded)));
    program.send(state(StoreState::Unlocked, list));
    let made = Some(Made::Profile(id));
    program.send(Event::Store(StoreEvent::Saved { text: "Saved.".into(), recovery_key: None, made }));
    assert_eq!(item(&program), Some(SidebarItem::Profile(id)));
    let arranged = requests(&mut program);
    let [StoreRequest::ArrangeGroups(groups)] = &arranged[..] else { panic!("{arranged:?}") };
    assert!(groups.iter().all(|(_, folded)| !folded), "{groups:?}");
}

#[test]
fn what_could_not_be_saved_has_the_focus_where_it_is_wrong() {
    let mut program = grouped();
    program.keys("Nprod<down><down>db:6334<ctrl-s>");
    program.send(Event::Store(StoreEvent::SaveFailed(Unsaved::at("name", "there is a profile \"prod\" already."))));
    let Some(Overlay::Form(form)) = program.state.overlays.last() else { panic!("no form") };
    assert_eq!(form.focus, form.index("name").unwrap());
    // A field that is not in sight cannot be mended.
    let before = form.focus;
    program.send(Event::Store(StoreEvent::SaveFailed(Unsaved::at("wait_port", "no port."))));
    let Some(Overlay::Form(form)) = program.state.overlays.last() else { panic!("no form") };
    assert_eq!(form.focus, before);
}

#[test]
fn left_in_the_sidebar_leads_to_the_parent_where_nothing_can_be_folded() {
    let mut program = grouped();
    let rows = program.state.sidebar.rows(&program.state);
    let lab = program.state.profiles.list[2].id;
    program.state.sidebar.list.selected = rows.iter().position(|row| row.item == SidebarItem::Profile(lab)).unwrap();
    program.keys("h");
    assert_eq!(item(&program), group("work/research"));
    program.keys("h");
    let folded = Some(SidebarItem::Group { path: "work/research".into(), expanded: false });
    assert_eq!(item(&program), folded, "first it folds");
    program.keys("h");
    assert_eq!(item(&program), group("work"), "then it leads on");
}
