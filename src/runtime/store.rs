//! The store of profiles, asked in the background: one task takes the requests in their order, and
//! everything that reads files or derives keys runs on a blocking thread.

mod edited;
mod known;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::spawn_blocking;

use self::edited::{profile_of_ad_hoc, to_profile, to_profile_for_test, unsaved, with_name};
use self::known::Known;
use super::fields::fields_of;
use super::locks::OpenLocks;
use super::opening::profile_by_id;
use super::sharing::{self, Reading, Unread};
use super::sign_in::SignIns;
use super::signed::test_form;
use crate::app::effect::StoreRequest;
use crate::app::event::{Event, Made, Notice, StoreEvent};
use crate::app::profiles::{NewStore, ProfileFields, ProfileSummary, StoreState};
use crate::app::sharing::{Choice, ExportFault};
use crate::profile::access::Rules;
use crate::profile::last_used::{self, LastUsed};
use crate::profile::model::{Profile, ProfileId, SecretSource};
use crate::profile::project::{self, Project};
use crate::profile::vault::{GroupPlace, NewKey, Operation, UnlockOptions, Vault, VaultError, VaultState};
use crate::provider::Timeouts;
use crate::text::format::number_of;

/// The store and the ways to unlock it that ask nobody.
pub struct StoreTask {
    vault: Arc<Vault>,
    options: Arc<UnlockOptions>,
    rules: Rules,
    events: Sender<Event>,
    /// The recovery key of a store that was just made: shown with the first save.
    recovery_key: Option<SecretString>,
    /// Profiles that the project offers, after those of the store.
    project: Option<Arc<Project>>,
    /// Where it is kept when profiles were used.
    state_dir: Option<PathBuf>,
    /// The file that was read last, while the user looks at what it would change.
    reading: Option<Reading>,
    /// What is to be said of the project's file was said.
    warned: AtomicBool,
    /// Where what a sign-in found is.
    sign_ins: SignIns,
    /// What is known of read-only profiles.
    locks: OpenLocks,
    /// The profiles that were told last, without the moments of use.
    told: Arc<Mutex<Vec<ProfileSummary>>>,
    /// Limits of a test where the profile says nothing.
    timeouts: Timeouts,
}

impl StoreTask {
    /// A task over this store.
    pub fn new(vault: Arc<Vault>, options: UnlockOptions, rules: Rules, events: Sender<Event>) -> Self {
        Self {
            vault,
            options: Arc::new(options),
            rules,
            events,
            recovery_key: None,
            project: None,
            state_dir: None,
            reading: None,
            warned: AtomicBool::new(false),
            sign_ins: SignIns::default(),
            locks: OpenLocks::default(),
            told: Arc::default(),
            timeouts: Timeouts::default(),
        }
    }

    /// The same with what the project offers, and a place for the moments of use.
    pub fn with(self, project: Option<Arc<Project>>, state_dir: Option<PathBuf>) -> Self {
        Self { project, state_dir, ..self }
    }

    /// The same, saving what such sign-ins find.
    pub fn saving_from(self, sign_ins: SignIns) -> Self {
        Self { sign_ins, ..self }
    }

    /// The same, telling the locks of what it reads.
    pub fn telling(self, locks: OpenLocks) -> Self {
        Self { locks, ..self }
    }

