//! `schema.proto`: what collections and their columns look like.

use super::KeyValuePair;

/// `DataType`: the numbers are those of the protocol.
pub(in crate::provider::milvus) mod data_type {
    pub const BOOL: i32 = 1;
    pub const INT8: i32 = 2;
    pub const INT16: i32 = 3;
    pub const INT32: i32 = 4;
    pub const INT64: i32 = 5;
    pub const FLOAT: i32 = 10;
    pub const DOUBLE: i32 = 11;
    pub const STRING: i32 = 20;
    pub const VARCHAR: i32 = 21;
    pub const ARRAY: i32 = 22;
    pub const JSON: i32 = 23;
    pub const GEOMETRY: i32 = 24;
    pub const TEXT: i32 = 25;
    pub const TIMESTAMPTZ: i32 = 26;
    pub const BINARY_VECTOR: i32 = 100;
    pub const FLOAT_VECTOR: i32 = 101;
    pub const FLOAT16_VECTOR: i32 = 102;
    pub const BFLOAT16_VECTOR: i32 = 103;
    pub const SPARSE_FLOAT_VECTOR: i32 = 104;
    pub const INT8_VECTOR: i32 = 105;

    /// The word of Milvus' own tools.
    pub fn name(kind: i32) -> &'static str {
        match kind {
            BOOL => "Bool",
            INT8 => "Int8",
            INT16 => "Int16",
            INT32 => "Int32",
            INT64 => "Int64",
            FLOAT => "Float",
            DOUBLE => "Double",
            STRING => "String",
            VARCHAR => "VarChar",
            ARRAY => "Array",
            JSON => "JSON",
            GEOMETRY => "Geometry",
            TEXT => "Text",
            TIMESTAMPTZ => "Timestamptz",
            BINARY_VECTOR => "BinaryVector",
            FLOAT_VECTOR => "FloatVector",
            FLOAT16_VECTOR => "Float16Vector",
            BFLOAT16_VECTOR => "BFloat16Vector",
            SPARSE_FLOAT_VECTOR => "SparseFloatVector",
            INT8_VECTOR => "Int8Vector",
            106 => "ArrayOfVector",
            _ => "of an unknown type",
        }
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct FieldSchema {
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(bool, tag = "3")]
    pub is_primary_key: bool,
    #[prost(string, tag = "4")]
    pub description: String,
    #[prost(int32, tag = "5")]
    pub data_type: i32,
    #[prost(message, repeated, tag = "6")]
    pub type_params: Vec<KeyValuePair>,
    #[prost(bool, tag = "8")]
    pub auto_id: bool,
    #[prost(int32, tag = "10")]
    pub element_type: i32,
    #[prost(bool, tag = "12")]
    pub is_dynamic: bool,
    #[prost(bool, tag = "13")]
    pub is_partition_key: bool,
    #[prost(bool, tag = "15")]
    pub nullable: bool,
    #[prost(bool, tag = "16")]
    pub is_function_output: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct CollectionSchema {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub description: String,
    #[prost(message, repeated, tag = "4")]
    pub fields: Vec<FieldSchema>,
    #[prost(bool, tag = "5")]
    pub enable_dynamic_field: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct BoolArray {
    #[prost(bool, repeated, tag = "1")]
    pub data: Vec<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct IntArray {
    #[prost(int32, repeated, tag = "1")]
    pub data: Vec<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct LongArray {
    #[prost(int64, repeated, tag = "1")]
    pub data: Vec<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct FloatArray {
    #[prost(float, repeated, tag = "1")]
    pub data: Vec<f32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct DoubleArray {
    #[prost(double, repeated, tag = "1")]
    pub data: Vec<f64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct StringArray {
    #[prost(string, repeated, tag = "1")]
    pub data: Vec<String>,
}

/// Values as bytes: JSON texts.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct BytesArray {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub data: Vec<Vec<u8>>,
}

/// An array for each row.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct ArrayArray {
    #[prost(message, repeated, tag = "1")]
    pub data: Vec<ScalarField>,
    #[prost(int32, tag = "2")]
    pub element_type: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct ScalarField {
    #[prost(oneof = "Scalars", tags = "1, 2, 3, 4, 5, 6, 8, 9, 12")]
    pub data: Option<Scalars>,
    /// Newer servers tell here which rows have a value.
    #[prost(bool, repeated, tag = "17")]
    pub valid_data: Vec<bool>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(in crate::provider::milvus) enum Scalars {
    #[prost(message, tag = "1")]
    Bools(BoolArray),
    #[prost(message, tag = "2")]
    Ints(IntArray),
    #[prost(message, tag = "3")]
    Longs(LongArray),
    #[prost(message, tag = "4")]
    Floats(FloatArray),
    #[prost(message, tag = "5")]
    Doubles(DoubleArray),
    #[prost(message, tag = "6")]
    Strings(StringArray),
    #[prost(message, tag = "8")]
    Arrays(ArrayArray),
    #[prost(message, tag = "9")]
    Jsons(BytesArray),
    /// Geometries as text; the numbers between are types that are not shown.
    #[prost(message, tag = "12")]
    Geometries(StringArray),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct SparseFloatArray {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub contents: Vec<Vec<u8>>,
    #[prost(int64, tag = "2")]
    pub dim: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct VectorField {
    #[prost(int64, tag = "1")]
    pub dim: i64,
    #[prost(oneof = "VectorData", tags = "2, 3, 4, 5, 6, 7")]
    pub data: Option<VectorData>,
    #[prost(bool, repeated, tag = "9")]
    pub valid_data: Vec<bool>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(in crate::provider::milvus) enum VectorData {
    #[prost(message, tag = "2")]
    Floats(FloatArray),
    #[prost(bytes, tag = "3")]
    Binary(Vec<u8>),
    #[prost(bytes, tag = "4")]
    Float16(Vec<u8>),
    #[prost(bytes, tag = "5")]
    BFloat16(Vec<u8>),
    #[prost(message, tag = "6")]
    Sparse(SparseFloatArray),
    #[prost(bytes, tag = "7")]
    Int8(Vec<u8>),
}

/// One column.
#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct FieldData {
    #[prost(int32, tag = "1")]
    pub kind: i32,
    #[prost(string, tag = "2")]
    pub field_name: String,
    #[prost(oneof = "Field", tags = "3, 4")]
    pub field: Option<Field>,
    #[prost(bool, tag = "6")]
    pub is_dynamic: bool,
    /// Which rows have a value; empty if all have one.
    #[prost(bool, repeated, tag = "7")]
    pub valid_data: Vec<bool>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(in crate::provider::milvus) enum Field {
    #[prost(message, tag = "3")]
    Scalars(ScalarField),
    #[prost(message, tag = "4")]
    Vectors(VectorField),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct Ids {
    #[prost(oneof = "IdField", tags = "1, 2")]
    pub field: Option<IdField>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(in crate::provider::milvus) enum IdField {
    #[prost(message, tag = "1")]
    Integers(LongArray),
    #[prost(message, tag = "2")]
    Texts(StringArray),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::provider::milvus) struct SearchResultData {
    #[prost(message, repeated, tag = "3")]
    pub fields_data: Vec<FieldData>,
    #[prost(float, repeated, tag = "4")]
    pub scores: Vec<f32>,
    #[prost(message, optional, tag = "5")]
    pub ids: Option<Ids>,
}
