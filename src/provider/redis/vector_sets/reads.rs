//! Counting, paging, reading and searching a vector set.
//!
//! Pages are in the order of the elements' names, as bytes. From Redis 8.4 on the server gives the names
//! behind the last one (`VRANGE`). Before, all names are read for each page (`VRANDMEMBER` with a count
//! beyond the size gives each element once) and sorted here: that costs their bytes, and is exact whoever
//! writes meanwhile. With a filter all names of candidates are read (`VSIM … TRUTH FILTER`, which scans the
//! set).

use redis::{Cmd, Value};

use super::super::reply::{array, bytes, text};
use super::super::{Database, PRODUCT, STEP, behind, cursor, unsupported};
use super::{VectorSet, element, filter};
use crate::provider::filter::Filter;
use crate::provider::model::{
    Hit, Metric, Page, PageRequest, Record, RecordId, Score, SearchQuery, SearchRequest, Vector, Vectors,
};
use crate::provider::{ProviderError, Result};

/// How many elements may come in between, after a set was asked for its size. (A count far beyond the
/// size would be simpler, and 8.2 gives nothing for one beyond 32 bits.)
const MEANWHILE: u64 = 1_000;
/// The smallest name behind the empty one, which `VRANGE` cannot exclude.
const BEHIND_EMPTY: &str = "[\0";

impl Database {
    /// The number of elements that a filter selects.
    pub(in super::super) async fn count_set(&self, set: &VectorSet, filter: Option<&Filter>) -> Result<u64> {
        let Some(filter) = filter else { return Ok(set.size) };
        let names = self.candidates(set, filter).await?;
        let mut selected = 0;
        for names in names.chunks(STEP) {
            selected += self.selected(set, names, filter).await?.len() as u64;
        }
        Ok(selected)
    }

    /// A page in the order of the names.
    pub(in super::super) async fn page_set(&self, set: &VectorSet, request: &PageRequest) -> Result<Page> {
        let last = request.cursor.as_ref().map(behind).transpose()?;
        // One more tells whether another page follows.
        let most = request.limit.saturating_add(1);
        let mut names = match &request.filter {
            None => self.names(set, last, most).await?,
            Some(filter) => {
                let candidates = sorted_behind(self.candidates(set, filter).await?, last);
                let mut found = Vec::new();
                for names in candidates.chunks(STEP) {
                    found.extend(self.selected(set, names, filter).await?);
                    if found.len() >= most {
                        break;
                    }
                }
                found
            }
        };
        let more = names.len() > request.limit;
        names.truncate(request.limit);
        let last = names.last().filter(|_| more).map(|name| cursor(name)).transpose();
        let next = last.map_err(|cause| self.connection.bad_answer(cause))?;
        let records = self.elements(set, &names, request.with_vectors).await?;
        Ok(Page { records: records.into_iter().flatten().collect(), next })
    }

    /// The elements of these names that are there, in their order.
    pub(in super::super) async fn get_set(
        &self,
        set: &VectorSet,
        ids: &[RecordId],
        with_vectors: bool,
    ) -> Result<Vec<Record>> {
        let names: Vec<Vec<u8>> = ids
            .iter()
            .filter_map(|id| match id {
                RecordId::Text(name) => Some(name.clone().into_bytes()),
                RecordId::Integer(_) | RecordId::Uuid(_) => None,
            })
            .collect();
        Ok(self.elements(set, &names, with_vectors).await?.into_iter().flatten().collect())
    }

    /// The nearest elements, best first.
    pub(in super::super) async fn search_set(&self, set: &VectorSet, request: &SearchRequest) -> Result<Vec<Hit>> {
        if request.using.as_deref().is_some_and(|name| !name.is_empty()) {
            return Err(ProviderError::BadRequest {
                cause: format!("there is no such vector in {:?}", set.name),
                mend: "An element of a vector set has one vector, without a name.".to_owned(),
            });
        }
        let expression =
            request.filter.as_ref().map(|filter| filter::candidates(filter, self.sets.flat)).transpose()?;
        let like = match &request.query {
            SearchQuery::Vector(vector) => {
                set.check(vector)?;
                None
            }
            SearchQuery::Text(_) => return Err(ProviderError::not_by_text(PRODUCT)),
            SearchQuery::Like(id) => Some(id),
        };
        if request.top == 0 {
            return Ok(Vec::new());
        }
        let most = request.top.saturating_add(usize::from(like.is_some()));
        let mut asked = Asked { expression: expression.as_deref(), most, exact: request.exact };
        loop {
            let mut command = set.near(&request.query)?;
            asked.finish(&mut command);
            let answer = self.ask_set(set, like, &command).await?;
            let hits = self.hits(set, request, &answer).await?;
            let given = array(&answer).map_or(0, |parts| parts.len() / 2);
            if hits.len() >= request.top || expression.is_none() || (asked.exact && given < asked.most) {
                return Ok(hits);
            }
            // Some candidates were not selected, or the graph was left too early: then look at all.
            asked = Asked { most: asked.most.max(STEP / 10).saturating_mul(10), exact: true, ..asked };
        }
    }

