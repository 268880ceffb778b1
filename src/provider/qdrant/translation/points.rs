//! Points: records, hits, and what an upsert sends.

use qdrant_client::qdrant::{PointStruct, RetrievedPoint, ScoredPoint};

use super::super::wire;
use super::ids::{from_id, to_id};
use super::payload::{from_payload, to_payload};
use super::vectors::{from_vectors, to_vectors};
use crate::provider::model::{Hit, Metric, Record, Score};
use crate::provider::{ProviderError, Result};

/// A record of a page, or what is wrong with the answer.
pub(in crate::provider::qdrant) fn listed(
    point: wire::Point,
    with_vectors: bool,
) -> std::result::Result<Record, String> {
    let payload = point.payload.into_iter().map(|field| (field.key, field.value.unwrap_or_default()));
    Ok(Record {
        id: from_id(point.id)?,
        vectors: if with_vectors { Some(from_vectors(point.vectors)?) } else { None },
        payload: from_payload(payload)?,
        text: None,
    })
}

/// A record, or what is wrong with the answer.
pub(in crate::provider::qdrant) fn record(
    point: RetrievedPoint,
    with_vectors: bool,
) -> std::result::Result<Record, String> {
    Ok(Record {
        id: from_id(point.id)?,
        vectors: if with_vectors { Some(from_vectors(point.vectors)?) } else { None },
        payload: from_payload(point.payload)?,
        text: None,
    })
}

/// A hit, or what is wrong with the answer. Qdrant returns similarities for cosine and dot and
/// plain distances for euclidean and manhattan, which is what our scores mean.
pub(in crate::provider::qdrant) fn hit(
    point: ScoredPoint,
    metric: Metric,
    with_vectors: bool,
) -> std::result::Result<Hit, String> {
    let score = Score::new(point.score, metric);
    let found = RetrievedPoint {
        id: point.id,
        payload: point.payload,
        vectors: point.vectors,
        shard_key: point.shard_key,
        order_value: point.order_value,
    };
    Ok(Hit { record: record(found, with_vectors)?, score })
}

/// What an upsert sends for the record.
///
/// # Errors
/// `BadRequest` for what Qdrant cannot hold: rather nothing is written than less than the record.
pub(in crate::provider::qdrant) fn point(record: Record) -> Result<PointStruct> {
    let name = record.id.to_string();
    let refuse = |cause: String, mend: &str| ProviderError::BadRequest {
        cause: format!("the record {name} cannot be stored: {cause}"),
        mend: mend.to_owned(),
    };
    let id = to_id(&record.id).ok_or_else(|| {
        refuse(
            "Qdrant's ids are whole numbers from 0 to 18446744073709551615 or UUIDs".to_owned(),
            "Give it such an id, for example a UUID made from its own.",
        )
    })?;
    if record.text.is_some() {
        return Err(refuse(
            "Qdrant has no place for a text beside the payload".to_owned(),
            "Put the text into a payload field.",
        ));
    }
    let vectors = record.vectors.ok_or_else(|| {
        refuse(
            "its vectors were not loaded, and storing it without would delete them".to_owned(),
            "Load it with its vectors first.",
        )
    })?;
    let payload = to_payload(record.payload).map_err(|cause| refuse(cause, "Store that value as text."))?;
    Ok(PointStruct { id: Some(id), payload, vectors: Some(to_vectors(vectors)) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use prost::Message;
    use qdrant_client::qdrant::vector_output::Vector::Dense;
    use qdrant_client::qdrant::vectors_output::VectorsOptions;
    use qdrant_client::qdrant::{DenseVector, OrderValue, ScrollResponse, VectorOutput, VectorsOutput};

    use super::*;
    use crate::provider::model::{Payload, RecordId, Vectors};

    fn sample() -> Record {
        Record {
            id: RecordId::from(7_u64),
            vectors: Some(Vectors::unnamed(vec![1.0])),
            payload: Payload::new(),
            text: None,
        }
    }

    #[test]
    fn nothing_is_stored_that_would_lose_a_part_of_the_record() {
        assert!(point(sample()).is_ok());
        let text_id = Record { id: RecordId::from("seven"), ..sample() };
        assert!(point(text_id).unwrap_err().to_string().contains("UUID"));
        let document = Record { text: Some("once".to_owned()), ..sample() };
        assert!(point(document).unwrap_err().to_string().contains("payload field"));
        let bare = Record { vectors: None, ..sample() };
        assert!(point(bare).unwrap_err().to_string().contains("not loaded"));
    }

    /// What `qdrant-client` makes of the same bytes is the measure.
    #[test]
    fn a_listed_point_is_read_as_the_generated_types_read_it() {
        let payload = serde_json::json!({
            "z": null, "a": [1, 2.5, "x", { "deep": [true] }], "o": { "b": 1, "a": i64::MIN }, "": false, "ö": "ü",
        });
        let theirs = RetrievedPoint {
            id: to_id(&RecordId::Uuid(uuid::Uuid::from_u128(7))),
            payload: to_payload(payload.as_object().unwrap().clone()).unwrap(),
            vectors: Some(VectorsOutput {
                vectors_options: Some(VectorsOptions::Vector(VectorOutput {
                    vector: Some(Dense(DenseVector { data: vec![0.5, -1.0] })),
                    ..VectorOutput::default()
                })),
            }),
            order_value: Some(OrderValue::default()),
            ..RetrievedPoint::default()
        };
        let response = ScrollResponse {
            next_page_offset: to_id(&RecordId::from(9_u64)),
            result: vec![theirs.clone(), RetrievedPoint { id: theirs.id.clone(), ..RetrievedPoint::default() }],
            time: 0.5,
            ..ScrollResponse::default()
        };
        let ours = wire::ScrollResponse::decode(response.encode_to_vec().as_slice()).unwrap();
        assert_eq!(ours.next_page_offset, response.next_page_offset);
        for (ours, theirs) in ours.result.into_iter().zip(response.result) {
            for with_vectors in [false, true] {
                let (ours, theirs) = (listed(ours.clone(), with_vectors), record(theirs.clone(), with_vectors));
                let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
                assert_eq!(ours.to_json().to_string(), theirs.to_json().to_string());
                assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn of_a_field_that_comes_twice_the_later_counts() {
        let field = |value: i64| wire::Field { key: "n".to_owned(), value: Some(value.into()) };
        let point = wire::Point {
            id: to_id(&RecordId::from(1_u64)),
            payload: vec![field(1), field(2)],
            ..wire::Point::default()
        };
        assert_eq!(listed(point, false).unwrap().payload["n"], 2);
    }

    #[test]
    fn vectors_are_none_when_not_asked_for_and_empty_when_there_are_none() {
        let found = || RetrievedPoint { id: to_id(&RecordId::from(1_u64)), ..RetrievedPoint::default() };
        assert_eq!(record(found(), false).unwrap().vectors, None);
        assert_eq!(record(found(), true).unwrap().vectors, Some(Vectors::default()));
    }
}
