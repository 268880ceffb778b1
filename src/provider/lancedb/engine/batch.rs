//! Records as rows: what is written, checked whole before anything is.

use std::collections::HashMap;
use std::sync::Arc;

use lancedb::arrow::arrow::json::ReaderBuilder;
use lancedb::arrow::arrow_array::builder::{FixedSizeListBuilder, Float32Builder};
use lancedb::arrow::arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray, UInt64Array};
use lancedb::arrow::arrow_cast::cast;
use lancedb::arrow::arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use serde_json::{Map, Value};

use super::super::PRODUCT;
use super::schema::{ID, Id, Layout, METRIC, PAYLOAD, ROLE, TEXT, UNNAMED, VectorColumn};
use crate::provider::model::{CollectionSpec, Metric, Record, RecordId, Vector, VectorKind, VectorSpec};
use crate::provider::{ProviderError, Result};

/// The columns of a new table.
///
/// # Errors
/// `Unsupported` for vectors that LanceDB does not have, `BadRequest` for names that are taken.
pub(super) fn new_schema(spec: &CollectionSpec) -> Result<SchemaRef> {
    let marked = |name: &str, nullable| {
        let role = HashMap::from([(ROLE.to_owned(), name.to_owned())]);
        Field::new(name, DataType::Utf8, nullable).with_metadata(role)
    };
    let mut fields = vec![Field::new(ID, DataType::Int64, false), marked(PAYLOAD, false), marked(TEXT, true)];
    for vector in &spec.vectors {
        let field = vector_field(vector)?;
        if fields.iter().any(|other| other.name() == field.name()) {
            return Err(ProviderError::BadRequest {
                cause: format!("the table cannot have two columns {:?}", field.name()),
                mend: "Name the vector otherwise; id, payload, text and vector (the unnamed one) are taken.".to_owned(),
            });
        }
        fields.push(field);
    }
    Ok(Arc::new(Schema::new(fields)))
}

fn vector_field(vector: &VectorSpec) -> Result<Field> {
    let unsupported = |reason: &str| ProviderError::Unsupported { product: PRODUCT, reason: reason.to_owned() };
    match vector.kind {
        VectorKind::Dense => {}
        VectorKind::Sparse => return Err(unsupported("it has no sparse vectors")),
        VectorKind::Multi => return Err(unsupported("columns of several vectors are not made here")),
    }
    if vector.metric == Some(Metric::Manhattan) {
        return Err(unsupported("it has no manhattan distance"));
    }
    let dimension = vector.dimension.and_then(|dimension| i32::try_from(dimension).ok()).filter(|d| *d > 0);
    let dimension = dimension.ok_or_else(|| ProviderError::BadRequest {
        cause: "a column of vectors has a fixed number of dimensions, at least 1".to_owned(),
        mend: "Give such a number.".to_owned(),
    })?;
    let name = if vector.name.is_empty() { UNNAMED } else { vector.name.as_str() };
    let metric = vector.metric.map(|metric| (METRIC.to_owned(), metric.name().to_owned()));
    let kind = DataType::FixedSizeList(item(), dimension);
    Ok(Field::new(name, kind, true).with_metadata(metric.into_iter().collect()))
}

fn item() -> FieldRef {
    Arc::new(Field::new("item", DataType::Float32, true))
}

/// The kind of the ids of an empty table that was made here: that of the first records.
pub(super) fn id_kind(records: &[Record]) -> DataType {
    let numbers = |range: std::ops::RangeInclusive<i128>| {
        records.iter().all(|record| matches!(record.id, RecordId::Integer(n) if range.contains(&n)))
    };
    if numbers(i64::MIN.into()..=i64::MAX.into()) {
        DataType::Int64
    } else if numbers(0..=u64::MAX.into()) {
        DataType::UInt64
    } else {
        DataType::Utf8
    }
}

/// The same columns with ids of another kind.
pub(super) fn with_ids(schema: &Schema, kind: &DataType) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        if field.name() == ID { Arc::new(field.as_ref().clone().with_data_type(kind.clone())) } else { field.clone() }
    });
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

