//! The GraphQL of the fake Weaviate: the queries that we send, read by a small parser, and `where` on
//! what is stored. Its model makes the vector `[3, 0]` of the text `3 0`; its BM25 counts common words.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Class;

/// The answer to a query; what is wrong with it stands in `errors`, as in GraphQL.
pub fn answer(classes: &BTreeMap<String, Class>, query: &str) -> Value {
    match run(classes, query) {
        Ok(data) => json!({ "data": data }),
        Err(words) => json!({ "data": null, "errors": [{ "message": words }] }),
    }
}

fn run(classes: &BTreeMap<String, Class>, query: &str) -> Result<Value, String> {
    let mut text = Text(query);
    text.expect('{')?;
    let kind = text.word()?;
    text.expect('{')?;
    let name = text.word()?;
    let class = classes.get(&name).ok_or_else(|| format!("Cannot query field \"{name}\" on type \"{kind}\"."))?;
    let arguments = if text.0.starts_with('(') { text.list('(', ')')? } else { Map::new() };
    let objects = class.objects(arguments.get("tenant").and_then(Value::as_str))?;
    let condition = arguments.get("where");
    let mut found = Vec::new();
    // backwards: the order before sorting is nobody's business
    for object in objects.values().rev() {
        if condition.map_or(Ok(true), |condition| selects(condition, object, class))? {
            found.push(object);
        }
    }
    let limit = arguments.get("limit").and_then(Value::as_u64).map_or(usize::MAX, |limit| limit as usize);
    match (kind.as_str(), text.0) {
        ("Aggregate", "{meta{count}}}}") => {
            Ok(json!({ "Aggregate": { name: [{ "meta": { "count": found.len() } }] } }))
        }
        ("Get", "{_additional{id}}}}") => {
            // As seen on 1.39: a single condition stops at the limit, and only then it is sorted.
            if condition.is_some_and(|condition| condition.get("operands").is_none()) {
                found.truncate(limit);
            }
            if arguments["sort"] != json!([{ "path": ["_id"], "order": "asc" }]) {
                return Err("no order".to_owned());
            }
            found.sort_by_key(|object| object["id"].as_str().unwrap());
            let ids: Vec<Value> =
                found.iter().take(limit).map(|object| json!({ "_additional": { "id": object["id"] } })).collect();
            Ok(json!({ "Get": { name: ids } }))
        }
        ("Get", "{_additional{id distance}}}}") => {
            let mut hits = match arguments.get("nearText") {
                Some(near_text) => near(class, &found, &embedded(class, near_text)?)?,
                None => near(class, &found, &arguments["nearVector"])?,
            };
            hits.sort_by(|a, b| a.0.total_cmp(&b.0));
            let hit =
                |(distance, id): (f64, Value)| json!({ "_additional": { "id": id, "distance": distance as f32 } });
            let hits: Vec<Value> = hits.into_iter().take(limit).map(hit).collect();
            Ok(json!({ "Get": { name: hits } }))
        }
        ("Get", "{_additional{id score}}}}") => {
            let mut hits = match arguments.get("hybrid") {
                Some(hybrid) => mixed(class, &found, hybrid)?,
                None => worded(class, &found, arguments.get("bm25").ok_or("nothing is searched")?)?,
            };
            hits.sort_by(|a, b| b.0.total_cmp(&a.0));
            // a score is a text here, as on 1.39
            let hit =
                |(score, id): (f64, Value)| json!({ "_additional": { "id": id, "score": (score as f32).to_string() } });
            let hits: Vec<Value> = hits.into_iter().take(limit).map(hit).collect();
            Ok(json!({ "Get": { name: hits } }))
        }
        (kind, rest) => Err(format!("unknown query {kind} {rest}")),
    }
}

/// Refuses an argument that is not among those of the published schema that we use.
fn known(argument: &Value, names: &[&str]) -> Result<(), String> {
    let other = argument.as_object().and_then(|all| all.keys().find(|name| !names.contains(&name.as_str())));
    other.map_or(Ok(()), |name| Err(format!("Argument has invalid value: In field \"{name}\": Unknown field.")))
}

/// The `nearVector` that the model of the class makes of a `nearText`.
fn embedded(class: &Class, near: &Value) -> Result<Value, String> {
    known(near, &["concepts", "targetVectors", "certainty", "distance", "autocorrect", "moveTo", "moveAwayFrom"])?;
    let text = near["concepts"][0].as_str().ok_or("concepts is a list of texts")?;
    let name = near["targetVectors"][0].as_str();
    let model = match name {
        Some(name) => {
            class.description["vectorConfig"][name]["vectorizer"].as_object().and_then(|all| all.keys().next())
        }
        None => None,
    };
    let model = model.map(String::as_str).or(class.description["vectorizer"].as_str().filter(|_| name.is_none()));
    if !model.is_some_and(|model| model.starts_with("text2vec-")) {
        return Err("could not vectorize input: no vectorizer".to_owned());
    }
    let numbers: Vec<f64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
    Ok(json!({ "vector": numbers, "targetVectors": near["targetVectors"] }))
}

