//! Signing in to clouds for the screen: asks in the background, keeps what was found with its secrets, and
//! tests and saves what was chosen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::Sender;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::signed::{self, Tested};
use crate::app::event::{Event, SignInEvent, SignInSaid};
use crate::app::overlay::sign_in::{Row, ShownCode};
use crate::cloud::model::Updates;
use crate::cloud::{self, Answers, Cloud, Offer, Told};
use crate::profile::model::Profile;
use crate::profile::vault::{Vault, VaultError};
use crate::provider::Timeouts;

/// The sign-in that is under way, if one is; clones are the same one.
#[derive(Clone, Default)]
pub struct SignIns(Arc<Mutex<Present>>);

#[derive(Default)]
struct Present {
    /// Which sign-in it is.
    ticket: u64,
    asking: Option<AbortOnDropHandle<()>>,
    saving: CancellationToken,
    offers: Option<Vec<Offer>>,
    /// What was said of each: which profile it would be saved in place of.
    said: Vec<Option<Updates>>,
}

impl Drop for Present {
    fn drop(&mut self) {
        self.saving.cancel();
    }
}

/// What becomes of those that were chosen.
enum Agreed {
    /// They are tested, and saved so.
    These(Vec<Chosen>, CancellationToken),
    /// First it is to be said what they would be saved in place of.
    Say(Vec<Option<Updates>>),
    /// They are not there any more.
    Gone,
}

struct Chosen {
    row: usize,
    offer: Offer,
    updates: Option<Updates>,
}

