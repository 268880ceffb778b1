//! Signing in to clouds for the screen: asks in the background, keeps what was found with its secrets, and
//! tests and saves what was chosen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc::Sender;
use tokio_util::task::AbortOnDropHandle;

use super::signed::{self, Tested};
use crate::app::event::{Event, SignInEvent, SignInSaid};
use crate::app::overlay::sign_in::Row;
use crate::cloud::{self, Answers, Cloud, Offer};
use crate::profile::oidc::device::Code;
use crate::profile::vault::{Vault, VaultError};
use crate::provider::Timeouts;

/// The sign-in that is under way, if one is; clones are the same one.
#[derive(Clone, Default)]
pub struct SignIns(Arc<Mutex<Present>>);

#[derive(Default)]
struct Present {
    _asking: Option<AbortOnDropHandle<()>>,
    found: Option<(u64, Vec<Offer>)>,
}

impl SignIns {
    fn present(&self) -> MutexGuard<'_, Present> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks what is there; an earlier question is ended.
    pub fn find(&self, ticket: u64, cloud: Cloud, answers: Box<Answers>, events: Sender<Event>) {
        let this = self.clone();
        let asking = tokio::spawn(async move {
            let codes = events.clone();
            let show = move |code: &Code| {
                let said = SignInSaid::Code { page: code.page.clone(), code: code.code.clone() };
                // A full channel means a stalled screen: nobody could read the code either.
                let _ = codes.try_send(Event::SignIn(SignInEvent { ticket, said }));
            };
            let found = cloud::find(cloud, &answers, &show).await;
            let rows = found.map_err(|error| error.to_string()).map(|offers| {
                let row = |offer: &Offer| Row::new(&offer.profile.name, &offer.profile.address, &offer.detail);
                let rows = offers.iter().map(row).collect();
                this.present().found = Some((ticket, offers));
                rows
            });
            let _ = events.send(Event::SignIn(SignInEvent { ticket, said: SignInSaid::Found(rows) })).await;
        });
        let asking = AbortOnDropHandle::new(asking);
        *self.present() = Present { _asking: Some(asking), found: None };
    }

    /// Ends what is under way and forgets what was found.
    pub fn end(&self) {
        *self.present() = Present::default();
    }

    fn chosen(&self, ticket: u64, chosen: &[usize]) -> Vec<(usize, Offer)> {
        match &self.present().found {
            Some((of, offers)) if *of == ticket => {
                chosen.iter().filter_map(|at| Some((*at, offers.get(*at)?.clone()))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Tests what was chosen, all at once, and saves what answers. How many were saved.
    pub async fn save(&self, ticket: u64, chosen: &[usize], vault: &Arc<Vault>, events: &Sender<Event>) -> usize {
        let mut tests: FuturesUnordered<_> = self
            .chosen(ticket, chosen)
            .into_iter()
            .map(|(row, offer)| async move { (row, signed::test(offer.profile, Timeouts::default()).await) })
            .collect();
        let mut saved = 0;
        while let Some((row, tested)) = tests.next().await {
            let result = save_one(tested, Arc::clone(vault)).await;
            saved += usize::from(result.is_ok());
            let _ = events.send(Event::SignIn(SignInEvent { ticket, said: SignInSaid::Ended { row, result } })).await;
        }
        let _ = events.send(Event::SignIn(SignInEvent { ticket, said: SignInSaid::Done })).await;
        saved
    }
}

async fn save_one(tested: Tested, vault: Arc<Vault>) -> Result<String, String> {
    let Tested { profile, server } = tested;
    let server = server.map_err(|error| error.to_string())?;
    let saving = tokio::task::spawn_blocking(move || {
        let (operation, profile, is_new) = signed::operation(profile, &vault.profiles()?);
        vault.edit(operation)?;
        Ok::<_, VaultError>((profile.name, is_new))
    });
    let saved = saving.await.map_err(|fault| fault.to_string())?;
    let (name, is_new) = saved.map_err(|error| error.to_string())?;
    let how = if is_new { "saved as" } else { "brought up to date:" };
    Ok(format!("{how} {name} ({} {})", server.product, server.version))
}
