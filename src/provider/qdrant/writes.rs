//! The writing half: create, upsert, delete, drop. Each write waits until the server has applied it,
//! and is sent once: a repetition is the user's decision.

use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::{
    DeleteCollection, DeletePoints, PointsIdsList, PointsOperationResponse, PointsSelector, UpdateStatus, UpsertPoints,
};

use super::{Qdrant, translation};
use crate::provider::model::{CollectionSpec, Record, RecordId};
use crate::provider::{ProviderError, Result};

impl Qdrant {
    pub(super) async fn create(&self, spec: &CollectionSpec) -> Result<()> {
        let request = translation::create_request(spec)?;
        let answer = self.connection.collections().create(request).await;
        match answer.map_err(|status| self.connection.failed_in(&spec.name, status))?.into_inner().result {
            true => Ok(()),
            false => Err(self.server_error("the collection was not created, and the server does not say why")),
        }
    }

    pub(super) async fn discard(&self, collection: &str) -> Result<()> {
        let request = DeleteCollection { collection_name: collection.to_owned(), timeout: None };
        let answer = self.connection.collections().delete(request).await;
        match answer.map_err(|status| self.connection.failed_in(collection, status))?.into_inner().result {
            true => Ok(()),
            // The server takes the deletion of what is not there for done.
            false => Err(ProviderError::NoSuchCollection { collection: collection.to_owned() }),
        }
    }

    pub(super) async fn put(&self, collection: &str, records: Vec<Record>) -> Result<()> {
        let points = records.into_iter().map(translation::point).collect::<Result<Vec<_>>>()?;
        if points.is_empty() {
            // The server refuses an empty batch; that the collection is there is still asked.
            return self.info(collection).await.map(drop);
        }
        let request = UpsertPoints {
            collection_name: collection.to_owned(),
            wait: Some(true),
            points,
            ..UpsertPoints::default()
        };
        let answer = self.connection.points().upsert(request).await;
        self.applied(answer.map_err(|status| self.connection.failed_in(collection, status))?.into_inner())
    }

    pub(super) async fn remove(&self, collection: &str, ids: &[RecordId]) -> Result<()> {
        let ids: Vec<_> = ids.iter().filter_map(translation::to_id).collect();
        if ids.is_empty() {
            return self.info(collection).await.map(drop);
        }
        let selector = PointsSelectorOneOf::Points(PointsIdsList { ids });
        let request = DeletePoints {
            collection_name: collection.to_owned(),
            wait: Some(true),
            points: Some(PointsSelector { points_selector_one_of: Some(selector) }),
            ..DeletePoints::default()
        };
        let answer = self.connection.points().delete(request).await;
        self.applied(answer.map_err(|status| self.connection.failed_in(collection, status))?.into_inner())
    }

    /// Whether the write took effect. One that was only taken note of is not reported as done.
    fn applied(&self, answer: PointsOperationResponse) -> Result<()> {
        let result = answer.result.ok_or_else(|| self.connection.bad_answer("the result of the write is missing"))?;
        match result.status() {
            UpdateStatus::Completed => Ok(()),
            UpdateStatus::Acknowledged | UpdateStatus::WaitTimeout => Err(self.server_error(
                "it took the write but has not applied it yet; the write may still take effect, so look before you repeat it",
            )),
            UpdateStatus::ClockRejected => Err(self.server_error("it rejected the write as outdated")),
            UpdateStatus::UnknownUpdateStatus => {
                Err(self.connection.bad_answer("the result of the write is of a kind that this program does not know"))
            }
        }
    }

    fn server_error(&self, cause: &str) -> ProviderError {
        ProviderError::Server { address: self.connection.server.to_string(), cause: cause.to_owned() }
    }
}
