//! The tables of `docs/providers.md`, made from what the makers declare; a test keeps them fresh.

use super::{Capabilities, Maker, Place, ProviderKind, Support};

/// A column of the table: its title, and what it says of a maker.
type Column = (&'static str, fn(&Capabilities) -> &Support);

const COLUMNS: &[Column] = &[
    ("integer ids", |c| &c.integer_ids),
    ("text ids", |c| &c.text_ids),
    ("any text as id", |c| &c.any_text_ids),
    ("UUID ids", |c| &c.uuid_ids),
    ("ids below zero", |c| &c.negative_ids),
    ("ids of several kinds", |c| &c.mixed_ids),
    ("named vectors", |c| &c.named_vectors),
    ("sparse vectors", |c| &c.sparse_vectors),
    ("multi-vectors", |c| &c.multi_vectors),
    ("manhattan distance", |c| &c.manhattan),
    ("text beside the payload", |c| &c.record_text),
    ("nested payload", |c| &c.nested_payload),
    ("arrays", |c| &c.array_payload),
    ("any keys", |c| &c.any_keys),
    ("empty key, $key", |c| &c.reserved_keys),
    ("fields of mixed kinds", |c| &c.mixed_fields),
    ("null, mixed arrays", |c| &c.null_values),
    ("64-bit integers", |c| &c.exact_integers),
    ("integers to 2^64 - 1", |c| &c.unsigned_integers),
    ("payloads of 1 MiB", |c| &c.large_payloads),
    ("NaN in vectors", |c| &c.nan_vectors),
    ("exact floats", |c| &c.exact_floats),
    ("vectors as written under cosine", |c| &c.cosine_vectors),
    ("1.0 stays 1.0", |c| &c.whole_floats),
    ("-0.0 stays -0.0", |c| &c.negative_zeros),
    ("exact counts", |c| &c.exact_count),
    ("more like this", |c| &c.search_like),
    ("exact search", |c| &c.exact_search),
    ("near text", |c| &c.near_text),
    ("bm25", |c| &c.bm25),
    ("hybrid", |c| &c.hybrid),
    ("filter", |c| &c.filter),
    ("order looks into arrays", |c| &c.order_in_arrays),
    ("write", |c| &c.write),
];

/// What the generated part of the document begins with.
pub const BEGIN: &str = "<!-- made by `UPDATE_DOCS=1 cargo test --test commands docs`: begin -->\n";
/// What it ends with.
pub const END: &str = "<!-- end -->\n";

/// The tables in Markdown: how each maker is addressed, what it can do with the reason where it
/// cannot, and its options.
pub fn markdown() -> String {
    let makers = || ProviderKind::ALL.into_iter().map(ProviderKind::maker);
    let mut text = String::from("| provider | name | address | key |\n|---|---|---|---|\n");
    for maker in makers() {
        let key = maker.key_help.unwrap_or("none");
        text += &format!("| {} | `{}` | {} | {key} |\n", maker.title, maker.name, addresses(maker));
    }
    text += "\n| |";
    makers().for_each(|maker| text += &format!(" {} |", maker.title));
    text += "\n|---|";
    makers().for_each(|_| text += "---|");
    let mut reasons = Vec::new();
    for &(title, column) in COLUMNS {
        text += &format!("\n| {title} |");
        for maker in makers() {
            text += &match column(&maker.capabilities) {
                Support::Yes => " yes |".to_owned(),
                Support::No(reason) => {
                    let at = reasons.iter().position(|known| known == reason).unwrap_or_else(|| {
                        reasons.push(*reason);
                        reasons.len() - 1
                    });
                    format!(" no ({}) |", at + 1)
                }
            };
        }
    }
    text += "\n\n";
    for (at, reason) in reasons.iter().enumerate() {
        text += &format!("{}. {reason}\n", at + 1);
    }
    let with_options: Vec<&Maker> = makers().filter(|maker| !maker.options.is_empty()).collect();
    text += "\n| provider | option | meaning |\n|---|---|---|\n";
    for maker in with_options {
        for option in maker.options {
            let words = option.words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            let words = if words.is_empty() { words } else { format!(" One of {words}.") };
            text += &format!("| {} | `{}` | {}{words} |\n", maker.title, option.name, option.help);
        }
    }
    text
}

fn addresses(maker: &Maker) -> String {
    match maker.place {
        Place::Directory(place) => {
            let schemes: String = place.schemes.iter().map(|(scheme, _)| format!("`{scheme}:///path`, or ")).collect();
            format!("{schemes}a directory with {}", place.holds)
        }
        Place::Server(place) => {
            let schemes = place.schemes.iter().map(|(scheme, _)| format!("`{scheme}://`")).collect::<Vec<_>>();
            format!("{}, port {}", schemes.join(" "), place.port)
        }
    }
}

/// The document with its generated part made anew; `None` if it has no place for it.
pub fn put_into(document: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{}{END}{after}", markdown()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let put = put_into(&format!("a\n{BEGIN}stale words\n{END}b\n")).unwrap_or_default();
        assert!(put.starts_with("a\n") && put.ends_with("b\n") && !put.contains("stale words"), "{put}");
        assert_eq!(put_into("no marks"), None);
    }

    #[test]
    fn a_reason_stands_once_and_is_referred_to() {
        let text = markdown();
        let reason = "Qdrant's ids are whole numbers or UUIDs";
        assert_eq!(text.matches(reason).count(), 1, "{text}");
        assert!(text.contains("no (1)"), "{text}");
    }
}