/// The rows of these records, in the columns of that layout.
///
/// # Errors
/// `BadRequest` for the first record that the table has no place for.
pub(super) fn rows(layout: &Layout, records: &[Record]) -> Result<RecordBatch> {
    for record in records {
        check(layout, record)?;
    }
    let Id::Column(key) = &layout.id else {
        return Err(ProviderError::BadRequest {
            cause: "the table has no column of ids, so that no record can be found again to be replaced".to_owned(),
            mend: "Write to it with LanceDB itself, or give it a column `id`.".to_owned(),
        });
    };
    let others = if layout.own { HashMap::new() } else { fields(layout, records)? };
    let columns = layout.schema.fields().iter().map(|field| {
        let name = field.name().as_str();
        if name == key.name() {
            return ids(field, records);
        }
        if let Some(vector) = layout.vectors.iter().find(|vector| vector.column == name) {
            return vectors(field, vector, records);
        }
        Ok(match name {
            PAYLOAD if layout.own => {
                let texts = records.iter().map(|record| Value::Object(record.payload.clone()).to_string());
                Arc::new(StringArray::from_iter_values(texts)) as ArrayRef
            }
            TEXT if layout.own => {
                let texts: Vec<Option<&str>> = records.iter().map(|record| record.text.as_deref()).collect();
                Arc::new(StringArray::from(texts)) as ArrayRef
            }
            _ => others.get(name).cloned().ok_or_else(|| no_place(field, "it holds nothing"))?,
        })
    });
    let columns: Vec<ArrayRef> = columns.collect::<Result<_>>()?;
    RecordBatch::try_new(layout.schema.clone(), columns).map_err(|error| bad(&error.to_string()))
}

/// Refuses what the table has no place for, so that nothing is lost in silence.
fn check(layout: &Layout, record: &Record) -> Result<()> {
    let refuse = |why: String, mend: &str| {
        Err(ProviderError::BadRequest {
            cause: format!("record {} cannot be stored: {why}", record.id),
            mend: mend.to_owned(),
        })
    };
    if record.text.is_some() && !layout.own {
        let why = "the table has no place for a text beside the payload".to_owned();
        return refuse(why, "Move the text into a field of the payload that is a column.");
    }
    let Some(vectors) = &record.vectors else {
        let why = "it came without its vectors, which would be deleted".to_owned();
        return refuse(why, "Read the record with its vectors first.");
    };
    for (name, vector) in &vectors.0 {
        let Some(column) = layout.vector(Some(name)) else {
            return refuse(format!("the table has no vector {name:?}"), "Name the vector as the column is named.");
        };
        match vector {
            Vector::Dense(numbers) if column.kind == VectorKind::Dense && numbers.len() == column.dimension => {}
            Vector::Dense(numbers) if column.kind == VectorKind::Dense => {
                let why = format!("{:?} has {} dimensions, not {}", column.column, column.dimension, numbers.len());
                return refuse(why, "Give vectors of that length.");
            }
            _ => {
                let why = format!("{:?} takes one dense vector", column.column);
                return refuse(why, "Give a list of numbers.");
            }
        }
    }
    let unknown = record.payload.keys().find(|key| !layout.own && !layout.fields.iter().any(|f| f.name() == *key));
    if let Some(key) = unknown {
        let why = format!("the table has no column for the field {key:?}");
        return refuse(why, "Leave the field out, or add the column to the table.");
    }
    if let Some(field) = layout.fields.iter().find(|field| super::values::is_json(field)) {
        let why = format!("the column {:?} holds JSON in LanceDB's own form, which is only read here", field.name());
        return refuse(why, "Write to that table with LanceDB itself.");
    }
    Ok(())
}

fn bad(why: &str) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("the records do not fit the table's columns ({why})"),
        mend: "Compare them with the columns in the collection's details.".to_owned(),
    }
}

fn no_place(field: &Field, why: &str) -> ProviderError {
    bad(&format!("{:?}: {why}", field.name()))
}