impl SignIns {
    fn present(&self) -> MutexGuard<'_, Present> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks what is there; an earlier question is ended.
    pub fn find(&self, ticket: u64, cloud: Cloud, answers: Box<Answers>, vault: Arc<Vault>, events: Sender<Event>) {
        let this = self.clone();
        let asking = async move {
            let said = |said| Event::SignIn(SignInEvent { ticket, said });
            let told = events.clone();
            let tell = move |what: Told<'_>| {
                let said = match what {
                    Told::Code(code) => {
                        let (page, whole) = (code.page.clone(), code.whole.clone());
                        SignInSaid::Code(ShownCode { page, whole, code: code.code.clone() })
                    }
                    Told::SignsInAt { .. } => SignInSaid::Told(what.text().unwrap_or_default()),
                };
                // A full channel means a stalled screen: nobody could read it either.
                let _ = told.try_send(Event::SignIn(SignInEvent { ticket, said }));
            };
            let what = match cloud::find(cloud, &answers, &tell).await {
                Ok(found) => {
                    // A store that is locked is read when it is saved.
                    let known = profiles(&vault).await.unwrap_or_default();
                    SignInSaid::Found { rows: this.keep(ticket, found.offers, &known), coming: found.coming }
                }
                Err(error) => SignInSaid::NotFound(error.to_string()),
            };
            let _ = events.send(said(what)).await;
        };
        // What is found at once waits for this lock, so that it is not taken for an earlier question's.
        let mut present = self.present();
        *present = Present::default();
        present.ticket = ticket;
        present.asking = Some(AbortOnDropHandle::new(tokio::spawn(asking)));
    }

    /// Keeps what was found, if it is still asked for. The rows that show it.
    fn keep(&self, ticket: u64, mut offers: Vec<Offer>, known: &[Profile]) -> Vec<Row> {
        let said = signed::plan(&mut offers, known);
        let row = |(offer, updates): (&Offer, &Option<Updates>)| {
            let profile = &offer.profile;
            Row::new(&profile.name, &profile.address, &offer.detail).updating(updates.clone())
        };
        let rows = offers.iter().zip(&said).map(row).collect();
        let mut present = self.present();
        if present.ticket == ticket {
            (present.offers, present.said) = (Some(offers), said);
        }
        rows
    }

    /// Ends what is under way and forgets what was found.
    pub fn end(&self) {
        *self.present() = Present::default();
    }

    /// Ends testing and saving; what was found is kept.
    pub fn stop_saving(&self) {
        let mut present = self.present();
        std::mem::take(&mut present.saving).cancel();
    }

    /// Those that were chosen, if what becomes of them is what was said last.
    fn agreed(&self, ticket: u64, chosen: &[usize], known: &[Profile]) -> Agreed {
        let mut present = self.present();
        let Present { ticket: of, saving, offers: Some(offers), said, .. } = &mut *present else {
            return Agreed::Gone;
        };
        if *of != ticket || chosen.iter().any(|at| *at >= offers.len()) {
            return Agreed::Gone;
        }
        let now = signed::plan(offers, known);
        let new =
            |at: &usize| matches!(now.get(*at), Some(Some(updates)) if said.get(*at) != Some(&Some(updates.clone())));
        let unsaid = chosen.iter().any(new);
        said.clone_from(&now);
        if unsaid {
            return Agreed::Say(now);
        }
        let one = |at: &usize| {
            let (offer, updates) = (offers.get(*at)?.clone(), now.get(*at).cloned().flatten());
            Some(Chosen { row: *at, offer, updates })
        };
        Agreed::These(chosen.iter().filter_map(one).collect(), saving.clone())
    }

    /// What a test has changed in a profile that was not saved: a refresh token that it cost.
    fn changed(&self, ticket: u64, row: usize, profile: Profile) {
        let mut present = self.present();
        if present.ticket == ticket
            && let Some(offer) = present.offers.as_mut().and_then(|offers| offers.get_mut(row))
        {
            offer.profile = profile;
        }
    }

    /// Tests what was chosen, all at once, and saves what answers, until it is stopped. How many were saved.
    /// `timeouts` are those of profiles that say nothing of their own.
    pub async fn save(
        &self,
        ticket: u64,
        chosen: &[usize],
        vault: &Arc<Vault>,
        timeouts: Timeouts,
        events: &Sender<Event>,
    ) -> usize {
        let say = async |said| drop(events.send(Event::SignIn(SignInEvent { ticket, said })).await);
        let known = match profiles(vault).await {
            Ok(known) => known,
            Err(why) => {
                say(SignInSaid::NotSaved(why)).await;
                return 0;
            }
        };
        let (chosen, stop) = match self.agreed(ticket, chosen, &known) {
            Agreed::These(chosen, stop) => (chosen, stop),
            Agreed::Say(updates) => {
                say(SignInSaid::Updates(updates)).await;
                return 0;
            }
            Agreed::Gone => {
                let why = "what was found is no longer there. Go back (esc), and look once more.";
                say(SignInSaid::NotSaved(why.to_owned())).await;
                return 0;
            }
        };
        let mut tests: FuturesUnordered<_> =
            chosen
                .into_iter()
                .map(|Chosen { row, offer, updates }| async move {
                    (row, updates, signed::test(offer.profile, timeouts).await)
                })
                .collect();
        let mut saved = 0;
        loop {
            let next = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                next = tests.next() => next,
            };
            let Some((row, updates, tested)) = next else {
                say(SignInSaid::Done).await;
                break;
            };
            let profile = tested.profile.clone();
            let result = save_one(tested, updates, Arc::clone(vault)).await;
            match result {
                Ok(_) => saved += 1,
                Err(_) => self.changed(ticket, row, profile),
            }
            say(SignInSaid::Ended { row, result }).await;
        }
        saved
    }
}

async fn profiles(vault: &Arc<Vault>) -> Result<Vec<Profile>, String> {
    let vault = Arc::clone(vault);
    let read = spawn_blocking(move || vault.profiles()).await.map_err(|fault| fault.to_string())?;
    read.map_err(|error| error.to_string())
}

async fn save_one(tested: Tested, said: Option<Updates>, vault: Arc<Vault>) -> Result<String, String> {
    let Tested { profile, server } = tested;
    let server = server.map_err(|error| signed::said(&error))?;
    let saving = spawn_blocking(move || {
        let known = vault.profiles()?;
        let now = signed::updates(&profile, &known);
        if now.is_some() && now != said {
            return Ok(None);
        }
        let (operation, profile, is_new) = signed::operation(profile, &known);
        vault.edit(operation)?;
        Ok::<_, VaultError>(Some((profile.name, is_new)))
    });
    let saved = saving.await.map_err(|fault| fault.to_string())?;
    let Some((name, is_new)) = saved.map_err(|error| error.to_string())? else {
        return Err("the store was changed meanwhile, and a profile leads there now. Choose it once more.".to_owned());
    };
    let how = if is_new { "saved as" } else { "brought up to date:" };
    Ok(format!("{how} {name} ({} {})", server.product, server.version))
}