/// How many words of the query the texts of an object have; texts that were left whole are one word.
fn worded(class: &Class, objects: &[&Value], asked: &Value) -> Result<Vec<(f64, Value)>, String> {
    known(asked, &["query", "properties", "searchOperator"])?;
    let query = asked["query"].as_str().ok_or("query is a text")?.to_lowercase();
    let mut hits = Vec::new();
    for object in objects {
        let mut score = 0;
        for (name, value) in object["properties"].as_object().into_iter().flatten() {
            let whole = class.property(name).is_some_and(|property| property["tokenization"] == "field");
            let text = value.as_str().unwrap_or_default().to_lowercase();
            score += if whole {
                usize::from(text == query)
            } else {
                text.split(' ').filter(|word| query.split(' ').any(|asked| asked == *word)).count()
            };
        }
        if score > 0 {
            hits.push((score as f64, object["id"].clone()));
        }
    }
    Ok(hits)
}

/// Words and nearness, each brought to 0 to 1.
fn mixed(class: &Class, objects: &[&Value], asked: &Value) -> Result<Vec<(f64, Value)>, String> {
    known(asked, &["query", "alpha", "vector", "targetVectors", "fusionType", "properties", "maxVectorDistance"])?;
    if asked["fusionType"] != "relativeScoreFusion" {
        return Err(format!("Value {} is no HybridFusionEnum", asked["fusionType"]));
    }
    let alpha = asked["alpha"].as_f64().filter(|alpha| (0.0..=1.0).contains(alpha)).ok_or("alpha is from 0 to 1")?;
    let near_vector = match asked.get("vector") {
        Some(vector) => json!({ "vector": vector, "targetVectors": asked["targetVectors"] }),
        None => embedded(class, &json!({ "concepts": [asked["query"]], "targetVectors": asked["targetVectors"] }))?,
    };
    let mut sum: BTreeMap<String, f64> = BTreeMap::new();
    let words = worded(class, objects, &json!({ "query": asked["query"] }))?;
    let best = words.iter().map(|hit| hit.0).fold(1.0, f64::max);
    for (score, id) in words {
        *sum.entry(id.as_str().unwrap().to_owned()).or_default() += (1.0 - alpha) * score / best;
    }
    for (distance, id) in near(class, objects, &near_vector)? {
        *sum.entry(id.as_str().unwrap().to_owned()).or_default() += alpha / (1.0 + distance);
    }
    Ok(sum.into_iter().filter(|(_, score)| *score > 0.0).map(|(id, score)| (score, json!(id))).collect())
}

fn near(class: &Class, objects: &[&Value], near: &Value) -> Result<Vec<(f64, Value)>, String> {
    let name = near["targetVectors"][0].as_str();
    let config = match name {
        Some(name) => &class.description["vectorConfig"][name],
        None => &class.description,
    };
    let metric = config["vectorIndexConfig"]["distance"].as_str().ok_or("index for target vector not found")?;
    let mut hits = Vec::new();
    for object in objects {
        let stored = name.map_or(&object["vector"], |name| &object["vectors"][name]);
        if !stored.is_null() {
            hits.push((distance(metric, &near["vector"], stored)?, object["id"].clone()));
        }
    }
    Ok(hits)
}

fn distance(metric: &str, a: &Value, b: &Value) -> Result<f64, String> {
    let rows = |value: &Value| value.as_array().filter(|list| list.first().is_some_and(Value::is_array)).cloned();
    if let (Some(a), Some(b)) = (rows(a), rows(b)) {
        // for each row of the query the best of the other's
        let mut sum = 0.0;
        for x in &a {
            let all: Vec<f64> = b.iter().map(|y| distance(metric, x, y)).collect::<Result<_, _>>()?;
            sum += all.into_iter().fold(f64::INFINITY, f64::min);
        }
        return Ok(sum);
    }
    let numbers =
        |value: &Value| -> Vec<f64> { value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect() };
    let (a, b) = (numbers(a), numbers(b));
    if a.len() != b.len() {
        return Err(format!("vector lengths don't match: {} vs {}", a.len(), b.len()));
    }
    let pairs = || a.iter().zip(&b);
    let dot: f64 = pairs().map(|(x, y)| x * y).sum();
    let norm = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    Ok(match metric {
        "cosine" => 1.0 - dot / (norm(&a) * norm(&b)),
        "dot" => -dot,
        "l2-squared" => pairs().map(|(x, y)| (x - y).powi(2)).sum(),
        "manhattan" => pairs().map(|(x, y)| (x - y).abs()).sum(),
        other => return Err(format!("unknown distance {other}")),
    })
}

