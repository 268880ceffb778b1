//! Making and dropping own tables. An index on vectors is made with the table, or once that is filled: through an
//! index each row is put where it belongs in a graph, which takes many times as long as building the graph at once.

use std::time::Duration;

use super::names::{TableName, check_new, constant, new_table, quote};
use super::pool::Lease;
use super::sql::Sql;
use super::table::{ID, METRIC_COMMENT, PAYLOAD, TEXT, UNNAMED};
use super::{Database, PRODUCT};
use crate::provider::model::{CollectionSpec, Metric, VectorKind, VectorSpec};
use crate::provider::{ProviderError, Result};

/// pgvector's largest `vector`.
const MOST_DIMENSIONS: usize = 16_000;
/// The longest `vector` that it builds an HNSW index on.
const MOST_INDEXED: usize = 2_000;

/// The version of pgvector that brought sparse vectors.
const SPARSE: (u32, u32) = (0, 7);

/// How often it is looked how far an index is.
const LOOK: Duration = Duration::from_millis(500);

/// A vector column to be made.
struct NewColumn<'a> {
    name: &'a str,
    kind: String,
    /// The operator class of its index; `None` where pgvector can build none.
    class: Option<String>,
    metric: Option<Metric>,
}

impl Database {
    /// Makes an own table, and with `indexed` an index on each vector that can have one.
    pub(super) async fn create(&self, lease: &Lease, spec: &CollectionSpec, indexed: bool) -> Result<()> {
        let (name, columns) = self.new_columns(lease, spec).await?;
        let statements = statements(&name, &columns, indexed);
        lease.begin("", "").await?;
        let made =
            lease.batch_execute(&statements).await.map_err(|error| match error.code().map(|state| state.code()) {
                Some("42P07") => ProviderError::BadRequest {
                    cause: format!("there is already a table {:?}", name.shown()),
                    mend: "Choose another name, or drop that one first.".to_owned(),
                },
                Some("3F000") => no_schema(&name),
                _ => self.backend.failed(&error),
            });
        lease.finish(made).await
    }

    /// Whether such a table could be made; asks, and writes nothing.
    pub(super) async fn check(&self, lease: &Lease, spec: &CollectionSpec) -> Result<()> {
        self.new_columns(lease, spec).await.map(drop)
    }

