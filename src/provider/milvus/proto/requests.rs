//! `milvus.proto`: the questions and their answers. The database is named in a header of each request
//! (`connection`), so the fields for it stay empty.

use super::{Answer, CollectionSchema, FieldData, KeyValuePair, SearchResultData, Status};

/// `ConsistencyLevel`.
pub(in crate::provider::milvus) mod consistency {
    pub const STRONG: i32 = 0;
    pub const SESSION: i32 = 1;
    pub const BOUNDED: i32 = 2;
    pub const EVENTUALLY: i32 = 3;
}

/// `LoadState`.
pub(in crate::provider::milvus) mod load_state {
    pub const NOT_LOADED: i32 = 1;
    pub const LOADING: i32 = 2;
    pub const LOADED: i32 = 3;
}

/// `IndexState`.
pub(in crate::provider::milvus) mod index_state {
    pub const UNISSUED: i32 = 1;
    pub const IN_PROGRESS: i32 = 2;
    pub const FAILED: i32 = 4;
}

/// `DslType`: a filter is an expression.
pub(in crate::provider::milvus) const EXPRESSION: i32 = 1;

/// For requests that need nothing said.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct Empty {}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct GetVersionResponse {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(string, tag = "2")]
    pub version: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct ListDatabasesResponse {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(string, repeated, tag = "2")]
    pub db_names: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct ShowCollectionsResponse {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(string, repeated, tag = "2")]
    pub collection_names: Vec<String>,
}

