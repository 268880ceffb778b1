//! `search --also`: one query in several collections, and how alike their lists are.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};

use super::Args;
use crate::cli::open::{Opened, open};
use crate::cli::records::Fields;
use crate::cli::table::Table;
use crate::cli::{CliError, Context, Exit, Out};
use crate::jobs::model::matching::{self, Itself, MatchBy};
use crate::jobs::model::one_query::field_for;
use crate::jobs::model::ranking::{Agreement, RBO_P, normalised};
use crate::provider::filter::Filter;
use crate::provider::model::{Hit, Record, SearchQuery, SearchRequest, VectorSpec};
use crate::provider::{ProviderError, Support, ids};
use crate::text::format;

/// One of the collections.
struct Place<'a> {
    target: &'a str,
    collection: &'a str,
    exact: bool,
}

/// What one of them answered.
struct List<'a> {
    place: Place<'a>,
    using: Option<String>,
    took: Option<Duration>,
    found: Result<Vec<Hit>, String>,
    exit: Exit,
}

/// A record of the lists, with its place in each of them.
struct Item<'a> {
    record: &'a Record,
    places: Vec<Option<usize>>,
}

/// How two lists compare.
struct Pair {
    lists: (usize, usize),
    agreement: Agreement,
    by_text: usize,
}

/// Searches all and prints the lists beside each other.
///
/// # Errors
/// A first target that cannot be opened or searched; what fails elsewhere is said in the list.
pub async fn run(
    args: &Args,
    query: Option<SearchQuery>,
    filter: Option<Filter>,
    context: &mut Context,
    out: &mut Out,
) -> Result<Exit, CliError> {
    let places = places(args);
    // A target is opened once, however often it is named: an embedded database allows no more.
    let mut opened: Vec<(&str, Result<Opened, CliError>)> = Vec::new();
    for place in &places {
        if !opened.iter().any(|(word, _)| *word == place.target) {
            let database = open(place.target, context, out).await;
            if opened.is_empty()
                && let Err(error) = database
            {
                return Err(error);
            }
            opened.push((place.target, database));
        }
    }
    let database =
        |place: &Place<'_>| opened.iter().find(|(word, _)| *word == place.target).map(|(_, database)| database);
    let first = places.first().and_then(database);
    let Some(Ok(first)) = first else { return Err(CliError::Usage("no collection is given. See --help.".to_owned())) };
    let by = args.match_by.clone().map_or(MatchBy::Id, MatchBy::Field);
    let (query, like, using) = match query {
        Some(query) => (query, None, args.using.clone()),
        None => like(args, first).await?,
    };
    let top = usize::try_from(args.top).unwrap_or(usize::MAX);
    let request = SearchRequest {
        using,
        filter,
        top: top + usize::from(like.is_some()),
        with_vectors: args.with_vectors,
        ..SearchRequest::new(query, top)
    };
    let asked = places.into_iter().map(|place| {
        let database = database(&place);
        ask(place, database, &request)
    });
    let mut lists = join_all(asked).await;
    for (at, list) in lists.iter_mut().enumerate() {
        let Ok(hits) = &mut list.found else { continue };
        let by = if at == 0 { &MatchBy::Id } else { &by };
        let itself = like.as_ref().and_then(|record| Itself::of(record, by));
        hits.retain(|hit| itself.as_ref().is_none_or(|itself| !itself.is(&hit.record)));
        hits.truncate(top);
    }
    if let Some(List { found: Err(error), exit, .. }) = lists.first() {
        out.note(error);
        return Ok(*exit);
    }
    let (items, pairs) = (items(&lists, &by), pairs(&lists, &by, top));
    if args.json.json {
        out.json(&document(args, &lists, &items, &pairs, &by, top))?;
    } else {
        print(args, &lists, &items, &pairs, out)?;
    }
    let ends: Vec<Exit> = lists.iter().map(|list| list.exit).collect();
    Ok(if items.is_empty() && ends.iter().all(|end| *end == Exit::Done) {
        Exit::Nothing
    } else {
        Exit::together(&ends)
    })
}

fn places(args: &Args) -> Vec<Place<'_>> {
    let first = Place { target: &args.target, collection: &args.collection, exact: args.exact };
    let mut places = vec![first];
    for (words, exact) in [(&args.also, args.exact), (&args.also_exact, true)] {
        for pair in words.chunks_exact(2) {
            if let [target, collection] = pair {
                places.push(Place { target, collection, exact });
            }
        }
    }
    places
}