    /// The name and the vectors of a new own table, if it can be made; asks, and writes nothing.
    async fn new_columns<'a>(
        &self,
        lease: &Lease,
        spec: &'a CollectionSpec,
    ) -> Result<(TableName, Vec<NewColumn<'a>>)> {
        let name = new_table(&spec.name)?;
        let old = self.extension().version.is_some_and(|version| version < SPARSE);
        if old && spec.vectors.iter().any(|vector| vector.kind == VectorKind::Sparse) {
            let reason = "pgvector before 0.7 has no sparse vectors".to_owned();
            return Err(ProviderError::Unsupported { product: PRODUCT, reason });
        }
        let home = self.home(lease).await?;
        let columns = spec.vectors.iter().map(|vector| column(vector, &home)).collect::<Result<Vec<_>>>()?;
        check_columns(&columns)?;
        let mut sql = Sql::default();
        let schema = sql.text(name.schema.as_str());
        sql.text = format!("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname::text = {schema}");
        let found = sql.run(lease).await.map_err(|error| self.backend.failed(&error))?;
        if found.is_empty() { Err(no_schema(&name)) } else { Ok((name, columns)) }
    }

    /// Builds the indexes on the vectors of an own table that are not there yet, one after the other.
    pub(super) async fn index(
        &self,
        lease: &Lease,
        spec: &CollectionSpec,
        told: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<()> {
        let home = self.home(lease).await?;
        let relation = self.table(lease, &spec.name).await?.relation;
        for vector in &spec.vectors {
            let column = column(vector, &home)?;
            let number = relation.columns.iter().find(|there| there.name == column.name).map(|there| there.number);
            let is_there = relation
                .indexes
                .iter()
                .any(|index| index.method != "btree" && index.keys.iter().any(|key| Some(key.column) == number));
            let name = TableName { schema: relation.schema.clone(), table: relation.table.clone() };
            if let Some(statement) = index_on(&name, &column).filter(|_| !is_there) {
                self.build(lease, &statement, told).await?;
            }
        }
        Ok(())
    }

    /// Runs a statement that builds an index, without the time limit of other statements, and looks through another
    /// session how far it is.
    async fn build(&self, lease: &Lease, statement: &str, told: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<()> {
        let failed = |error| self.backend.failed(&error);
        let rows = Sql::plain("SELECT pg_catalog.pg_backend_pid()").run(lease).await.map_err(failed)?;
        let session: i32 = rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(failed)?;
        let mut settings = "SET LOCAL statement_timeout = 0".to_owned();
        if let Some(memory) = &self.tuning().index_memory {
            settings.push_str(&format!("; SET LOCAL maintenance_work_mem = {}", constant(memory)));
        }
        lease.begin("", &settings).await?;
        let building = lease.batch_execute(statement);
        let watching = async {
            loop {
                tokio::time::sleep(LOOK).await;
                if let Some((done, all)) = self.building(session).await {
                    told(done, all);
                }
            }
        };
        let built = tokio::select! {
            built = building => built.map_err(failed),
            () = watching => Ok(()),
        };
        lease.finish(built).await
    }

    /// Blocks of the table that are in the index which that session builds, and all of them.
    async fn building(&self, session: i32) -> Option<(u64, u64)> {
        let text = "SELECT blocks_done, blocks_total FROM pg_catalog.pg_stat_progress_create_index \
                    WHERE pid = $1 AND blocks_total > 0";
        let lease = self.questions.lease().await.ok()?;
        let row = lease.query_opt(text, &[&session]).await;
        lease.give_back();
        let row = row.ok()??;
        let number = |at: usize| row.try_get::<_, i64>(at).ok().and_then(|number| u64::try_from(number).ok());
        Some((number(0)?, number(1)?))
    }

    /// The schema that the extension lives in.
    async fn home(&self, lease: &Lease) -> Result<String> {
        let text = "SELECT n.nspname::text FROM pg_catalog.pg_extension x \
                    JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace WHERE x.extname = 'vector'";
        let rows = Sql::plain(text).run(lease).await.map_err(|error| self.backend.failed(&error))?;
        let home = rows.first().map(|row| row.try_get::<_, String>(0)).transpose();
        home.map_err(|error| self.backend.failed(&error))?.ok_or_else(|| ProviderError::BadRequest {
            cause: format!("the database {:?} does not have the extension pgvector", self.backend.settings.database),
            mend: "Let its owner run CREATE EXTENSION vector in it.".to_owned(),
        })
    }

    /// Drops a table that is a collection; one that others depend on is refused by the server.
    pub(super) async fn discard(&self, lease: &Lease, collection: &str) -> Result<()> {
        let table = self.table(lease, collection).await?;
        let word = if table.relation.kind == "m" { "MATERIALIZED VIEW" } else { "TABLE" };
        let text = format!("DROP {word} {}", table.name.sql());
        lease.batch_execute(&text).await.map_err(|error| self.failed_in(&table, &error))
    }
}

fn no_schema(name: &TableName) -> ProviderError {
    ProviderError::BadRequest {
        cause: format!("there is no schema {:?}", name.schema),
        mend: "Create it first, or leave the schema out.".to_owned(),
    }
}

fn column<'a>(vector: &'a VectorSpec, home: &str) -> Result<NewColumn<'a>> {
    let name = if vector.name.is_empty() { UNNAMED } else { vector.name.as_str() };
    check_new("column", name)?;
    let home = quote(home);
    let class = |form: &str, metric: Metric| {
        let measure = match metric {
            Metric::Cosine => "cosine",
            Metric::Dot => "ip",
            Metric::Euclidean => "l2",
            Metric::Manhattan => "l1",
        };
        format!("{home}.{form}_{measure}_ops")
    };
    let metric = vector.metric;
    match (vector.kind, vector.dimension) {
        (VectorKind::Dense, Some(dimension)) if (1..=MOST_DIMENSIONS).contains(&dimension) => Ok(NewColumn {
            name,
            kind: format!("{home}.vector({dimension})"),
            class: metric.filter(|_| dimension <= MOST_INDEXED).map(|metric| class("vector", metric)),
            metric,
        }),
        (VectorKind::Dense, dimension) => Err(ProviderError::BadRequest {
            cause: format!(
                "a vector of pgvector has 1 to {MOST_DIMENSIONS} dimensions, not {}",
                dimension.unwrap_or(0)
            ),
            mend: "Give such a number.".to_owned(),
        }),
        (VectorKind::Sparse, Some(dimension)) => Ok(NewColumn {
            name,
            kind: format!("{home}.sparsevec({dimension})"),
            class: metric.map(|metric| class("sparsevec", metric)),
            metric,
        }),
        // without a dimension there is no index
        (VectorKind::Sparse, None) => Ok(NewColumn { name, kind: format!("{home}.sparsevec"), class: None, metric }),
        (VectorKind::Multi, _) => Err(ProviderError::Unsupported {
            product: PRODUCT,
            reason: "a column holds one vector, not several".to_owned(),
        }),
    }
}