/// Names a collection: the request of most questions about one.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct CollectionRequest {
    #[prost(string, tag = "3")]
    pub collection_name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct DescribeCollectionResponse {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(message, optional, tag = "2")]
    pub schema: Option<CollectionSchema>,
    #[prost(int64, tag = "3")]
    pub collection_id: i64,
    #[prost(uint64, tag = "7")]
    pub created_utc_timestamp: u64,
    #[prost(int32, tag = "8")]
    pub shards_num: i32,
    #[prost(string, repeated, tag = "9")]
    pub aliases: Vec<String>,
    #[prost(int32, tag = "11")]
    pub consistency_level: i32,
    #[prost(message, repeated, tag = "13")]
    pub properties: Vec<KeyValuePair>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct GetLoadStateRequest {
    #[prost(string, tag = "2")]
    pub collection_name: String,
    /// None for the collection.
    #[prost(string, repeated, tag = "3")]
    pub partition_names: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct GetLoadStateResponse {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(int32, tag = "2")]
    pub state: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct LoadCollectionRequest {
    #[prost(string, tag = "3")]
    pub collection_name: String,
    #[prost(int32, tag = "4")]
    pub replica_number: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct ShowPartitionsResponse {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(string, repeated, tag = "2")]
    pub partition_names: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct StatisticsResponse {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(message, repeated, tag = "2")]
    pub stats: Vec<KeyValuePair>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct IndexDescription {
    #[prost(string, tag = "1")]
    pub index_name: String,
    #[prost(message, repeated, tag = "3")]
    pub params: Vec<KeyValuePair>,
    #[prost(string, tag = "4")]
    pub field_name: String,
    #[prost(int64, tag = "5")]
    pub indexed_rows: i64,
    #[prost(int64, tag = "6")]
    pub total_rows: i64,
    #[prost(int32, tag = "7")]
    pub state: i32,
    #[prost(string, tag = "8")]
    pub fail_reason: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct DescribeIndexResponse {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(message, repeated, tag = "2")]
    pub index_descriptions: Vec<IndexDescription>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct CreateCollectionRequest {
    #[prost(string, tag = "3")]
    pub collection_name: String,
    /// A `CollectionSchema`, encoded.
    #[prost(bytes = "vec", tag = "4")]
    pub schema: Vec<u8>,
    #[prost(int32, tag = "5")]
    pub shards_num: i32,
    #[prost(int32, tag = "6")]
    pub consistency_level: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct CreateIndexRequest {
    #[prost(string, tag = "3")]
    pub collection_name: String,
    #[prost(string, tag = "4")]
    pub field_name: String,
    #[prost(message, repeated, tag = "5")]
    pub extra_params: Vec<KeyValuePair>,
    #[prost(string, tag = "6")]
    pub index_name: String,
}

/// `InsertRequest` and `UpsertRequest`, whose numbers agree as far as they are used here.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct WriteRequest {
    #[prost(string, tag = "3")]
    pub collection_name: String,
    /// Empty for the one that every collection has.
    #[prost(string, tag = "4")]
    pub partition_name: String,
    #[prost(message, repeated, tag = "5")]
    pub fields_data: Vec<FieldData>,
    #[prost(uint32, tag = "7")]
    pub num_rows: u32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct DeleteRequest {
    #[prost(string, tag = "3")]
    pub collection_name: String,
    /// Empty for all.
    #[prost(string, tag = "4")]
    pub partition_name: String,
    #[prost(string, tag = "5")]
    pub expr: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct MutationResult {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    /// Rows that were not written.
    #[prost(uint32, repeated, tag = "4")]
    pub err_index: Vec<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct QueryRequest {
    #[prost(string, tag = "3")]
    pub collection_name: String,
    #[prost(string, tag = "4")]
    pub expr: String,
    #[prost(string, repeated, tag = "5")]
    pub output_fields: Vec<String>,
    #[prost(string, repeated, tag = "6")]
    pub partition_names: Vec<String>,
    #[prost(uint64, tag = "8")]
    pub guarantee_timestamp: u64,
    #[prost(message, repeated, tag = "9")]
    pub query_params: Vec<KeyValuePair>,
    #[prost(int32, tag = "11")]
    pub consistency_level: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct QueryResults {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(message, repeated, tag = "2")]
    pub fields_data: Vec<FieldData>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct SearchRequest {
    #[prost(string, tag = "3")]
    pub collection_name: String,
    #[prost(string, repeated, tag = "4")]
    pub partition_names: Vec<String>,
    /// The filter, an expression.
    #[prost(string, tag = "5")]
    pub dsl: String,
    /// A [`PlaceholderGroup`], encoded.
    #[prost(bytes = "vec", tag = "6")]
    pub placeholder_group: Vec<u8>,
    #[prost(int32, tag = "7")]
    pub dsl_type: i32,
    #[prost(string, repeated, tag = "8")]
    pub output_fields: Vec<String>,
    #[prost(message, repeated, tag = "9")]
    pub search_params: Vec<KeyValuePair>,
    #[prost(uint64, tag = "11")]
    pub guarantee_timestamp: u64,
    #[prost(int64, tag = "12")]
    pub nq: i64,
    #[prost(int32, tag = "14")]
    pub consistency_level: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct SearchResults {
    #[prost(message, optional, tag = "1")]
    pub status: Option<Status>,
    #[prost(message, optional, tag = "2")]
    pub results: Option<SearchResultData>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct PlaceholderValue {
    #[prost(string, tag = "1")]
    pub tag: String,
    /// The number of the vector's `DataType`.
    #[prost(int32, tag = "2")]
    pub kind: i32,
    #[prost(bytes = "vec", repeated, tag = "3")]
    pub values: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct PlaceholderGroup {
    #[prost(message, repeated, tag = "1")]
    pub placeholders: Vec<PlaceholderValue>,
}

macro_rules! answers {
    ($($answer:ident),+ $(,)?) => {
        $(impl Answer for $answer {
            fn status(&self) -> Option<&Status> {
                self.status.as_ref()
            }
        })+
    };
}

answers!(
    GetVersionResponse,
    ListDatabasesResponse,
    ShowCollectionsResponse,
    DescribeCollectionResponse,
    GetLoadStateResponse,
    ShowPartitionsResponse,
    StatisticsResponse,
    DescribeIndexResponse,
    MutationResult,
    QueryResults,
    SearchResults,
);
