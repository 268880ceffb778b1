//! Searches: by vectors, by records, and by text.
//!
//! GraphQL gives ids with distances or scores, REST their objects.

use std::collections::HashMap;

use uuid::Uuid;

use super::condition::Condition;
use super::graphql::{self, Search};
use super::maker::CAPABILITIES;
use super::reads::uuids;
use super::schema::Class;
use super::{PRODUCT, Place, Weaviate, filter, translation, unsupported};
use crate::provider::model::{
    Hit, Measure, Metric, NO_MODEL, Record, RecordId, Score, SearchQuery, SearchRequest, TextQuery, TextWay, Vector,
    VectorKind, VectorSpec, embedding,
};
use crate::provider::{ProviderError, Result};

/// How the numbers of an answer become scores.
#[derive(Debug, Clone, Copy)]
enum Reading {
    /// Distances of that metric.
    Distance(Metric),
    /// Scores as they are.
    Score(Measure),
}

impl Weaviate {
    /// The best hits.
    pub(super) async fn best(&self, name: &str, request: &SearchRequest) -> Result<Vec<Hit>> {
        if request.exact {
            CAPABILITIES.exact_search.require(PRODUCT)?;
        }
        let place = self.objects_of(name).await?;
        let condition = filter::translate(request.filter.as_ref(), &place.class, self.negation)?;
        let (search, reading, like) = match &request.query {
            SearchQuery::Text(query) => {
                let (search, reading) = by_text(&place.class, request.using.as_deref(), query)?;
                (search, reading, None)
            }
            query => self.by_vector(&place, request.using.as_deref(), query).await?,
        };
        if request.top == 0 || condition == Condition::Nothing {
            return Ok(Vec::new());
        }
        let limit = request.top.saturating_add(usize::from(like.is_some()));
        let query = graphql::search(&place.class.name, place.tenant.as_deref(), &condition, &search, limit);
        let mut found = self.ids(&place, "search", &query).await?;
        found.retain(|(id, _)| Some(*id) != like);
        found.truncate(request.top);
        let ids: Vec<Uuid> = found.iter().map(|(id, _)| *id).collect();
        let numbers: HashMap<Uuid, f64> = found.into_iter().map(|(id, n)| (id, n.unwrap_or(f64::NAN))).collect();
        let records = self.read_ids(&place, &ids, request.with_vectors).await?;
        let hit = |record: Record| {
            let number = match &record.id {
                RecordId::Uuid(id) => numbers.get(id).copied().unwrap_or(f64::NAN),
                RecordId::Integer(_) | RecordId::Text(_) => f64::NAN,
            };
            Hit { score: reading.score(number), record }
        };
        Ok(records.into_iter().map(hit).collect())
    }

    /// A search by a vector, or by that of a record, which must not be among the hits.
    async fn by_vector(
        &self,
        place: &Place,
        using: Option<&str>,
        query: &SearchQuery,
    ) -> Result<(Search, Reading, Option<Uuid>)> {
        let field = field(&place.class, using)?;
        let metric = metric(field)?;
        let (vector, like) = self.query(place, field, query).await?;
        Ok((Search::NearVector { field: field.name.clone(), vector }, Reading::Distance(metric), like))
    }

    /// The vector to search with, and the record that must not be among the hits.
    async fn query(&self, place: &Place, field: &VectorSpec, query: &SearchQuery) -> Result<(Vector, Option<Uuid>)> {
        let (vector, like) = match query {
            SearchQuery::Vector(vector) => (vector.clone(), None),
            SearchQuery::Text(_) => return Err(ProviderError::not_by_text(PRODUCT)),
            SearchQuery::Like(id) => {
                let found = self.read_ids(place, &uuids(std::slice::from_ref(id)), true).await?;
                let missing = || ProviderError::NoSuchRecord { collection: place.name.clone(), id: id.to_string() };
                let record = found.into_iter().next().ok_or_else(missing)?;
                let RecordId::Uuid(like) = record.id else { return Err(missing()) };
                let vector = record.vectors.and_then(|vectors| vectors.get(&field.name).cloned());
                let vector = vector.ok_or_else(|| ProviderError::BadRequest {
                    cause: format!("the record {id} has no vector {:?}", field.name),
                    mend: "Choose a record that has one.".to_owned(),
                })?;
                (vector, Some(like))
            }
        };
        Ok((checked(vector, field)?, like))
    }
}

impl Reading {
    #[allow(clippy::cast_possible_truncation)] // scores are f32 everywhere
    fn score(self, number: f64) -> Score {
        match self {
            Self::Distance(metric) => translation::score(number, metric),
            Self::Score(measure) => Score::new(number as f32, measure),
        }
    }
}

