//! A collection of any size for the fake Qdrant server: its records are made up when a page is asked
//! for, so that a million of them cost no memory and no time to load. Used by `benches/figures`, not by every test that has the fake server.
#![allow(dead_code)]

use ::qdrant_client::qdrant::*;

/// Such a collection. The ids count from 0.
#[derive(Clone, Debug)]
pub struct Many {
    /// Its name.
    pub name: String,
    /// How many records it has.
    pub records: u64,
    /// The dimension of its vectors.
    pub dimension: usize,
}

impl Many {
    /// What the server says about the collection.
    pub fn info(&self) -> CollectionInfo {
        let vectors =
            VectorParams { size: self.dimension as u64, distance: Distance::Cosine.into(), ..VectorParams::default() };
        let config = VectorsConfig { config: Some(vectors_config::Config::Params(vectors)) };
        let params = CollectionParams { vectors_config: Some(config), ..CollectionParams::default() };
        CollectionInfo {
            status: CollectionStatus::Green.into(),
            points_count: Some(self.records),
            config: Some(CollectionConfig { params: Some(params), ..CollectionConfig::default() }),
            ..CollectionInfo::default()
        }
    }

    /// A page of it.
    pub fn page(&self, request: &ScrollPoints) -> ScrollResponse {
        let from = match request.offset.as_ref().and_then(|id| id.point_id_options.as_ref()) {
            Some(point_id::PointIdOptions::Num(n)) => *n,
            Some(point_id::PointIdOptions::Uuid(_)) | None => 0,
        };
        let to = (from + u64::from(request.limit.unwrap_or(10))).min(self.records);
        let with_vectors = request.with_vectors.as_ref().is_some_and(|selector| {
            selector.selector_options == Some(with_vectors_selector::SelectorOptions::Enable(true))
        });
        ScrollResponse {
            result: (from..to).map(|n| self.record(n, with_vectors)).collect(),
            next_page_offset: (to < self.records).then(|| to.into()),
            ..ScrollResponse::default()
        }
    }

    fn record(&self, n: u64, with_vectors: bool) -> RetrievedPoint {
        let payload = [
            ("title", Value::from(format!("Record number {n}"))),
            ("year", Value::from(1900 + (n % 125).cast_signed())),
            ("score", Value::from((n % 1000) as f64 / 1000.0)),
            ("open", Value::from(n.is_multiple_of(2))),
        ];
        let vectors = with_vectors.then(|| {
            let data = (0..self.dimension).map(|i| ((n as usize + i) % 97) as f32 / 97.0).collect();
            let vector =
                VectorOutput { vector: Some(vector_output::Vector::Dense(DenseVector { data })), ..Default::default() };
            VectorsOutput { vectors_options: Some(vectors_output::VectorsOptions::Vector(vector)) }
        });
        RetrievedPoint {
            id: Some(n.into()),
            payload: payload.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            vectors,
            ..RetrievedPoint::default()
        }
    }
}