    /// The request that lists the candidates of a filter, for people.
    pub(in super::super) fn native_set(&self, set: &VectorSet, filter: &Filter) -> Result<String> {
        let expression = filter::candidates(filter, self.sets.flat)?;
        let dimension = set.taken();
        Ok(format!(
            "VSIM {:?} VALUES {dimension} 0 … COUNT {} TRUTH\n  FILTER '{expression}'\n\
             (selects these and more; their attributes are compared here)",
            set.key,
            set.size + MEANWHILE
        ))
    }

    /// Asks about one element that may be gone.
    async fn ask_set(&self, set: &VectorSet, like: Option<&RecordId>, command: &Cmd) -> Result<Value> {
        self.connection.ask(command).await.map_err(|error| match (error, like) {
            (ProviderError::Server { cause, .. }, Some(id)) if cause.contains("element not found") => {
                ProviderError::NoSuchRecord { collection: set.name.clone(), id: id.to_string() }
            }
            (error, _) => error,
        })
    }

    /// The records of names and scores in an answer, those that the request selects, the best first.
    async fn hits(&self, set: &VectorSet, request: &SearchRequest, answer: &Value) -> Result<Vec<Hit>> {
        let bad = || self.connection.bad_answer("a search without names and scores");
        let (mut names, mut scores) = (Vec::new(), Vec::new());
        for pair in array(answer).ok_or_else(bad)?.chunks_exact(2) {
            let [name, near] = pair else { return Err(bad()) };
            names.push(bytes(name).ok_or_else(bad)?.to_vec());
            let near: f64 = text(near).and_then(|near| near.parse().ok()).ok_or_else(bad)?;
            scores.push(score(near));
        }
        let records = self.elements(set, &names, request.with_vectors).await?;
        let hits = records.into_iter().zip(scores).filter_map(|(record, score)| {
            let record = record?;
            let like = matches!(&request.query, SearchQuery::Like(id) if *id == record.id);
            let selected = request.filter.as_ref().is_none_or(|filter| filter.selects(&record));
            (selected && !like).then_some(Hit { record, score })
        });
        Ok(hits.take(request.top).collect())
    }

    /// The names behind the last one, in their order, at most so many.
    async fn names(&self, set: &VectorSet, last: Option<&str>, most: usize) -> Result<Vec<Vec<u8>>> {
        if !self.sets.range {
            let all = |count: u64| {
                let mut command = redis::cmd("VRANDMEMBER");
                command.arg(&set.key).arg(count);
                command
            };
            let mut names = sorted_behind(self.all(set, all).await?, last);
            names.truncate(most);
            return Ok(names);
        }
        let from = match last {
            None => "-".to_owned(),
            Some("") => BEHIND_EMPTY.to_owned(),
            Some(last) => format!("({last}"),
        };
        let mut command = redis::cmd("VRANGE");
        command.arg(&set.key).arg(from).arg("+").arg(most);
        self.listed(&command).await
    }

    /// The names of all elements that a filter may select.
    async fn candidates(&self, set: &VectorSet, filter: &Filter) -> Result<Vec<Vec<u8>>> {
        let expression = filter::candidates(filter, self.sets.flat)?;
        let all = |count: u64| {
            let mut command = redis::cmd("VSIM");
            // Every element is as far from zero as any other: nothing is sorted.
            command.arg(&set.key).arg("FP32").arg(vec![0_u8; 4 * set.taken()]);
            command.arg("COUNT").arg(count).arg("TRUTH").arg("FILTER").arg(&expression);
            command
        };
        self.all(set, all).await
    }

    /// Asks for so many names that all of them must be there, also of a set that grows.
    async fn all(&self, set: &VectorSet, command: impl Fn(u64) -> Cmd) -> Result<Vec<Vec<u8>>> {
        let mut count = set.size.saturating_add(MEANWHILE);
        loop {
            let names = self.listed(&command(count)).await?;
            if (names.len() as u64) < count {
                return Ok(names);
            }
            count = count.saturating_mul(2);
        }
    }

    async fn listed(&self, command: &Cmd) -> Result<Vec<Vec<u8>>> {
        let answer = self.connection.ask(command).await?;
        // The last element takes its key with it.
        if answer == Value::Nil {
            return Ok(Vec::new());
        }
        let names = array(&answer).and_then(|names| names.iter().map(|name| bytes(name).map(<[u8]>::to_vec)).collect());
        names.ok_or_else(|| self.connection.bad_answer("a list of elements that is none"))
    }

    /// Those of the candidates that the filter selects.
    async fn selected(&self, set: &VectorSet, names: &[Vec<u8>], filter: &Filter) -> Result<Vec<Vec<u8>>> {
        let questions = names.iter().map(|name| set.about("VGETATTR", name)).collect();
        let answers = self.connection.ask_all(questions).await?;
        let selected = names.iter().zip(answers).filter(|(_, attributes)| {
            let payload = element::payload(attributes);
            filter.selects(&Record { id: RecordId::from(""), vectors: None, payload, text: None })
        });
        Ok(selected.map(|(name, _)| name.clone()).collect())
    }