/// `where`, with the types checked as the server does.
fn selects(condition: &Value, object: &Value, class: &Class) -> Result<bool, String> {
    let operator = condition["operator"].as_str().ok_or("a condition without an operator")?;
    if let Some(operands) = condition["operands"].as_array() {
        let all: Vec<bool> = operands.iter().map(|part| selects(part, object, class)).collect::<Result<_, _>>()?;
        return match operator {
            "And" => Ok(all.iter().all(|part| *part)),
            "Or" => Ok(all.iter().any(|part| *part)),
            "Not" if all.len() == 1 => Ok(!all[0]),
            _ => Err(format!("unknown operator {operator}")),
        };
    }
    let path = condition["path"][0].as_str().ok_or("a condition without a path")?;
    if path == "id" {
        let order = object["id"].as_str().cmp(&condition["valueText"].as_str());
        return compares(operator, order);
    }
    let property = class.property(path).ok_or_else(|| format!("no such prop with name '{path}'"))?;
    let stored = object["properties"].get(path);
    if operator == "IsNull" {
        if class.description["invertedIndexConfig"]["indexNullState"] != true {
            return Err("Nullstate must be indexed to be filterable!".to_owned());
        }
        let null = match stored {
            None => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(list)) => list.is_empty(),
            Some(_) => false,
        };
        return Ok(condition["valueBoolean"] == null);
    }
    let kind = property["dataType"][0].as_str().unwrap_or_default();
    let (kind, key) = match kind.trim_end_matches("[]") {
        "text" => ("text", "valueText"),
        "int" => ("int", "valueInt"),
        "number" => ("number", "valueNumber"),
        "boolean" => ("boolean", "valueBoolean"),
        other => return Err(format!("no filter on {other}")),
    };
    let asked =
        condition.get(key).ok_or_else(|| format!("data type filter cannot be used on type {kind:?}: {condition}"))?;
    let elements: Vec<&Value> = match stored {
        None => Vec::new(),
        Some(Value::Array(list)) => list.iter().collect(),
        Some(single) => vec![single],
    };
    for element in elements {
        let order = match kind {
            "text" => element.as_str().map(str::trim).cmp(&asked.as_str().map(str::trim)),
            "boolean" => element.as_bool().cmp(&asked.as_bool()),
            _ => element.as_f64().partial_cmp(&asked.as_f64()).ok_or("no order")?,
        };
        if compares(operator, order)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn compares(operator: &str, order: Ordering) -> Result<bool, String> {
    match operator {
        "Equal" => Ok(order.is_eq()),
        "GreaterThan" => Ok(order.is_gt()),
        "GreaterThanEqual" => Ok(order.is_ge()),
        "LessThan" => Ok(order.is_lt()),
        "LessThanEqual" => Ok(order.is_le()),
        other => Err(format!("unknown operator {other}")),
    }
}

/// What is left to be read.
struct Text<'a>(&'a str);

impl Text<'_> {
    fn expect(&mut self, c: char) -> Result<(), String> {
        self.0 = self.0.strip_prefix(c).ok_or_else(|| format!("Syntax Error: expected {c:?} before {:?}", self.0))?;
        Ok(())
    }

    fn word(&mut self) -> Result<String, String> {
        let end = self.0.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        if word.is_empty() {
            return Err(format!("Syntax Error: a name before {rest:?}"));
        }
        self.0 = rest;
        Ok(word.to_owned())
    }

    /// `name:value` between brackets.
    fn list(&mut self, open: char, close: char) -> Result<Map<String, Value>, String> {
        self.expect(open)?;
        let mut all = Map::new();
        while !self.0.starts_with(close) {
            let name = self.word()?;
            self.expect(':')?;
            let value = self.value()?;
            all.insert(name, value);
            self.0 = self.0.trim_start_matches(',');
        }
        self.expect(close)?;
        Ok(all)
    }

    fn value(&mut self) -> Result<Value, String> {
        match self.0.chars().next() {
            Some('{') => self.list('{', '}').map(Value::Object),
            Some('[') => {
                self.expect('[')?;
                let mut all = Vec::new();
                while !self.0.starts_with(']') {
                    all.push(self.value()?);
                    self.0 = self.0.trim_start_matches(',');
                }
                self.expect(']')?;
                Ok(Value::Array(all))
            }
            Some(c) if c == '"' || c == '-' || c.is_ascii_digit() => {
                let number = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
                let end = match c {
                    '"' => closing_quote(self.0).ok_or("Syntax Error: a text without its end")?,
                    _ => self.0.find(|c| !number(c)).unwrap_or(self.0.len()),
                };
                let (value, rest) = self.0.split_at(end);
                self.0 = rest;
                serde_json::from_str(value).map_err(|error| format!("Syntax Error: {value}: {error}"))
            }
            _ => self.word().map(|word| match word.as_str() {
                "true" => json!(true),
                "false" => json!(false),
                _ => json!(word),
            }),
        }
    }
}

/// The place behind the quote that ends the text that begins here.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().skip(1).find_map(|(at, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at + 1)
    })
}
