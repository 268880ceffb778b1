//! Changes of the store and their refusals.

use vector_inspector::profile::model::Profile;
use vector_inspector::profile::vault::{GroupPlace, Operation, Vault, VaultError};

use crate::fixture::*;

fn names(vault: &Vault) -> Vec<String> {
    vault.profiles().unwrap().into_iter().map(|profile| profile.name).collect()
}

fn add(vault: &Vault, name: &str) {
    vault.edit(Operation::Add(Box::new(profile(name)))).unwrap();
}

#[test]
fn add_rename_duplicate_and_remove() {
    let (_dir, vault) = new_store();
    add(&vault, "a");
    add(&vault, "b");
    let mut renamed = vault.profile("a").unwrap();
    renamed.name = "c".to_owned();
    vault.edit(Operation::Update(Box::new(renamed.clone()))).unwrap();
    let store = vault.edit(Operation::Duplicate { id: renamed.id, name: "d".to_owned() }).unwrap();
    assert_eq!(names(&vault), ["c", "b", "d"]);
    let copy = store.get("d").unwrap();
    assert_ne!(copy.id, renamed.id);
    assert_eq!(copy.address, renamed.address);
    vault.edit(Operation::Remove(renamed.id)).unwrap();
    assert_eq!(names(&vault), ["b", "d"]);
}

#[test]
fn a_taken_name_is_refused_and_nothing_is_saved() {
    let (_dir, vault) = new_store();
    add(&vault, "a");
    add(&vault, "b");
    let before = std::fs::read(vault.paths().store()).unwrap();
    let mut b = vault.profile("b").unwrap();
    b.name = "a".to_owned();
    for operation in [
        Operation::Add(Box::new(profile("a"))),
        Operation::Update(Box::new(b.clone())),
        Operation::Duplicate { id: b.id, name: "a".to_owned() },
    ] {
        assert_eq!(vault.edit(operation).unwrap_err(), VaultError::NameTaken { name: "a".to_owned() });
    }
    assert_eq!(std::fs::read(vault.paths().store()).unwrap(), before);
}

#[test]
fn names_that_mean_something_else_are_refused() {
    let (_dir, vault) = new_store();
    for name in ["", " ", " a", "a\u{7}", "-x", "./x", "http://x", "demo"] {
        let error = vault.edit(Operation::Add(Box::new(profile(name)))).unwrap_err();
        assert!(matches!(error, VaultError::BadName { .. }), "{name:?}: {error}");
    }
    add(&vault, "größe 2 (alt)");
}

#[test]
fn an_unknown_name_brings_the_nearest_ones() {
    let (_dir, vault) = new_store();
    for name in ["production", "staging", "personal"] {
        add(&vault, name);
    }
    let near = |name: &str| match vault.profile(name).unwrap_err() {
        VaultError::UnknownProfile { near, .. } => near,
        other => panic!("{other}"),
    };
    assert_eq!(near("prodction").first().unwrap(), "production");
    assert_eq!(near("Prod").first().unwrap(), "production");
    assert_eq!(near("zzz"), Vec::<String>::new());
    let text = vault.profile("stagin").unwrap_err().to_string();
    assert_eq!(text, "there is no profile \"stagin\". Did you mean \"staging\"?");
}

#[test]
fn a_profile_that_another_instance_removed_is_not_brought_back() {
    let (_dir, vault) = new_store();
    add(&vault, "a");
    let mine = vault.profile("a").unwrap();
    let other = vault_in(vault.paths().dir());
    other.unlock_with_passphrase(&secret(PASSPHRASE)).unwrap();
    other.edit(Operation::Remove(mine.id)).unwrap();
    let gone = VaultError::ProfileGone { name: "a".to_owned() };
    assert_eq!(vault.edit(Operation::Update(Box::new(mine))).unwrap_err(), gone);
    assert!(names(&vault).is_empty());
}

