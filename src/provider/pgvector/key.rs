//! Keys: which columns tell a table's records apart, and ids to and from them.
//!
//! A key of one column gives ids of its kind: integers, UUIDs, or texts (any other type in
//! PostgreSQL's own words). A key of several columns gives texts: the JSON array of the columns'
//! values in the order of the key, integers as numbers, all others as texts, e.g. `["shop",5]`.

use serde_json::Value;
use uuid::Uuid;

use super::catalog::{Column, Index, Relation};
use super::names::quote;
use super::sql::Sql;
use crate::provider::model::RecordId;

/// What tells the records of a table apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Its columns, at least one.
    pub(super) columns: Vec<KeyColumn>,
    /// Where it was found.
    pub(super) origin: Origin,
}

/// Where a key was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// The primary key, or a unique index over columns without null; its name.
    Index(String),
    /// None of these: the row's place, which an update of the row changes.
    Place,
}

/// One column of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyColumn {
    /// Its name.
    pub(super) name: String,
    /// Its type as SQL.
    pub(super) cast: String,
    /// Its type for people.
    pub(super) shown: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Whole numbers between the two.
    Integer(i128, i128),
    Uuid,
    /// The words of a text type are the value itself.
    Text,
    /// Anything else, in PostgreSQL's words.
    Other,
}

impl KeyColumn {
    fn of(column: &Column) -> Self {
        let integer = |low: i64, high: i64| Kind::Integer(low.into(), high.into());
        let kind = match (column.home.as_str(), column.kind.as_str()) {
            ("pg_catalog", "int2") => integer(i16::MIN.into(), i16::MAX.into()),
            ("pg_catalog", "int4") => integer(i32::MIN.into(), i32::MAX.into()),
            ("pg_catalog", "int8") => integer(i64::MIN, i64::MAX),
            ("pg_catalog", "numeric") => match whole_digits(column.modifier) {
                Some(digits) => {
                    let most = 10_i128.pow(digits) - 1;
                    Kind::Integer(-most, most)
                }
                None => Kind::Other,
            },
            ("pg_catalog", "uuid") => Kind::Uuid,
            ("pg_catalog", "text" | "varchar") => Kind::Text,
            _ => Kind::Other,
        };
        Self { name: column.name.clone(), cast: column.cast(), shown: column.shown.clone(), kind }
    }

    /// The column in SQL.
    pub(super) fn sql(&self) -> String {
        format!("t.{}", quote(&self.name))
    }

    /// The words for a value, `None` if the column can have no such value.
    fn words(&self, id: &RecordId) -> Option<String> {
        match (self.kind, id) {
            (Kind::Integer(low, high), RecordId::Integer(n)) => (low..=high).contains(n).then(|| n.to_string()),
            (Kind::Uuid, RecordId::Uuid(uuid)) => Some(uuid.to_string()),
            (Kind::Text | Kind::Other, RecordId::Text(text)) => (!text.contains('\0')).then(|| text.clone()),
            _ => None,
        }
    }
}

/// The digits of a `numeric(p, 0)` whose values are whole numbers that an id holds.
fn whole_digits(modifier: i32) -> Option<u32> {
    let packed = u32::try_from(modifier.checked_sub(4)?).ok()?;
    let (digits, scale) = (packed >> 16, packed & 0x7ff);
    (scale == 0 && (1..=38).contains(&digits)).then_some(digits)
}

impl Key {
    /// The key of a table: its primary key, else the unique index of the fewest columns, all without
    /// null; else the row's place, where the table has such places.
    pub(super) fn of(relation: &Relation) -> Option<Self> {
        let columns = |index: &Index| -> Option<Vec<KeyColumn>> {
            let column = |number| relation.columns.iter().find(|column| column.number == number && column.not_null);
            index.keys.iter().map(|key| column(key.column).map(KeyColumn::of)).collect()
        };
        let usable = |index: &&Index| index.unique && index.valid && !index.partial && index.method == "btree";
        let mut indexes: Vec<&Index> = relation.indexes.iter().filter(usable).collect();
        indexes.sort_by_key(|index| (!index.primary, index.keys.len()));
        let found = indexes.into_iter().find_map(|index| Some((columns(index)?, index.name.clone())));
        match found {
            Some((columns, index)) => Some(Self { columns, origin: Origin::Index(index) }),
            // parts of a partitioned table have each their own places
            None if relation.kind == "p" => None,
            None => Some(Self::place()),
        }
    }