    /// The same, testing profiles that say nothing of it within these limits.
    pub fn within(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// Serves requests until nobody can send one any more.
    pub async fn run(mut self, mut requests: Receiver<StoreRequest>) {
        while let Some(request) = requests.recv().await {
            self.serve(request).await;
        }
    }

    async fn serve(&mut self, request: StoreRequest) {
        match request {
            StoreRequest::Load => self.load().await,
            StoreRequest::Unlock(passphrase) => {
                let result = self.blocking(move |vault| vault.unlock_with_passphrase(&passphrase)).await;
                match result {
                    Ok(()) => self.tell_state().await,
                    Err(error) => self.tell(StoreEvent::UnlockFailed(error)).await,
                }
            }
            StoreRequest::Lock => {
                self.vault.lock();
                self.tell_state().await;
            }
            StoreRequest::Create(how) => self.create(how).await,
            StoreRequest::Save(fields) => self.save(*fields).await,
            StoreRequest::SaveAdHoc { connection, name, kind, ad_hoc } => {
                let profile = profile_of_ad_hoc(&name, kind, *ad_hoc);
                let id = profile.id;
                if self.edit(Operation::Add(Box::new(profile)), format!("Saved as the profile {name}.")).await {
                    self.tell(StoreEvent::Adopted { connection, profile: id }).await;
                }
            }
            StoreRequest::Rename { id, name } => {
                let text = format!("Renamed to {name}.");
                let known = self.blocking(move |vault| with_name(vault, id, name)).await;
                match known {
                    Ok(profile) => {
                        self.edit(Operation::Update(Box::new(profile)), text).await;
                    }
                    Err(why) => self.tell(StoreEvent::SaveFailed(why.into())).await,
                }
            }
            StoreRequest::RenameGroup { from, to } => {
                let text = format!("Renamed the group {from} to {to}.");
                self.edit(Operation::RenameGroup { from, to }, text).await;
            }
            StoreRequest::Delete(id) => {
                self.edit(
                    Operation::Remove(id),
                    "The profile is deleted; the last ten stores are in backups/.".to_owned(),
                )
                .await;
            }
            StoreRequest::Favourite { id, on } => {
                let known = self.blocking(move |vault| profile_by_id(vault, None, id)).await;
                match known {
                    Ok(mut profile) => {
                        profile.favourite = on;
                        let what = if on { "is a favourite now" } else { "is no favourite any more" };
                        let text = format!("{} {what}.", profile.name);
                        self.edit(Operation::Update(Box::new(profile)), text).await;
                    }
                    Err(why) => self.tell(StoreEvent::SaveFailed(why.into())).await,
                }
            }
            StoreRequest::Used(id) => {
                self.used(id);
                self.tell_news().await;
            }
            StoreRequest::Export { profiles, file, recipients } => {
                let file = expanded(&file);
                let write =
                    move |vault: &Vault| Ok::<_, String>(sharing::write_export(vault, &profiles, file, &recipients));
                let done = self.blocking(write).await.unwrap_or_else(|fault| Err(ExportFault::Other(fault)));
                self.tell(done.map_or_else(StoreEvent::ExportFailed, StoreEvent::Exported)).await;
            }
            StoreRequest::ReadImport { ticket, file, key } => self.read_import(ticket, file, key).await,
            StoreRequest::ApplyImport { ticket, choices } => self.apply_import(ticket, choices).await,
            StoreRequest::ArrangeProfiles(order) => self.arrange(Operation::ArrangeProfiles(order)).await,
            StoreRequest::ArrangeGroups(groups) => {
                let place = |(path, collapsed)| GroupPlace { path, collapsed };
                self.arrange(Operation::ArrangeGroups(groups.into_iter().map(place).collect())).await;
            }
            StoreRequest::Fields { id, copy } => {
                let project = self.project.clone();
                let profile = self.blocking(move |vault| profile_by_id(vault, project.as_deref(), id)).await;
                match profile {
                    Ok(profile) => {
                        self.tell(StoreEvent::Fields(Box::new(fields_of(&profile, copy)))).await;
                        if copy && profile.secret.is_some_and(|secret| secret.for_a_copy().is_none()) {
                            let _ = self.events.send(Event::Notice(Notice::warning(SecretSource::NOT_COPIED))).await;
                        }
                    }
                    Err(why) => self.tell(StoreEvent::SaveFailed(why.into())).await,
                }
            }
            StoreRequest::Test { ticket, fields } => self.test(ticket, *fields),
            StoreRequest::SaveSignedIn { ticket, chosen } => self.save_signed_in(ticket, chosen),
        }
    }

    /// Tells the state; unlocks the store before if a way to that asks nobody.
    async fn load(&self) {
        if self.vault.state() == VaultState::Locked {
            let options = Arc::clone(&self.options);
            let vault = Arc::clone(&self.vault);
            let result = spawn_blocking(move || vault.unlock(&options, None)).await;
            match result {
                // Nobody can be asked without a prompt: that is what the screen's prompt is for.
                Ok(Ok(_) | Err(VaultError::NobodyToAsk { .. })) => {}
                Ok(Err(error)) if !a_passphrase_may_help(&error) => {
                    let broken = StoreState::Broken(error.to_string());
                    self.tell_known(self.known(Some(broken)).await).await;
                    return;
                }
                Ok(Err(error)) => {
                    self.tell_state().await;
                    self.tell(StoreEvent::UnlockFailed(error.to_string())).await;
                    return;
                }
                Err(fault) => self.tell(StoreEvent::UnlockFailed(fault.to_string())).await,
            }
        }
        self.tell_state().await;
    }

    async fn create(&mut self, how: NewStore) {
        let key = match how {
            NewStore::Passphrase(passphrase) => NewKey::Passphrase(passphrase),
            NewStore::KeyFile => NewKey::KeyFile,
            NewStore::OwnKey(path) => NewKey::ExistingIdentity(expanded(&path)),
        };
        match self.blocking(move |vault| vault.create(key)).await {
            Ok(created) => {
                self.recovery_key = Some(created.recovery_key);
                self.tell_state().await;
            }
            Err(why) => self.tell(StoreEvent::SaveFailed(why.into())).await,
        }
    }

    async fn save(&mut self, fields: ProfileFields) {
        let name = fields.value("name").to_owned();
        let is_new = fields.id.is_none();
        let profile = self.blocking(move |vault| Ok::<_, String>(to_profile(vault, &fields))).await;
        match profile {
            Ok(Ok(profile)) if is_new => {
                self.edit(Operation::Add(Box::new(profile)), format!("Saved the new profile {name}.")).await;
            }
            Ok(Ok(profile)) => {
                self.edit(Operation::Update(Box::new(profile)), format!("Saved {name}.")).await;
            }
            Ok(Err(unfit)) => self.tell(StoreEvent::SaveFailed(unfit)).await,
            Err(why) => self.tell(StoreEvent::SaveFailed(why.into())).await,
        }
    }

    /// Whether it was saved; both is told.
    async fn edit(&mut self, operation: Operation, text: String) -> bool {
        let made = match &operation {
            Operation::Add(profile) => Some(Made::Profile(profile.id)),
            Operation::RenameGroup { to, .. } => Some(Made::Group(to.clone())),
            _ => None,
        };
        let why = match self.blocking(move |vault| Ok::<_, String>(vault.edit(operation))).await {
            Ok(Ok(_)) => {
                self.tell_state().await;
                let recovery_key = self.recovery_key.take();
                self.tell(StoreEvent::Saved { text, recovery_key, made }).await;
                return true;
            }
            Ok(Err(error)) => unsaved(&error),
            Err(why) => why.into(),
        };
        self.tell(StoreEvent::SaveFailed(why)).await;
        false
    }

    /// The screen shows the new order already; only a failure is told.
    async fn arrange(&self, operation: Operation) {
        if let Err(why) = self.blocking(move |vault| vault.edit(operation)).await {
            let text = format!("The order of the sidebar was not saved: {why}");
            let _ = self.events.send(Event::Notice(Notice::warning(text))).await;
        }
    }

    async fn read_import(&mut self, ticket: u64, file: String, key: String) {
        let path = |text: &str| (!text.is_empty()).then(|| expanded(text));
        let (from, opener, named) = (path(&file), path(&key), self.options.identity.clone());
        let rules = self.rules;
        let read = move |vault: &Vault| {
            Ok::<_, String>(sharing::read_import(vault, ticket, from, opener.as_deref(), named.as_deref(), rules))
        };
        let result = self.blocking(read).await;
        match result.unwrap_or_else(|why| Err(Unread { why, wants_key: false })) {
            Ok((reading, list)) => {
                self.reading = Some(reading);
                self.tell(StoreEvent::Import(Box::new(list))).await;
            }
            Err(Unread { why, wants_key: true }) => self.tell(StoreEvent::ImportKeyWanted { file, key, why }).await,
            Err(Unread { why, .. }) => {
                let notice = Notice::error(format!("Nothing to import: {why}"));
                let _ = self.events.send(Event::Notice(notice)).await;
            }
        }
    }

    async fn apply_import(&mut self, ticket: u64, choices: Vec<Choice>) {
        let Some(mut reading) = self.reading.take().filter(|reading| reading.ticket == ticket) else {
            let why = "Another file was read meanwhile; import this one again.".to_owned();
            return self.tell(StoreEvent::SaveFailed(why.into())).await;
        };
        let taken = choices.iter().filter(|choice| **choice != Choice::Skip).count();
        match self.blocking(move |vault| sharing::operation(vault, &mut reading, &choices)).await {
            Ok(operation) => {
                self.edit(operation, format!("Imported {}.", number_of(taken, "profile"))).await;
            }
            Err(why) => self.tell(StoreEvent::SaveFailed(why.into())).await,
        }
    }

    /// Keeps the moment; where that fails nobody has to know.
    fn used(&self, id: ProfileId) {
        let (Some(dir), events) = (self.state_dir.clone(), self.events.clone()) else { return };
        tokio::spawn(async move {
            if let Ok(Ok(at)) = spawn_blocking(move || last_used::note(&dir, id)).await {
                let _ = events.send(Event::Store(StoreEvent::Used { id, at })).await;
            }
        });
    }

    /// Runs beside the other requests: a server that does not answer holds up no save.
    fn test(&self, ticket: u64, fields: ProfileFields) {
        let (vault, events, timeouts) = (Arc::clone(&self.vault), self.events.clone(), self.timeouts);
        tokio::spawn(async move {
            let known = Arc::clone(&vault);
            let profile = spawn_blocking(move || to_profile_for_test(&known, &fields)).await;
            let result = match profile {
                Ok(Ok(profile)) => test_form(profile, timeouts, vault).await,
                Ok(Err(unfit)) => Err(unfit.why),
                Err(fault) => Err(fault.to_string()),
            };
            let _ = events.send(Event::Store(StoreEvent::Tested { ticket, result })).await;
        });
    }

    /// Runs beside the other requests, as a test does.
    fn save_signed_in(&mut self, ticket: u64, chosen: Vec<usize>) {
        let task = Self {
            vault: Arc::clone(&self.vault),
            options: Arc::clone(&self.options),
            rules: self.rules,
            events: self.events.clone(),
            recovery_key: None,
            project: self.project.clone(),
            state_dir: self.state_dir.clone(),
            reading: None,
            // What is to be said of the project's file is said by the task itself.
            warned: AtomicBool::new(true),
            sign_ins: self.sign_ins.clone(),
            locks: self.locks.clone(),
            told: Arc::clone(&self.told),
            timeouts: self.timeouts,
        };
        let recovery_key = self.recovery_key.take();
        tokio::spawn(async move {
            let saved = task.sign_ins.save(ticket, &chosen, &task.vault, task.timeouts, &task.events).await;
            task.tell_state().await;
            let text = match saved {
                0 => None,
                1 => Some("Saved one profile of the cloud.".to_owned()),
                more => Some(format!("Saved {more} profiles of the cloud.")),
            };
            if text.is_some() || recovery_key.is_some() {
                let text = text.unwrap_or_else(|| "Made the store of profiles.".to_owned());
                task.tell(StoreEvent::Saved { text, recovery_key, made: None }).await;
            }
        });
    }

    /// Tells the profiles where a connection has just read them from a store that another program has changed.
    async fn tell_news(&self) {
        let known = self.known(None).await;
        let changed = *self.told.lock().unwrap_or_else(PoisonError::into_inner) != known.listed;
        if changed && matches!(known.state, StoreState::Unlocked | StoreState::ReadOnly(_)) {
            self.tell_known(known).await;
        }
    }

    /// What the store says now, and what follows from it for the locks. `broken`: why it is not to be read.
    async fn known(&self, broken: Option<StoreState>) -> Known {
        let (vault, project, locks, rules, state_dir) = (
            Arc::clone(&self.vault),
            self.project.clone(),
            self.locks.known.clone(),
            self.rules,
            self.state_dir.clone(),
        );
        let known = spawn_blocking(move || {
            let known = match broken {
                Some(state) => Known::with_project(state.into(), project.as_deref(), &locks, rules),
                None => Known::read(&vault, project.as_deref(), &locks, rules),
            };
            Known { used: state_dir.as_deref().map(LastUsed::read).unwrap_or_default(), ..known }
        });
        known.await.unwrap_or_else(|fault| StoreState::Broken(fault.to_string()).into())
    }

    async fn tell_state(&self) {
        self.tell_known(self.known(None).await).await;
    }

    /// Tells what is known.
    async fn tell_known(&self, known: Known) {
        let Known { state, profiles, listed, groups, problems, used } = known;
        let open_at_start = profiles.iter().filter(|p| p.open_at_start).map(|p| p.name.clone()).collect();
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&listed);
        self.warn_of_project(&profiles, &state).await;
        let with_use = |one: ProfileSummary| ProfileSummary { last_used: used.seconds(one.id), ..one };
        let profiles = listed.into_iter().map(with_use).collect();
        self.tell(StoreEvent::Groups(groups)).await;
        self.tell(StoreEvent::State { state, profiles, open_at_start }).await;
        for problem in problems {
            let _ = self.events.send(Event::Notice(Notice::warning(problem))).await;
        }
    }

