//! Our filter language as a function of the engine: `vector_inspector(filter, column, ...)` is whether
//! the filter selects a row, told by the same evaluation in memory that all providers are held to.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use lancedb::arrow::arrow_array::{ArrayRef, BooleanArray};
use lancedb::arrow::arrow_schema::{DataType, FieldRef};
use lancedb::datafusion::common::{DataFusionError, Result};
use lancedb::datafusion::logical_expr::expr::ScalarFunction;
use lancedb::datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use lancedb::expr::{DfExpr, col, lit};

use super::rows::{json_at, text_at};
use super::values;
use crate::provider::filter::Filter;
use crate::provider::model::{Payload, Record, RecordId};

/// The function's name, as it is shown.
const NAME: &str = "vector_inspector";

/// What a column holds of a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// The whole payload, as JSON.
    Payload,
    /// The record's own text.
    Text,
    /// One field of the payload.
    Field(FieldRef),
}

/// The condition that the filter selects a record made of these columns.
pub(super) fn call(filter: Filter, columns: Vec<(String, Source)>) -> DfExpr {
    let text = filter.to_string();
    let (names, sources): (Vec<String>, Vec<Source>) = columns.into_iter().unzip();
    let arguments = std::iter::once(lit(text.as_str())).chain(names.into_iter().map(col)).collect();
    let selects = Selects { filter, text, sources, signature: Signature::variadic_any(Volatility::Immutable) };
    DfExpr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::new_from_impl(selects)), arguments))
}

#[derive(Debug)]
struct Selects {
    filter: Filter,
    /// The filter as text, which tells two of these functions apart.
    text: String,
    sources: Vec<Source>,
    signature: Signature,
}

impl PartialEq for Selects {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.sources == other.sources
    }
}

impl Eq for Selects {}

impl Hash for Selects {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl ScalarUDFImpl for Selects {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        // the first is the filter, for people
        let columns = arguments.args.into_iter().skip(1).map(|column| column.into_array(rows));
        let columns: Vec<ArrayRef> = columns.collect::<Result<_>>()?;
        if columns.len() != self.sources.len() {
            return Err(DataFusionError::Internal(format!("{NAME} lacks a column")));
        }
        let mut record = Record { id: RecordId::Integer(0), vectors: None, payload: Payload::new(), text: None };
        let mut selected = Vec::with_capacity(rows);
        for row in 0..rows {
            for (source, column) in self.sources.iter().zip(&columns) {
                match source {
                    Source::Payload => record.payload = json_at(column, row),
                    Source::Text => record.text = text_at(column, row).map(str::to_owned),
                    Source::Field(field) => {
                        record.payload.insert(field.name().clone(), values::value(field, column.as_ref(), row));
                    }
                }
            }
            selected.push(self.filter.selects(&record));
        }
        Ok(ColumnarValue::Array(Arc::new(BooleanArray::from(selected))))
    }
}