#[test]
fn recipients_are_added_and_removed_but_never_the_own_one() {
    let (_dir, vault) = new_store();
    add(&vault, "a");
    let ci = age::x25519::Identity::generate();
    let ci_name = "ci".to_owned();
    let recipient = ci.to_public().to_string();
    vault.edit(Operation::AddRecipient { name: ci_name.clone(), recipient: recipient.clone() }).unwrap();
    assert!(decrypt_store(&vault, &ci).contains("name = \"a\""));
    let twice = vault.edit(Operation::AddRecipient { name: ci_name.clone(), recipient }).unwrap_err();
    assert!(matches!(twice, VaultError::RecipientKept { .. }), "{twice}");
    vault.edit(Operation::RemoveRecipient { name: ci_name }).unwrap();
    let bytes = std::fs::read(vault.paths().store()).unwrap();
    assert!(age::decrypt(&ci, &bytes).is_err());
    for name in ["owner", "nobody"] {
        let error = vault.edit(Operation::RemoveRecipient { name: name.to_owned() }).unwrap_err();
        assert!(matches!(error, VaultError::RecipientKept { .. }), "{error}");
    }
    let bad = Operation::AddRecipient { name: "x".to_owned(), recipient: "ssh-rsa AAAA".to_owned() };
    assert_eq!(vault.edit(bad).unwrap_err(), VaultError::BadRecipient { name: "x".to_owned() });
}

#[test]
fn a_recipient_that_cannot_be_read_stops_a_save() {
    let text = "[recipients]\ncolleague = \"age1nonsense\"\n";
    let (_dir, vault, key) = hand_written(text);
    vault.unlock(&Default::default(), None).unwrap();
    let error = vault.edit(Operation::Add(Box::new(profile("a")))).unwrap_err();
    assert_eq!(error, VaultError::BadRecipient { name: "colleague".to_owned() });
    assert_eq!(decrypt_store(&vault, &key), text);
}

#[test]
fn the_last_ten_stores_are_kept() {
    let (_dir, vault) = new_store();
    for n in 0..13 {
        add(&vault, &format!("p{n}"));
    }
    let mut backups: Vec<_> =
        std::fs::read_dir(vault.paths().backups()).unwrap().map(|entry| entry.unwrap().path()).collect();
    backups.sort();
    assert_eq!(backups.len(), 10);
    // The newest backup is the store before the last edit.
    std::fs::copy(backups.last().unwrap(), vault.paths().store()).unwrap();
    assert_eq!(names(&vault).len(), 12);
    std::fs::copy(backups.first().unwrap(), vault.paths().store()).unwrap();
    assert_eq!(names(&vault).len(), 3);
}

