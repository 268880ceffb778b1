//! Pages of an index.
//!
//! The first page opens a point in time: the index as it is then, which the server keeps for
//! [`KEEP`] after the last page of it. All pages are read from it, each behind the sort values of the last
//! record before, so that each record comes once, whatever is written meanwhile, and a page can be read
//! again. The cursor holds both. An order that is unique within a point in time is `_shard_doc`; OpenSearch has
//! it from 3.3, before that it is `_doc` and `_id`.

use reqwest::Method;
use serde_json::{Value, json};

use super::connection::Product;
use super::documents::Found;
use super::mapping::Index;
use super::{Elasticsearch, documents};
use crate::provider::model::{Cursor, Page, PageRequest};
use crate::provider::{ProviderError, Result};

/// How long the server keeps a point in time for the next page.
const KEEP: &str = "5m";
/// The most records in one answer (`index.max_result_window`).
const MOST: usize = 10_000;

/// The inside of a [`Cursor`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Position {
    /// The point in time.
    pub(super) pit: String,
    /// The sort values of the last record.
    pub(super) after: Value,
}

impl Position {
    fn cursor(&self) -> Cursor {
        Cursor(json!([self.pit, self.after]).to_string())
    }

    /// Reads a cursor that [`Position::cursor`] made.
    ///
    /// # Errors
    /// `BadRequest` for any other text.
    pub(super) fn read(cursor: &Cursor) -> Result<Self> {
        let parsed: Option<(String, Value)> = serde_json::from_str(&cursor.0).ok();
        let position = parsed.filter(|(_, after)| after.is_array()).map(|(pit, after)| Self { pit, after });
        position.ok_or_else(|| ProviderError::BadRequest {
            cause: "this cursor was not made by an Elasticsearch connection".to_owned(),
            mend: "Start again from the first page.".to_owned(),
        })
    }
}

fn order(product: &Product) -> Value {
    if product.open && !product.is_from(3, 3) {
        json!([{ "_doc": "asc" }, { "_id": "asc" }])
    } else {
        json!([{ "_shard_doc": "asc" }])
    }
}

impl Elasticsearch {
    /// One page.
    pub(super) async fn read_page(&self, collection: &str, request: &PageRequest) -> Result<Page> {
        let before = request.cursor.as_ref().map(Position::read).transpose()?;
        if request.limit == 0 || request.limit >= MOST {
            return Err(ProviderError::BadRequest {
                cause: format!("a page of {} records was asked for", request.limit),
                mend: format!("Ask for 1 to {}.", MOST - 1),
            });
        }
        let index = self.resolve(collection).await?;
        let query = self.query(&index, request.filter.as_ref())?;
        let pit = match &before {
            Some(position) => position.pit.clone(),
            None => self.open_pit(&index).await?,
        };
        let mut body = json!({
            "size": request.limit + 1,
            "pit": { "id": pit, "keep_alive": KEEP },
            "sort": order(&self.product),
            "query": query,
            "_source": documents::source(&index, request.with_vectors, self.hides_vectors()),
            "track_total_hits": false,
        });
        if let Some(position) = &before {
            body["search_after"] = position.after.clone();
        }
        let parameters = [("allow_partial_search_results", "false")];
        let answer = match self.http.read("page", Method::POST, &["_search"], &parameters, Some(&body)).await? {
            Ok(answer) => answer,
            Err(refusal) if refusal.status == 404 && before.is_some() => {
                return Err(ProviderError::BadRequest {
                    cause: "the server has let go of the point in time that this page belongs to (5 minutes without \
                            a question)"
                        .to_owned(),
                    mend: "Start again from the first page.".to_owned(),
                });
            }
            Err(refusal) => return Err(self.refused(collection, refusal)),
        };
        self.cut(&index, request, pit, answer, before.is_none()).await
    }

    async fn cut(
        &self,
        index: &Index,
        request: &PageRequest,
        pit: String,
        mut answer: Found,
        first: bool,
    ) -> Result<Page> {
        // It may get another name with each page.
        let pit = answer.pit_id.take().unwrap_or(pit);
        let found = answer.hits();
        let more = found.len() > request.limit;
        let last = found.get(request.limit - 1).and_then(|hit| hit.sort.clone());
        let records = found.into_iter().take(request.limit);
        let records = records.map(|hit| documents::record(index, hit, request.with_vectors));
        let records = records.collect::<std::result::Result<Vec<_>, _>>();
        let records = records.map_err(|cause| self.http.bad_answer(cause))?;
        if !more {
            if first {
                self.close_pit(&pit).await;
            }
            return Ok(Page { records, next: None });
        }
        let after = last.ok_or_else(|| self.http.bad_answer("a hit without sort values"))?;
        Ok(Page { records, next: Some(Position { pit, after }.cursor()) })
    }

    async fn open_pit(&self, index: &Index) -> Result<String> {
        let path: &[&str] =
            if self.product.open { &[&index.name, "_search", "point_in_time"] } else { &[&index.name, "_pit"] };
        let answer = self.http.ask("point in time", Method::POST, path, &[("keep_alive", KEEP)], None).await?;
        let answer = answer.map_err(|refusal| self.refused(&index.name, refusal))?;
        let id = answer.get(if self.product.open { "pit_id" } else { "id" }).and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| self.http.bad_answer("a point in time without an id"))
    }

    /// Nobody can come back to it: it need not wait for its end. If this fails, it ends by itself.
    async fn close_pit(&self, pit: &str) {
        let (path, body): (&[&str], _) = if self.product.open {
            (&["_search", "point_in_time"], json!({ "pit_id": [pit] }))
        } else {
            (&["_pit"], json!({ "id": pit }))
        };
        if let Err(error) = self.http.ask("end of a page", Method::DELETE, path, &[], Some(&body)).await {
            tracing::debug!(%error, "a point in time was not closed");
        }
    }
}
