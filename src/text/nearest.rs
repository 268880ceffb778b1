//! The names that a mistyped one may have meant.

/// The names nearest to what was typed, best first, at most three; none when nothing is near.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let typed = typed.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| {
            let lower = name.to_lowercase();
            let contained = typed.len() > 1 && (lower.contains(&typed) || typed.contains(&lower));
            let score = strsim::jaro_winkler(&typed, &lower).max(if contained { 0.9 } else { 0.0 });
            (score, name)
        })
        .filter(|(score, _)| *score >= 0.75)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}