fn ids(field: &FieldRef, records: &[Record]) -> Result<ArrayRef> {
    let wrong = |id: &RecordId| ProviderError::BadRequest {
        cause: format!(
            "the id {id} is none of the table's, whose column {:?} is of {}",
            field.name(),
            field.data_type()
        ),
        mend: "Give ids of that kind.".to_owned(),
    };
    let numbers = |range: std::ops::RangeInclusive<i128>| -> Result<Vec<i128>> {
        let number = |record: &Record| match &record.id {
            RecordId::Integer(n) if range.contains(n) => Ok(*n),
            other => Err(wrong(other)),
        };
        records.iter().map(number).collect()
    };
    if let Some((low, high)) = super::filter::integer_range(field.data_type()) {
        let numbers = numbers(low..=high)?;
        let array: ArrayRef = if low < 0 {
            Arc::new(Int64Array::from_iter_values(numbers.into_iter().filter_map(|n| i64::try_from(n).ok())))
        } else {
            Arc::new(UInt64Array::from_iter_values(numbers.into_iter().filter_map(|n| u64::try_from(n).ok())))
        };
        return cast(&array, field.data_type()).map_err(|error| no_place(field, &error.to_string()));
    }
    let text = |record: &Record| match &record.id {
        RecordId::Text(text) => Ok(text.clone()),
        other => Err(wrong(other)),
    };
    let texts: Vec<String> = records.iter().map(text).collect::<Result<_>>()?;
    let array: ArrayRef = Arc::new(StringArray::from(texts));
    cast(&array, field.data_type()).map_err(|error| no_place(field, &error.to_string()))
}

fn vectors(field: &FieldRef, column: &VectorColumn, records: &[Record]) -> Result<ArrayRef> {
    let size = i32::try_from(column.dimension).map_err(|error| no_place(field, &error.to_string()))?;
    let values = Float32Builder::with_capacity(records.len() * column.dimension);
    let mut list = FixedSizeListBuilder::with_capacity(values, size, records.len()).with_field(item());
    for record in records {
        match record.vectors.as_ref().and_then(|vectors| vectors.get(&column.name)) {
            Some(Vector::Dense(numbers)) => {
                list.values().append_slice(numbers);
                list.append(true);
            }
            _ => {
                list.values().append_nulls(column.dimension);
                list.append(false);
            }
        }
    }
    let array: ArrayRef = Arc::new(list.finish());
    if array.data_type() == field.data_type() {
        return Ok(array);
    }
    cast(&array, field.data_type()).map_err(|error| no_place(field, &error.to_string()))
}

/// The columns of a table that was not made here, from the payloads.
fn fields(layout: &Layout, records: &[Record]) -> Result<HashMap<String, ArrayRef>> {
    if layout.fields.is_empty() {
        return Ok(HashMap::new());
    }
    // the reader of JSON makes no dictionaries; they are made of plain columns afterwards
    let plain = layout.fields.iter().map(|field| match field.data_type() {
        DataType::Dictionary(_, kind) => Arc::new(field.as_ref().clone().with_data_type(kind.as_ref().clone())),
        _ => FieldRef::clone(field),
    });
    let schema: SchemaRef = Arc::new(Schema::new(plain.collect::<Vec<_>>()));
    let payloads: Vec<&Map<String, Value>> = records.iter().map(|record| &record.payload).collect();
    let build = || -> std::result::Result<RecordBatch, String> {
        let reader = ReaderBuilder::new(schema.clone()).with_batch_size(payloads.len().max(1));
        let mut decoder = reader.build_decoder().map_err(|error| error.to_string())?;
        decoder.serialize(&payloads).map_err(|error| error.to_string())?;
        let batch = decoder.flush().map_err(|error| error.to_string())?;
        batch.ok_or_else(|| "nothing came of them".to_owned())
    };
    let batch = build().map_err(|why| bad(&why))?;
    let columns = layout.fields.iter().zip(batch.columns()).map(|(field, column)| {
        let same = column.data_type() == field.data_type();
        let column = if same { Ok(column.clone()) } else { cast(column, field.data_type()) };
        Ok((field.name().clone(), column.map_err(|error| no_place(field, &error.to_string()))?))
    });
    columns.collect()
}
