//! What the store task tells.

use super::*;
use crate::profile::model::Environment;

#[tokio::test]
async fn what_another_program_has_saved_is_told_when_a_connection_reads_it_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let vault = Arc::new(Vault::open(config.clone()));
    vault.create(NewKey::KeyFile).unwrap();
    let mut profile = Profile::new("p", crate::provider::ProviderKind::Qdrant, "db:6334");
    let id = profile.id;
    vault.edit(Operation::Add(Box::new(profile.clone()))).unwrap();
    let (events, mut heard) = tokio::sync::mpsc::channel(64);
    let mut task = StoreTask::new(vault, UnlockOptions::default(), Rules::default(), events);
    task.serve(StoreRequest::Load).await;
    let mut told = || {
        let mut last = None;
        while let Ok(event) = heard.try_recv() {
            if let Event::Store(StoreEvent::State { profiles, .. }) = event {
                last = Some(profiles[0].environment);
            }
        }
        last
    };
    assert_eq!(told(), Some(Environment::Dev));
    task.serve(StoreRequest::Used(id)).await;
    assert_eq!(told(), None, "nothing is new");
    let another = Vault::open(config);
    another.unlock(&UnlockOptions::default(), None).unwrap();
    profile.environment = Environment::Production;
    another.edit(Operation::Update(Box::new(profile))).unwrap();
    task.serve(StoreRequest::Used(id)).await;
    assert_eq!(told(), Some(Environment::Production));
}

#[tokio::test]
async fn a_damaged_store_is_told_and_no_passphrase_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Arc::new(Vault::open(folder.path().join("config")));
    vault.create(NewKey::KeyFile).unwrap();
    vault.lock();
    std::fs::write(vault.paths().store(), "age-encryption.org/v1\n-> X25519 cut").unwrap();
    let (events, mut heard) = tokio::sync::mpsc::channel(8);
    let text = "[[profile]]\nname = \"ours\"\nprovider = \"qdrant\"\naddress = \"db:6334\"\n";
    std::fs::write(folder.path().join(project::FILE), text).unwrap();
    let project = project::find(folder.path(), None).unwrap().map(Arc::new);
    let task = StoreTask::new(vault, UnlockOptions::default(), Rules::default(), events).with(project, None);
    { task }.serve(StoreRequest::Load).await;
    let mut told = None;
    while let Some(event) = heard.recv().await {
        if let Event::Store(StoreEvent::State { state: StoreState::Broken(why), profiles, .. }) = event {
            told = Some((why, profiles));
        }
    }
    let (why, profiles) = told.unwrap();
    assert!(why.contains("backups"), "{why}");
    assert!(profiles.len() == 1 && profiles[0].of_project, "the project's are shown all the same: {profiles:?}");
}