    fn place() -> Self {
        let (name, cast, shown) = ("ctid".to_owned(), "pg_catalog.tid".to_owned(), "tid".to_owned());
        let column = KeyColumn { name, cast, shown, kind: Kind::Other };
        Self { columns: vec![column], origin: Origin::Place }
    }

    /// Whether that column is part of it.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|key| key.name == column)
    }

    /// What is read of each row, to be handed to [`Key::id`].
    pub(super) fn selected(&self) -> Vec<String> {
        self.columns.iter().map(|column| format!("{}::pg_catalog.text", column.sql())).collect()
    }

    /// The order of the collection.
    pub(super) fn order(&self) -> String {
        self.columns.iter().map(KeyColumn::sql).collect::<Vec<_>>().join(", ")
    }

    /// The id of a row, from the words of its key.
    ///
    /// # Errors
    /// What is wrong with the words.
    pub(super) fn id(&self, words: &[&str]) -> Result<RecordId, String> {
        let fault = |word: &str| format!("{word:?} is no value of the key");
        if let ([column], [word]) = (self.columns.as_slice(), words) {
            return match column.kind {
                Kind::Integer(..) => word.parse().map(RecordId::Integer).map_err(|_| fault(word)),
                Kind::Uuid => Uuid::parse_str(word).map(RecordId::Uuid).map_err(|_| fault(word)),
                Kind::Text | Kind::Other => Ok(RecordId::Text((*word).to_owned())),
            };
        }
        let values = self.columns.iter().zip(words).map(|(column, word)| match column.kind {
            Kind::Integer(..) => {
                let number: i128 = word.parse().map_err(|_| fault(word))?;
                // beyond 64 bits a JSON number would be rounded
                Ok(match RecordId::Integer(number).to_json() {
                    Value::Number(number) => Value::Number(number),
                    _ => Value::from(*word),
                })
            }
            Kind::Uuid | Kind::Text | Kind::Other => Ok(Value::from(*word)),
        });
        Ok(RecordId::Text(Value::Array(values.collect::<Result<_, String>>()?).to_string()))
    }

    /// The words of the key's columns for an id; `None` if no record of the table can have it.
    pub(super) fn words(&self, id: &RecordId) -> Option<Vec<String>> {
        if let [column] = self.columns.as_slice() {
            return column.words(id).map(|word| vec![word]);
        }
        let RecordId::Text(text) = id else { return None };
        let values: Vec<Value> = serde_json::from_str(text).ok()?;
        if values.len() != self.columns.len() {
            return None;
        }
        let part = |(column, value): (&KeyColumn, Value)| {
            let id = match (column.kind, value) {
                (Kind::Integer(..), Value::Number(number)) => RecordId::Integer(number.to_string().parse().ok()?),
                (Kind::Integer(..), Value::String(text)) => RecordId::Integer(text.parse().ok()?),
                (Kind::Uuid, Value::String(text)) => RecordId::Uuid(Uuid::parse_str(&text).ok()?),
                (Kind::Text | Kind::Other, Value::String(text)) => RecordId::Text(text),
                _ => return None,
            };
            column.words(&id)
        };
        self.columns.iter().zip(values).map(part).collect()
    }

    /// The condition that a row is behind that place in the order.
    pub(super) fn behind(&self, words: &[String], sql: &mut Sql) -> String {
        let (names, values) = self.pairs(words, sql);
        format!("({names}) > ({values})")
    }

    /// The condition that a row has that key.
    pub(super) fn is(&self, words: &[String], sql: &mut Sql) -> String {
        let (names, values) = self.pairs(words, sql);
        format!("({names}) = ({values})")
    }

    fn pairs(&self, words: &[String], sql: &mut Sql) -> (String, String) {
        let values: Vec<String> = self
            .columns
            .iter()
            .zip(words)
            .map(|(column, word)| format!("{}::{}", sql.text(word.as_str()), column.cast))
            .collect();
        (self.order(), values.join(", "))
    }

    /// The condition that a row has one of these keys.
    pub(super) fn among(&self, keys: Vec<Vec<String>>, sql: &mut Sql) -> String {
        let mut lists: Vec<Vec<Option<String>>> = vec![Vec::with_capacity(keys.len()); self.columns.len()];
        for key in keys {
            for (list, word) in lists.iter_mut().zip(key) {
                list.push(Some(word));
            }
        }
        let arrays: Vec<String> = self
            .columns
            .iter()
            .zip(lists)
            .map(|(column, list)| format!("{}::{}[]", sql.texts(list), column.cast))
            .collect();
        match arrays.as_slice() {
            [array] => format!("{} = ANY ({array})", self.order()),
            _ => {
                let lists: Vec<String> = arrays.iter().map(|array| format!("pg_catalog.unnest({array})")).collect();
                format!("({}) IN (SELECT * FROM ROWS FROM ({}))", self.order(), lists.join(", "))
            }
        }
    }

    /// As [`Key::among`] for words that may be none of the column's type: compares as texts, which
    /// uses no index.
    pub(super) fn among_words(&self, keys: &[Vec<String>], sql: &mut Sql) -> String {
        let texts = |words: &[String]| Value::from(words).to_string();
        let wanted = sql.texts(keys.iter().map(|key| Some(texts(key))).collect());
        let words = self.selected().join(", ");
        format!("pg_catalog.jsonb_build_array({words}) = ANY ({wanted}::pg_catalog.jsonb[])")
    }

    /// The key in words, for people.
    pub(super) fn describe(&self) -> Value {
        let columns: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        match &self.origin {
            Origin::Index(index) => serde_json::json!({ "columns": columns, "index": index }),
            Origin::Place => serde_json::json!({
                "columns": columns,
                "note": "the table has no key: ids are places of rows, which change when a row is updated",
            }),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    pub(crate) fn column(name: &str, kind: &str, modifier: i32) -> Column {
        serde_json::from_value(serde_json::json!({
            "number": 1, "name": name, "kind": kind, "home": "pg_catalog", "shown": kind,
            "modifier": modifier, "not_null": true, "generated": false,
            "loose": false, "comment": null,
        }))
        .unwrap()
    }

    pub(crate) fn key(columns: &[(&str, &str)]) -> Key {
        let columns = columns.iter().map(|(name, kind)| KeyColumn::of(&column(name, kind, -1))).collect();
        Key { columns, origin: Origin::Index("i".to_owned()) }
    }

    #[test]
    fn an_id_of_one_column_has_the_columns_kind() {
        let big = key(&[("id", "int8")]);
        assert_eq!(big.id(&["-9223372036854775808"]).unwrap(), RecordId::from(i64::MIN));
        assert_eq!(big.words(&RecordId::from(u64::MAX)), None, "no bigint can be that large");
        assert_eq!(big.words(&"5".into()), None, "5 is not \"5\"");
        let text = key(&[("id", "text")]);
        assert_eq!(text.words(&"5".into()).unwrap(), ["5"]);
        assert_eq!(text.words(&RecordId::from(5_u64)), None);
        assert_eq!(text.words(&"a\0b".into()), None);
        let uuid = key(&[("id", "uuid")]);
        let id = uuid.id(&["936da01f-9abd-4d9d-80c7-02af85c822a8"]).unwrap();
        assert!(matches!(id, RecordId::Uuid(_)));
        assert_eq!(uuid.words(&id).unwrap(), ["936da01f-9abd-4d9d-80c7-02af85c822a8"]);
    }

    #[test]
    fn whole_numerics_are_integers_and_others_are_words() {
        let whole = KeyColumn::of(&column("id", "numeric", (20 << 16) + 4));
        assert_eq!(whole.words(&RecordId::from(u64::MAX)).unwrap(), "18446744073709551615");
        assert_eq!(KeyColumn::of(&column("id", "numeric", (20 << 16) + 4 + 2)).kind, Kind::Other);
        assert_eq!(KeyColumn::of(&column("id", "numeric", -1)).kind, Kind::Other);
    }

    #[test]
    fn an_id_of_several_columns_reads_back() {
        let key = key(&[("shop", "text"), ("n", "int8"), ("day", "date")]);
        let words = ["a \"b\", [c]", "9007199254740993", "2026-11-23"];
        let id = key.id(&words).unwrap();
        assert_eq!(id, RecordId::from(r#"["a \"b\", [c]",9007199254740993,"2026-11-23"]"#));
        assert_eq!(key.words(&id).unwrap(), words);
        for other in ["[]", "[\"a\",1]", "[\"a\",\"b\",\"2026-11-23\"]", "[1,1,\"2026-11-23\"]", "a"] {
            assert_eq!(key.words(&other.into()), None, "{other}");
        }
    }

    #[test]
    fn several_columns_are_compared_as_a_row() {
        let key = key(&[("a\"b", "text"), ("n", "int8")]);
        let mut sql = Sql::default();
        let behind = key.behind(&["x".to_owned(), "5".to_owned()], &mut sql);
        assert_eq!(behind, "(t.\"a\"\"b\", t.\"n\") > ($1::\"pg_catalog\".\"text\", $2::\"pg_catalog\".\"int8\")");
        assert_eq!(sql.count(), 2);
    }
}
