//! The options of a copy, by the names that the command's flags have: `metric=cosine without=a,b rate=500 restore`.
//! The screen takes them as one line. The command gives the texts of its flags to [`wish`]; its switches and numbers are
//! read before, with the same limits.

use serde_json::Value;

use super::plan::{Verify, Wishes};

/// Every option, as it is shown where it can be typed.
pub const OPTIONS: &str = "metric=NAME fields=A,B without=A,B rename=OLD=NEW set=FIELD=JSON vectors=A,B=C into-existing \
                           restore client-filter rate=N batch=N max-rejects=N verify=full|counts|none queries=N";

/// Adds the options of a line to wishes.
///
/// # Errors
/// A sentence: which word is no option, or has no such value.
pub fn read(line: &str, wishes: &mut Wishes) -> Result<(), String> {
    for word in words(line) {
        let (name, value) = word.split_once('=').unwrap_or((&word, ""));
        wish(name, value, wishes)?;
    }
    Ok(())
}

/// Adds one option, by its name.
///
/// # Errors
/// A sentence: that it is no option, or has no such value.
pub fn wish(name: &str, value: &str, wishes: &mut Wishes) -> Result<(), String> {
    match name {
        "fields" => wishes.only.extend(list(name, value)?),
        "without" => wishes.without.extend(list(name, value)?),
        "rename" => match pair(name, value, "OLD=NEW")? {
            (old, new) if new.is_empty() => {
                return Err(format!("rename {old}= gives the field no name. Give it as OLD=NEW."));
            }
            (old, new) => match wishes.rename.iter().find(|(known, _)| *known == old) {
                Some((_, first)) => {
                    return Err(format!(
                        "rename {old}={new}: the field {old} gets the name {first} already. Give it one name."
                    ));
                }
                None => wishes.rename.push((old, new)),
            },
        },
        "set" => {
            let (field, json) = pair(name, value, "FIELD=JSON")?;
            let value: Value = serde_json::from_str(&json).map_err(|error| {
                format!(
                    "set {field}: {json:?} is no JSON ({error}). A text needs its JSON quotes: {field}=\"text\", in a \
                     shell {field}='\"text\"'."
                )
            })?;
            wishes.set.insert(field, value);
        }
        "vectors" => wishes.vectors.extend(list(name, value)?.into_iter().map(|text| match text.split_once('=') {
            Some((from, to)) => (from.to_owned(), to.to_owned()),
            None => (text.clone(), text),
        })),
        "metric" => wishes.metric = Some(given(name, value)?),
        "into-existing" => wishes.into_existing = switch(name, value)?,
        "restore" => wishes.restore = switch(name, value)?,
        "client-filter" => wishes.filter_here = switch(name, value)?,
        "rate" => wishes.rate = Some(number(name, value, 1)?),
        "batch" => wishes.batch = Some(usize::try_from(number(name, value, 1)?).unwrap_or(usize::MAX)),
        "max-rejects" => wishes.max_rejects = Some(number(name, value, 0)?),
        "queries" => wishes.queries = usize::try_from(number(name, value, 0)?).unwrap_or(usize::MAX),
        "verify" => {
            let wished = proof(value).ok_or_else(|| format!("verify takes full, counts or none, not {value:?}."))?;
            wishes.verify = wished;
        }
        other => return Err(format!("{other:?} is no option of a copy. Known are: {OPTIONS}.")),
    }
    Ok(())
}

/// What is proved, by its word.
pub fn proof(word: &str) -> Option<Verify> {
    match word {
        "full" => Some(Verify::Full),
        "counts" => Some(Verify::Counts),
        "none" => Some(Verify::None),
        _ => None,
    }
}

/// The words of a line; a blank within double quotes ends none.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
    for c in line.chars() {
        if c.is_whitespace() && !quoted {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        word.push(c);
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn given(name: &str, value: &str) -> Result<String, String> {
    if value.is_empty() { Err(format!("{name} needs a value: {name}=...")) } else { Ok(value.to_owned()) }
}

fn list(name: &str, value: &str) -> Result<Vec<String>, String> {
    value.split(',').map(|each| given(name, each)).collect()
}

fn pair(name: &str, value: &str, shape: &str) -> Result<(String, String), String> {
    match value.split_once('=') {
        Some((left, right)) if !left.is_empty() => Ok((left.to_owned(), right.to_owned())),
        _ => Err(format!("{name} {value:?} is not of the form {shape}.")),
    }
}

fn switch(name: &str, value: &str) -> Result<bool, String> {
    if value.is_empty() { Ok(true) } else { Err(format!("{name} takes no value: leave ={value} out.")) }
}

fn number(name: &str, value: &str, least: u64) -> Result<u64, String> {
    let number = value.parse().ok().filter(|number| *number >= least);
    number.ok_or_else(|| format!("{name} takes a whole number from {least}, not {value:?}."))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Wishes, String> {
        let mut wishes = Wishes::default();
        read(line, &mut wishes).map(|()| wishes)
    }

    #[test]
    fn a_line_of_options_is_read_as_the_flags_are() {
        let wishes = of("metric=cosine  fields=a,b rename=old=new set=k=\"two words\" set=n=1 vectors=x,y=z into-existing rate=500 verify=counts queries=0").unwrap();
        assert_eq!(wishes.metric.as_deref(), Some("cosine"));
        assert_eq!(
            (wishes.only, wishes.rename),
            (vec!["a".to_owned(), "b".to_owned()], vec![("old".to_owned(), "new".to_owned())])
        );
        assert_eq!(Value::Object(wishes.set), serde_json::json!({ "k": "two words", "n": 1 }));
        assert_eq!(wishes.vectors, [("x".to_owned(), "x".to_owned()), ("y".to_owned(), "z".to_owned())]);
        assert!(wishes.into_existing && !wishes.restore);
        assert_eq!((wishes.rate, wishes.verify, wishes.queries), (Some(500), Verify::Counts, 0));
        assert_eq!(of("  ").unwrap(), Wishes::default());
        let escaped = of(r#"set=k="a \" b c" restore"#).unwrap();
        assert!(escaped.restore && escaped.set["k"] == "a \" b c");
    }

    #[test]
    fn what_is_no_option_is_said() {
        for (line, why) in [
            ("metrik=dot", "\"metrik\" is no option"),
            ("rate=0", "a whole number from 1"),
            ("rate", "a whole number"),
            ("restore=yes", "takes no value"),
            ("rename=a", "OLD=NEW"),
            ("rename=a=", "gives the field no name"),
            ("rename=a=b rename=a=c", "the field a gets the name b already"),
            ("set==1", "FIELD=JSON"),
            ("set=k=text", "in a shell k='\"text\"'"),
            ("verify=all", "full, counts or none"),
            ("fields=", "needs a value"),
            ("fields=a,,b", "needs a value"),
            ("metric=", "needs a value"),
        ] {
            let said = of(line).unwrap_err();
            assert!(said.contains(why), "{line}: {said}");
        }
    }
}