    /// The records of these elements; `None` for each that is not there.
    async fn elements(&self, set: &VectorSet, names: &[Vec<u8>], with_vectors: bool) -> Result<Vec<Option<Record>>> {
        let mut records = Vec::with_capacity(names.len());
        let raw = with_vectors || !self.sets.member;
        for names in names.chunks(STEP) {
            let questions = names.iter().flat_map(|name| {
                let mut there = set.about(if raw { "VEMB" } else { "VISMEMBER" }, name);
                if raw {
                    there.arg("RAW");
                }
                [there, set.about("VGETATTR", name)]
            });
            let answers = self.connection.ask_all(questions.collect()).await?;
            for (name, pair) in names.iter().zip(answers.chunks_exact(2)) {
                let [there, attributes] = pair else { continue };
                if !element::is_there(there) {
                    records.push(None);
                    continue;
                }
                let bad = |cause: String| self.connection.bad_answer(cause);
                let id = std::str::from_utf8(name).map_err(|_| {
                    bad(format!("an element whose name is no UTF-8 text, {:?}", String::from_utf8_lossy(name)))
                })?;
                let vectors = match with_vectors {
                    true => element::vector(there, set.dimension).map_err(bad)?.map(Vectors::unnamed),
                    false => None,
                };
                let payload = element::payload(attributes);
                records.push(Some(Record { id: RecordId::from(id), vectors, payload, text: None }));
            }
        }
        Ok(records)
    }
}

/// What a search asks for beside the vector.
#[derive(Clone, Copy)]
struct Asked<'a> {
    expression: Option<&'a str>,
    most: usize,
    exact: bool,
}

impl Asked<'_> {
    fn finish(self, command: &mut Cmd) {
        command.arg("WITHSCORES").arg("COUNT").arg(self.most);
        if let Some(expression) = self.expression {
            command.arg("FILTER").arg(expression);
        }
        if self.exact {
            command.arg("TRUTH");
        }
    }
}

impl VectorSet {
    /// A question about one element.
    pub(super) fn about(&self, command: &str, name: &[u8]) -> Cmd {
        let mut command = redis::cmd(command);
        command.arg(&self.key).arg(name);
        command
    }

    /// The beginning of a search.
    fn near(&self, query: &SearchQuery) -> Result<Cmd> {
        let mut command = redis::cmd("VSIM");
        command.arg(&self.key);
        match query {
            SearchQuery::Vector(vector) => command.arg("FP32").arg(blob(self.check(vector)?)),
            SearchQuery::Text(_) => return Err(ProviderError::not_by_text(PRODUCT)),
            SearchQuery::Like(RecordId::Text(name)) => command.arg("ELE").arg(name),
            SearchQuery::Like(id) => {
                return Err(ProviderError::NoSuchRecord { collection: self.name.clone(), id: id.to_string() });
            }
        };
        Ok(command)
    }

    /// The numbers of a vector that the set can take.
    ///
    /// # Errors
    /// `Unsupported` for a vector that is not dense, `BadRequest` for another number of dimensions and for
    /// numbers that are not finite.
    pub(super) fn check<'a>(&self, vector: &'a Vector) -> Result<&'a [f32]> {
        let Vector::Dense(values) = vector else { return Err(unsupported("a vector set has dense vectors only")) };
        let bad = |cause| ProviderError::BadRequest { cause, mend: "Give a vector of that kind.".to_owned() };
        if values.len() != self.taken() {
            let (given, taken) = (values.len(), self.taken());
            return Err(bad(format!("the vector has {given} dimensions, and the vector set takes {taken}")));
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(place) => Err(bad(format!("dimension {place} of the vector is no finite number"))),
            None => Ok(values),
        }
    }
}

/// A vector as Redis takes it.
pub(super) fn blob(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The similarity of a score, which Redis gives from 0 (opposite) to 1 (the same direction).
#[allow(clippy::cast_possible_truncation)] // scores are f32
fn score(near: f64) -> Score {
    Score::new((2.0 * near - 1.0) as f32, Metric::Cosine)
}

/// The names behind the last one, in their order, each once.
fn sorted_behind(mut names: Vec<Vec<u8>>, last: Option<&str>) -> Vec<Vec<u8>> {
    names.retain(|name| last.is_none_or(|last| name.as_slice() > last.as_bytes()));
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_cut_behind_the_last() {
        let names = |names: &[&str]| names.iter().map(|name| name.as_bytes().to_vec()).collect::<Vec<_>>();
        let all = names(&["b", "", "a", "ab", "a", "ü"]);
        assert_eq!(sorted_behind(all.clone(), None), names(&["", "a", "ab", "b", "ü"]));
        assert_eq!(sorted_behind(all.clone(), Some("a")), names(&["ab", "b", "ü"]));
        assert_eq!(sorted_behind(all, Some("")), names(&["a", "ab", "b", "ü"]));
    }

    #[test]
    fn a_score_is_the_cosine() {
        let values = [1.0, 0.5, 0.0].map(|near| score(near).value);
        assert_eq!(values, [1.0, 0.0, -1.0]);
    }
}