/// The vector of the record of `--like` in the first collection.
async fn like(args: &Args, first: &Opened) -> Result<(SearchQuery, Option<Record>, Option<String>), CliError> {
    let word = args.like.as_deref().unwrap_or_default();
    let id = ids::parse(word, first.provider.capabilities());
    let fields = fields(first, &args.collection).await.map_err(|error| first.error(error))?;
    let using = args.using.clone().or_else(|| fields.first().map(|field| field.name.clone()));
    let asked = first.provider.get(&args.collection, std::slice::from_ref(&id), true);
    let records = first.ask("the record", asked).await?;
    let missing = || ProviderError::NoSuchRecord { collection: args.collection.clone(), id: id.to_string() };
    let record = records.into_iter().next().ok_or_else(|| first.error(missing()))?;
    let vector = record.vectors.as_ref().and_then(|vectors| {
        let named = using.as_deref().and_then(|name| vectors.get(name));
        named.or_else(|| vectors.0.first().map(|(_, vector)| vector)).cloned()
    });
    let vector = vector.ok_or_else(|| CliError::Usage(format!("the record {id} has no vector to search with.")))?;
    Ok((SearchQuery::Vector(vector), Some(record), using))
}

async fn fields(opened: &Opened, collection: &str) -> Result<Vec<VectorSpec>, ProviderError> {
    let described = opened.answer("the description", opened.provider.describe(collection)).await?;
    Ok(described.summary.vectors)
}

/// Asks one of them, or says why not.
async fn ask<'a>(place: Place<'a>, database: Option<&Result<Opened, CliError>>, request: &SearchRequest) -> List<'a> {
    let failed = |place, error: String, exit| List { place, using: None, took: None, found: Err(error), exit };
    let opened = match database {
        Some(Ok(opened)) => opened,
        Some(Err(error)) => return failed(place, error.to_string(), error.exit()),
        None => return failed(place, "it was not opened.".to_owned(), Exit::Unreachable),
    };
    let provider_failed = |place, error: ProviderError| {
        let exit = Exit::of(error.kind());
        failed(place, opened.error(error).to_string(), exit)
    };
    let fields = match fields(opened, place.collection).await {
        Ok(fields) => fields,
        Err(error) => return provider_failed(place, error),
    };
    let can = opened.provider.capabilities();
    if let (true, Support::No(why)) = (place.exact, &can.exact_search) {
        return failed(place, format!("not searched: {} is not searched exactly: {why}.", opened.label), Exit::Usage);
    }
    let using = match field_for(&request.query, place.collection, &fields, Some(can), request.using.as_deref()) {
        Ok(using) => using.filter(|name| !name.is_empty()),
        Err(unfit) => return failed(place, unfit.to_string(), Exit::Usage),
    };
    let request = SearchRequest { using: using.clone(), exact: place.exact, ..request.clone() };
    let started = Instant::now();
    let found = opened.answer("the search", opened.provider.search(place.collection, &request)).await;
    let took = Some(started.elapsed());
    match found {
        Ok(hits) => List { place, using, took, found: Ok(hits), exit: Exit::Done },
        Err(error) => List { using, took, ..provider_failed(place, error) },
    }
}

fn records<'a>(list: &'a List<'_>) -> Vec<&'a Record> {
    list.found.iter().flatten().map(|hit| &hit.record).collect()
}

/// Every record of the lists once: in the order of the first list, then what only later ones have.
fn items<'a>(lists: &'a [List<'_>], by: &MatchBy) -> Vec<Item<'a>> {
    let mut items: Vec<Item<'a>> = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        let records = records(list);
        let known: Vec<&Record> = items.iter().map(|item| item.record).collect();
        let back = matching::pair(&known, &records, by).back();
        for (place, (record, item)) in records.iter().zip(back).enumerate() {
            match item.and_then(|item| items.get_mut(item)) {
                Some(item) => item.places[at] = Some(place),
                None => {
                    let mut places = vec![None; lists.len()];
                    places[at] = Some(place);
                    items.push(Item { record, places });
                }
            }
        }
    }
    items
}

