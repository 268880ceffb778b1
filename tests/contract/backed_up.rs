//! A backup, for the suite: what a case writes goes into a database in memory that can hold everything, and before
//! the next question that is backed up into a new directory, which the provider under test reads.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use vector_inspector::jobs::backup::{Wish, run};
use vector_inspector::jobs::{Control, Meter, Side};
use vector_inspector::provider::{Capabilities, ConnectSpec, Provider, ProviderKind, connect};

use crate::read_here::Here;

/// The newest backup of a database in memory.
pub struct BackedUp {
    there: Arc<dyn Provider>,
    home: PathBuf,
    made: AtomicUsize,
    /// `None` since the last write.
    newest: Mutex<Option<Arc<dyn Provider>>>,
}

impl BackedUp {
    /// Backups of that database, in directories of `home`.
    pub fn new(there: Arc<dyn Provider>, home: &Path) -> Self {
        Self { there, home: home.to_owned(), made: AtomicUsize::new(0), newest: Mutex::default() }
    }
}

#[async_trait]
impl Here for BackedUp {
    fn capabilities(&self) -> &Capabilities {
        &ProviderKind::ParquetBackup.maker().capabilities
    }

    async fn now(&self) -> Arc<dyn Provider> {
        let mut newest = self.newest.lock().await;
        if let Some(provider) = &*newest {
            return Arc::clone(provider);
        }
        let dir = self.home.join(self.made.fetch_add(1, Ordering::Relaxed).to_string());
        let source = Side {
            label: "memory".to_owned(),
            provider: Arc::clone(&self.there),
            collection: String::new(),
            request: Duration::from_secs(30),
        };
        // Small files: a collection of some records has several.
        let wish = Wish { collections: Vec::new(), part_bytes: 20_000, prove: false };
        run(&dir, "memory", &source, &wish, &Control::default(), &mut Meter::silent()).await.expect("a backup");
        let spec = ConnectSpec::directory(ProviderKind::ParquetBackup, &dir);
        let opened: Arc<dyn Provider> = connect(&spec).await.expect("the backup opens").into();
        *newest = Some(Arc::clone(&opened));
        opened
    }

    async fn changed(&self) {
        *self.newest.lock().await = None;
    }
}