fn check_columns(columns: &[NewColumn<'_>]) -> Result<()> {
    let refuse = |cause: String, mend: &str| Err(ProviderError::BadRequest { cause, mend: mend.to_owned() });
    if columns.is_empty() {
        return refuse("a collection without vectors would be no collection".to_owned(), "Give it a vector.");
    }
    let mut names = vec![ID, PAYLOAD, TEXT];
    for column in columns {
        if names.contains(&column.name) {
            return refuse(
                format!("the table cannot have two columns {:?}", column.name),
                "Name the vector otherwise; id, payload, text and embedding (the unnamed vector) are taken.",
            );
        }
        names.push(column.name);
    }
    Ok(())
}

/// The statement that makes the index of a column; `None` where pgvector can build none.
fn index_on(table: &TableName, column: &NewColumn<'_>) -> Option<String> {
    let class = column.class.as_ref()?;
    Some(format!("CREATE INDEX ON {} USING hnsw ({} {class})", table.sql(), quote(column.name)))
}

fn statements(name: &TableName, columns: &[NewColumn<'_>], indexed: bool) -> String {
    let table = name.sql();
    let vectors: String = columns.iter().map(|column| format!(", {} {}", quote(column.name), column.kind)).collect();
    let mut all = format!(
        "CREATE TABLE {table} ({} pg_catalog.int8 PRIMARY KEY, {} pg_catalog.jsonb NOT NULL DEFAULT '{{}}', \
         {} pg_catalog.text{vectors})",
        quote(ID),
        quote(PAYLOAD),
        quote(TEXT)
    );
    for column in columns {
        let vector = quote(column.name);
        if let Some(index) = index_on(name, column).filter(|_| indexed) {
            all.push_str(&format!("; {index}"));
        }
        if let Some(metric) = column.metric {
            let comment = constant(&format!("{METRIC_COMMENT}{}", metric.name()));
            all.push_str(&format!("; COMMENT ON COLUMN {table}.{vector} IS {comment}"));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_in_statements_are_quoted() {
        let spec = CollectionSpec::dense("a\"; DROP TABLE x; --", 3, Metric::Dot);
        let columns = [column(&spec.vectors[0], "ext\"ensions").unwrap()];
        let name = TableName { schema: "public".to_owned(), table: spec.name.clone() };
        let all = statements(&name, &columns, true);
        assert!(all.starts_with("CREATE TABLE \"public\".\"a\"\"; DROP TABLE x; --\" ("), "{all}");
        assert!(all.contains("\"ext\"\"ensions\".vector(3)") && all.contains("vector_ip_ops"), "{all}");
        let bare = statements(&name, &columns, false);
        assert!(!bare.contains("INDEX") && bare.contains("COMMENT ON COLUMN"), "{bare}");
    }

    #[test]
    fn what_pgvector_cannot_have_is_refused() {
        let dense = |dimension| CollectionSpec::dense("t", dimension, Metric::Cosine).vectors.remove(0);
        assert!(column(&dense(16_001), "public").is_err());
        assert!(column(&dense(2_001), "public").unwrap().class.is_none(), "too long for an index");
        let multi = VectorSpec { kind: VectorKind::Multi, ..dense(3) };
        assert!(matches!(column(&multi, "public"), Err(ProviderError::Unsupported { .. })));
        let payload = VectorSpec { name: "payload".to_owned(), ..dense(3) };
        assert!(check_columns(&[column(&payload, "public").unwrap()]).is_err());
    }
}