/// A search by text, if the class has what it needs.
fn by_text(class: &Class, using: Option<&str>, query: &TextQuery) -> Result<(Search, Reading)> {
    let text = query.text.clone();
    let model = || {
        let none = || match using {
            Some(name) => unsupported(format!("the vector {name:?} has no model that makes vectors of text")),
            None => unsupported(NO_MODEL),
        };
        embedding(&class.vectors, using).ok_or_else(none)
    };
    match (query.way, &query.vector) {
        (TextWay::Bm25, _) => Ok((Search::Bm25 { text }, Reading::Score(Measure::Bm25))),
        (TextWay::Near, _) => {
            let field = model()?;
            Ok((Search::NearText { text, field: field.name.clone() }, Reading::Distance(metric(field)?)))
        }
        (TextWay::Hybrid, vector) => {
            if !(0.0..=1.0).contains(&query.alpha) {
                return Err(ProviderError::BadRequest {
                    cause: format!("alpha is {}, and goes from 0 (words only) to 1 (nearness only)", query.alpha),
                    mend: "Give a number between them.".to_owned(),
                });
            }
            let field = if vector.is_some() { field(class, using)? } else { model()? };
            let vector = vector.clone().map(|values| checked(Vector::Dense(values), field)).transpose()?;
            let search = Search::Hybrid { text, field: field.name.clone(), alpha: query.alpha, vector };
            Ok((search, Reading::Score(Measure::Hybrid)))
        }
    }
}

/// What the distances of a field mean.
fn metric(field: &VectorSpec) -> Result<Metric> {
    let unknown = || unsupported(format!("the distance of the vector {:?} has no name in this program", field.name));
    field.metric.ok_or_else(unknown)
}

/// A vector of the kind that a field is searched with.
fn checked(vector: Vector, field: &VectorSpec) -> Result<Vector> {
    match (&vector, field.kind) {
        (Vector::Dense(values), VectorKind::Dense) if values.iter().all(|v| v.is_finite()) => Ok(vector),
        (Vector::Multi(rows), VectorKind::Multi) if rows.iter().flatten().all(|v| v.is_finite()) => Ok(vector),
        _ => Err(ProviderError::BadRequest {
            cause: format!(
                "the vector {:?} is searched with a {} one of finite numbers",
                field.name,
                field.kind.name()
            ),
            mend: "Give a query of that kind.".to_owned(),
        }),
    }
}

/// The vector that is searched: the one of that name, or the only (or first) one.
fn field<'a>(class: &'a Class, using: Option<&str>) -> Result<&'a VectorSpec> {
    let found = match using {
        Some(name) => class.vectors.iter().find(|vector| vector.name == name),
        None => class.vectors.first(),
    };
    found.ok_or_else(|| {
        let names: Vec<_> = class.vectors.iter().map(|vector| format!("{:?}", vector.name)).collect();
        ProviderError::BadRequest {
            cause: format!("there is no vector {:?} in {:?}", using.unwrap_or_default(), class.name),
            mend: format!("It has: {}.", if names.is_empty() { "none".to_owned() } else { names.join(", ") }),
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use serde_json::json;

    use super::*;

    fn class() -> Class {
        Class::read(json!({ "class": "Books", "vectorConfig": {
            "own": { "vectorIndexType": "hnsw", "vectorizer": { "none": {} }, "vectorIndexConfig": { "distance": "dot" } },
            "text": { "vectorIndexType": "hnsw", "vectorizer": { "text2vec-openai": {} },
                      "vectorIndexConfig": { "distance": "l2-squared" } },
        } }))
        .unwrap()
    }

    #[test]
    fn a_text_is_made_a_vector_only_where_a_model_is() {
        let near = TextQuery::new("a", TextWay::Near);
        let (search, reading) = by_text(&class(), None, &near).unwrap();
        assert!(matches!(&search, Search::NearText { field, .. } if field == "text"));
        assert_eq!(reading.score(4.0), Score::new(2.0, Metric::Euclidean));
        let error = by_text(&class(), Some("own"), &near).unwrap_err().to_string();
        assert!(error.contains("\"own\" has no model"), "{error}");
    }

    #[test]
    fn a_hybrid_search_takes_a_vector_of_its_own_and_an_alpha_in_bounds() {
        let hybrid = TextQuery { vector: Some(vec![1.0]), ..TextQuery::new("a", TextWay::Hybrid) };
        let (search, reading) = by_text(&class(), Some("own"), &hybrid).unwrap();
        assert!(matches!(&search, Search::Hybrid { field, vector: Some(_), .. } if field == "own"));
        assert_eq!(reading.score(0.5), Score::new(0.5, Measure::Hybrid));
        for alpha in [-0.1, 1.1, f32::NAN] {
            let wrong = by_text(&class(), None, &TextQuery { alpha, ..hybrid.clone() }).unwrap_err().to_string();
            assert!(wrong.contains("alpha"), "{wrong}");
        }
        let wrong = TextQuery { vector: Some(vec![f32::NAN]), ..hybrid };
        assert!(by_text(&class(), None, &wrong).is_err());
    }

    #[test]
    fn words_need_no_model_and_their_scores_are_no_metric() {
        let none = Class::read(json!({ "class": "A" })).unwrap();
        let (search, reading) = by_text(&none, None, &TextQuery::new("a", TextWay::Bm25)).unwrap();
        assert!(matches!(search, Search::Bm25 { .. }));
        assert_eq!(reading.score(3.5), Score::new(3.5, Measure::Bm25));
    }
}
