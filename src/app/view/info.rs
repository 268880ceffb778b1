//! All about a collection.

use crate::app::list::ListState;
use crate::app::loadable::Loadable;
use crate::provider::model::{CollectionInfo, CollectionState};

/// A description in a pane.
#[derive(Debug, Clone)]
pub struct InfoView {
    /// The collection.
    pub collection: String,
    /// The description.
    pub info: Loadable<CollectionInfo>,
    /// Scroll.
    pub list: ListState,
}

impl InfoView {
    /// Nothing known yet.
    pub fn new(collection: &str) -> Self {
        Self { collection: collection.to_owned(), info: Loadable::default(), list: ListState::default() }
    }

    /// Label and text of each line; an empty label continues, an empty text is a heading.
    pub fn lines(&self) -> Vec<(String, String)> {
        self.info.value.as_ref().map_or_else(Vec::new, describe)
    }
}

fn describe(info: &CollectionInfo) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut line = |label: &str, text: String| lines.push((label.to_owned(), text));
    line("collection", info.summary.name.clone());
    line(
        "records",
        info.summary.count.map_or("unknown".to_owned(), |c| {
            format!("{} ({})", c.value, if c.exact { "exact" } else { "approximate" })
        }),
    );
    line(
        "state",
        match &info.state {
            CollectionState::Ready => "ready".to_owned(),
            CollectionState::Busy(what) => format!("busy: {what}"),
            CollectionState::Degraded(why) => format!("degraded: {why}"),
            CollectionState::Unknown => "the maker does not tell".to_owned(),
        },
    );
    line("Vectors", String::new());
    for v in &info.summary.vectors {
        let name = if v.name.is_empty() { "(unnamed)" } else { &v.name };
        let dimension = v.dimension.map_or(String::new(), |d| format!(" {d}"));
        let metric = v.metric.map_or(String::new(), |m| format!(" {}", m.name()));
        let index = v.index.as_ref().map_or(String::new(), |i| format!(", {i}"));
        line(name, format!("{}{dimension}{metric}{index}", v.kind.name()));
    }
    if !info.fields.is_empty() {
        line("Payload fields", String::new());
        for field in &info.fields {
            let indexed = field.indexed.map_or(String::new(), |n| format!(", index over {n}"));
            line(&field.path, format!("{}{indexed}", field.kind));
        }
    }
    line("As the maker tells it", String::new());
    let text = serde_json::to_string_pretty(&info.details).unwrap_or_default();
    for json in text.lines() {
        line("", json.to_owned());
    }
    lines
}