#[test]
fn a_store_that_is_a_link_stays_one() {
    let (dir, vault) = new_store();
    let elsewhere = dir.path().join("dotfiles.age");
    std::fs::rename(vault.paths().store(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, vault.paths().store()).unwrap();
    add(&vault, "a");
    assert!(std::fs::symlink_metadata(vault.paths().store()).unwrap().is_symlink());
    assert_eq!(names(&vault), ["a"]);
}

#[test]
fn the_order_of_profiles_and_groups_is_kept_and_pushes_no_backup_out() {
    use vector_inspector::profile::vault::GroupPlace;
    let (_dir, vault) = new_store();
    for name in ["a", "b", "c"] {
        add(&vault, name);
    }
    let id = |name: &str| vault.profile(name).unwrap().id;
    let (a, b, c) = (id("a"), id("b"), id("c"));
    let backups = || std::fs::read_dir(vault.paths().backups()).unwrap().count();
    let before = backups();
    vault.edit(Operation::ArrangeProfiles(vec![c, a, b])).unwrap();
    assert_eq!(names(&vault), ["c", "a", "b"]);
    let place = |path: &str, collapsed| GroupPlace { path: path.to_owned(), collapsed };
    let order = vec![place("work/search", false), place("work", true)];
    vault.edit(Operation::ArrangeGroups(order.clone())).unwrap();
    let store = vault.edit(Operation::ArrangeGroups(order.clone())).unwrap();
    assert_eq!(store.arranged, order);
    assert_eq!(store.groups, ["work", "work/search"], "twice the same makes no second table");
    assert_eq!(backups(), before);
    // One that came later has no place and comes last.
    add(&vault, "d");
    assert_eq!(names(&vault), ["c", "a", "b", "d"]);
}

#[test]
fn an_import_is_saved_as_a_whole_or_not_at_all() {
    let (_dir, vault) = new_store();
    vault.edit(Operation::Add(Box::new(full_profile("known")))).unwrap();
    let known = vault.profile("known").unwrap();
    let rev = vault.read().unwrap().rev;
    let import = |rev, profiles| vault.edit(Operation::Import { rev, profiles });
    let names = || vault.profiles().unwrap().into_iter().map(|p| p.name).collect::<Vec<_>>();
    // One name is taken, one cannot be: nothing of it is there.
    let mut taken = profile("known");
    taken.notes = "another one".to_owned();
    assert!(matches!(import(rev, vec![profile("a"), taken]).unwrap_err(), VaultError::NameTaken { .. }));
    assert!(matches!(import(rev, vec![profile("a"), profile("b/c")]).unwrap_err(), VaultError::BadName { .. }));
    assert!(matches!(import(rev, vec![profile("a"), profile("a")]).unwrap_err(), VaultError::NameTaken { .. }));
    assert_eq!(names(), ["known"]);
    // Names may be swapped between what is replaced and what is new.
    let mut renamed = known.clone();
    renamed.name = "renamed".to_owned();
    import(rev, vec![profile("known"), renamed]).unwrap();
    assert_eq!(names(), ["renamed", "known"]);
    assert_eq!(vault.profile("renamed").unwrap().id, known.id);
    // What was looked at is not what is there any more.
    assert_eq!(import(rev, vec![profile("b")]).unwrap_err(), VaultError::Changed);
    assert_eq!(names(), ["renamed", "known"]);
}

#[test]
fn a_group_is_renamed_with_all_that_is_in_it_in_one_save() {
    let (_dir, vault) = new_store();
    for (name, group) in [("a", "work"), ("b", "work/search"), ("c", "workshop"), ("d", ""), ("e", "home")] {
        let profile = Profile { group: group.to_owned(), ..profile(name) };
        vault.edit(Operation::Add(Box::new(profile))).unwrap();
    }
    let place = |path: &str, collapsed| GroupPlace { path: path.to_owned(), collapsed };
    let places =
        vec![place("work", true), place("home", false), place("work/search", true), place("home/search", false)];
    let before = vault.edit(Operation::ArrangeGroups(places)).unwrap();
    let rename = |from: &str, to: &str| Operation::RenameGroup { from: from.to_owned(), to: to.to_owned() };
    let store = vault.edit(rename("work", "home")).unwrap();
    assert_eq!(store.rev, before.rev + 1);
    let groups: Vec<(&str, &str)> = store.profiles.iter().map(|p| (p.name.as_str(), p.group.as_str())).collect();
    assert_eq!(groups, [("a", "home"), ("b", "home/search"), ("c", "workshop"), ("d", ""), ("e", "home")]);
    assert_eq!(store.arranged, [place("home", false), place("home/search", false)], "what is there stays as it is");
    let store = vault.edit(rename("home", "home/of/mine")).unwrap();
    let paths: Vec<&str> = store.arranged.iter().map(|group| group.path.as_str()).collect();
    assert_eq!(paths, ["home/of/mine", "home/of/mine/search"]);
    let gone = vault.edit(rename("work", "x")).unwrap_err();
    assert_eq!(gone, VaultError::GroupGone { path: "work".to_owned() });
}