/// Each two lists that were answered.
fn pairs(lists: &[List<'_>], by: &MatchBy, top: usize) -> Vec<Pair> {
    let answered: Vec<usize> = (0..lists.len()).filter(|at| lists[*at].found.is_ok()).collect();
    let mut pairs = Vec::new();
    for (i, a) in answered.iter().enumerate() {
        for b in &answered[i + 1..] {
            let matched = matching::pair(&records(&lists[*a]), &records(&lists[*b]), by);
            let (first, second) = matched.keys();
            let agreement = Agreement::of(&first, &second, top);
            pairs.push(Pair { lists: (*a, *b), agreement, by_text: matched.by_text });
        }
    }
    pairs
}

/// A, B, C ... in the table.
fn letter(at: usize) -> String {
    let letter = u8::try_from(at).ok().and_then(|at| b'A'.checked_add(at)).filter(u8::is_ascii_uppercase);
    letter.map_or_else(|| format!("list {}", at + 1), |letter| char::from(letter).to_string())
}

fn print(args: &Args, lists: &[List<'_>], items: &[Item<'_>], pairs: &[Pair], out: &mut Out) -> Result<(), CliError> {
    let fields = Fields::of(items.iter().map(|item| item.record), args.with_vectors);
    let norms: Vec<Vec<f64>> = lists.iter().map(norms).collect();
    let mut headings: Vec<String> = (0..lists.len()).map(|at| format!(">{}", letter(at))).collect();
    for (at, list) in lists.iter().enumerate() {
        let measure = list.found.iter().flatten().next().map_or("score", |hit| hit.score.measure.name());
        headings.extend([format!(">{} {measure}", letter(at)), format!(">{} norm", letter(at))]);
    }
    headings.extend(fields.headings());
    let mut table = Table::new(headings);
    for item in items {
        let rank = |place: &Option<usize>| place.map_or("-".to_owned(), |place| (place + 1).to_string());
        let mut cells: Vec<String> = item.places.iter().map(rank).collect();
        for (at, place) in item.places.iter().enumerate() {
            let hit = place.and_then(|place| lists[at].found.as_ref().ok()?.get(place));
            let norm = place.and_then(|place| norms[at].get(place));
            cells.push(hit.map_or(String::new(), |hit| format!("{:.4}", hit.score.value)));
            cells.push(norm.map_or(String::new(), |norm| format!("{norm:.3}")));
        }
        cells.extend(fields.cells(item.record));
        table.row(cells);
    }
    out.table(&table)?;
    out.line("")?;
    for (at, list) in lists.iter().enumerate() {
        let how = if list.place.exact { "exact" } else { "through its index" };
        let using = list.using.as_ref().map_or(String::new(), |name| format!(", vector {name}"));
        let took = list.took.map_or(String::new(), |took| format!(", {}", format::duration(took)));
        let found = match &list.found {
            Ok(hits) => format!("{} hits, {how}{using}{took}", hits.len()),
            Err(why) => why.clone(),
        };
        out.line(&format!("{}: {} / {}: {found}", letter(at), list.place.target, list.place.collection))?;
    }
    let Some(first) = pairs.first() else { return Ok(()) };
    out.line("")?;
    let overlap = format!(">overlap@{}", first.agreement.k);
    let rbo = format!(">RBO({RBO_P})");
    let mut table = Table::new(["lists", ">common", &overlap, &rbo, ">Spearman", "ids of another kind"]);
    for pair in pairs {
        let a = &pair.agreement;
        table.row([
            format!("{} {}", letter(pair.lists.0), letter(pair.lists.1)),
            a.common.to_string(),
            format!("{:.3}", a.overlap),
            format!("{:.3}", a.rbo),
            a.spearman.map_or("-".to_owned(), |rho| format!("{rho:.3}")),
            if pair.by_text > 0 { format!("{} matched by text", pair.by_text) } else { "none".to_owned() },
        ]);
    }
    out.table(&table)?;
    Ok(())
}

fn norms(list: &List<'_>) -> Vec<f64> {
    normalised(&list.found.iter().flatten().map(|hit| hit.score).collect::<Vec<_>>())
}

/// The documented JSON shape.
fn document(args: &Args, lists: &[List<'_>], items: &[Item<'_>], pairs: &[Pair], by: &MatchBy, top: usize) -> Value {
    let lists = lists.iter().map(|list| {
        let hits = list.found.iter().flatten().zip(norms(list)).enumerate().map(|(at, (hit, norm))| {
            let mut value = hit.to_json();
            value["rank"] = json!(at + 1);
            value["normalised"] = json!(norm);
            value
        });
        json!({
            "target": list.place.target,
            "collection": list.place.collection,
            "exact": list.place.exact,
            "using": list.using,
            "took_ms": list.took.map(|took| took.as_secs_f64() * 1e3),
            "error": list.found.as_ref().err(),
            "hits": hits.collect::<Vec<Value>>(),
        })
    });
    let items = items.iter().map(|item| {
        let ranks: Vec<Option<usize>> = item.places.iter().map(|place| place.map(|place| place + 1)).collect();
        json!({ "id": item.record.id.to_json(), "ranks": ranks })
    });
    let agreements = pairs.iter().map(|pair| {
        let a = &pair.agreement;
        json!({
            "lists": [pair.lists.0, pair.lists.1],
            "k": a.k,
            "common": a.common,
            "overlap": a.overlap,
            "rbo": a.rbo,
            "rbo_p": RBO_P,
            "spearman": a.spearman,
            "matched_by_text": pair.by_text,
        })
    });
    let query = match (&args.like, &args.text) {
        (Some(id), _) => json!({ "like": id }),
        (None, Some(text)) => json!({ "text": text, "by": args.by }),
        (None, None) => json!({ "vector": true }),
    };
    json!({
        "query": query,
        "k": top,
        "match_by": by.name(),
        "lists": lists.collect::<Vec<Value>>(),
        "items": items.collect::<Vec<Value>>(),
        "agreements": agreements.collect::<Vec<Value>>(),
    })
}