    /// Says once what of the project's file should be looked at before it is opened.
    async fn warn_of_project(&self, known: &[Profile], state: &StoreState) {
        let Some(project) = self.project.as_ref().filter(|_| matches!(state, StoreState::Unlocked)) else { return };
        if self.warned.swap(true, Ordering::Relaxed) {
            return;
        }
        for profile in &project.profiles {
            let text = match known.iter().any(|known| known.name == profile.name) {
                true => Some(project::shadowed(&profile.name)),
                false => project::warning(profile, known),
            };
            if let Some(text) = text {
                let _ = self.events.send(Event::Notice(Notice::warning(text))).await;
            }
        }
    }

    async fn tell(&self, event: StoreEvent) {
        // The loop that would hear it may have ended.
        let _ = self.events.send(Event::Store(event)).await;
    }

    /// Does something with the vault on a blocking thread; errors become their sentences.
    async fn blocking<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
        &self,
        work: impl FnOnce(&Vault) -> Result<T, E> + Send + 'static,
    ) -> Result<T, String> {
        let vault = Arc::clone(&self.vault);
        match spawn_blocking(move || work(&vault)).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(fault) => Err(format!("an internal fault in the store of profiles: {fault}. Please report it.")),
        }
    }
}

/// Whether to ask for a passphrase after that failure, instead of saying that the store cannot be used.
fn a_passphrase_may_help(error: &VaultError) -> bool {
    !matches!(
        error,
        VaultError::Empty { .. }
            | VaultError::NotAge { .. }
            | VaultError::Damaged { .. }
            | VaultError::TooLarge { .. }
            | VaultError::TooMuchWork { .. }
            | VaultError::NotToml { .. }
            | VaultError::BadDocument { .. }
            | VaultError::NotPrivate { .. }
            | VaultError::NoIdentity { .. }
            | VaultError::NotAKey { .. }
            | VaultError::WrongKey { .. }
            | VaultError::File { .. }
    )
}

/// A typed path, with the home directory for a `~` at its start as a shell has it.
pub(super) fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), directories::BaseDirs::new()) {
        (Some(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
