//! Vectors on the command line: JSON, a file (`@path`) or stdin (`-`).

use std::io::Read;

use serde::Deserialize;

use super::CliError;
use crate::provider::model::Vector;

/// Most bytes that are read: a dense vector of a million dimensions fits.
const MAX_BYTES: u64 = 32 << 20;

#[derive(Deserialize)]
#[serde(untagged)]
enum Shape {
    Dense(Vec<f32>),
    Multi(Vec<Vec<f32>>),
    Sparse(Sparse),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sparse {
    indices: Vec<u32>,
    values: Vec<f32>,
}

/// Reads a vector: `[0.1, 0.2]`, `[[..], [..]]`, `{"indices": [..], "values": [..]}`, `@FILE` or `-`.
///
/// # Errors
/// [`CliError::Usage`] for what is no vector, [`CliError::Input`] for a file that cannot be read.
pub fn read(argument: &str) -> Result<Vector, CliError> {
    let text = match argument.strip_prefix('@') {
        Some(path) => {
            let failed = |error: std::io::Error| CliError::Input { what: path.to_owned(), cause: error.to_string() };
            bounded(std::fs::File::open(path).map_err(failed)?, path)?
        }
        None if argument == "-" => bounded(std::io::stdin().lock(), "stdin")?,
        None => argument.to_owned(),
    };
    parse(&text)
}

fn bounded(input: impl Read, what: &str) -> Result<String, CliError> {
    let failed = |cause: String| CliError::Input { what: what.to_owned(), cause };
    let mut text = String::new();
    let read = input.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(|error| failed(error.to_string()))?;
    if read as u64 > MAX_BYTES {
        return Err(failed(format!("it is longer than {} MiB, too long for one vector", MAX_BYTES >> 20)));
    }
    Ok(text)
}

fn parse(text: &str) -> Result<Vector, CliError> {
    let wrong = |cause: &str| {
        CliError::Usage(format!(
            "--vector is no vector: {cause}. Give JSON: [0.1, 0.2], [[..], [..]] or {{\"indices\": [..], \"values\": [..]}}."
        ))
    };
    let shape: Shape = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => wrong("it is JSON of another shape"),
        _ => wrong(&format!("it is not JSON ({error})")),
    })?;
    let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
    match shape {
        Shape::Dense(values) if values.is_empty() => Err(wrong("it has no numbers")),
        Shape::Dense(values) if finite(&values) => Ok(Vector::Dense(values)),
        Shape::Multi(rows) if rows.iter().all(|row| finite(row) && !row.is_empty()) => Ok(Vector::Multi(rows)),
        Shape::Sparse(Sparse { indices, values }) if indices.len() != values.len() => {
            Err(wrong("indices and values have different lengths"))
        }
        Shape::Sparse(Sparse { indices, values }) if finite(&values) => Ok(Vector::Sparse { indices, values }),
        Shape::Dense(_) | Shape::Multi(_) | Shape::Sparse(_) => {
            Err(wrong("a row is empty or a number is too large for 32 bits"))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_the_three_shapes() {
        assert_eq!(parse("[0.5, -1]").unwrap(), Vector::Dense(vec![0.5, -1.0]));
        assert_eq!(parse("[[1],[2]]").unwrap(), Vector::Multi(vec![vec![1.0], vec![2.0]]));
        let sparse = Vector::Sparse { indices: vec![3], values: vec![0.5] };
        assert_eq!(parse(r#"{"indices":[3],"values":[0.5]}"#).unwrap(), sparse);
    }

    #[test]
    fn what_is_no_vector_is_a_sentence() {
        for text in ["", "[]", "x", "{}", "[\"a\"]", "[1e99]", r#"{"indices":[1],"values":[]}"#, "[[1],[]]"] {
            let error = parse(text).unwrap_err();
            assert!(error.to_string().starts_with("--vector is no vector: "), "{text}: {error}");
        }
    }

    #[test]
    fn a_vector_can_come_from_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("v.json");
        std::fs::write(&path, "[1]\n").unwrap();
        assert_eq!(read(&format!("@{}", path.display())).unwrap(), Vector::Dense(vec![1.0]));
        assert!(matches!(read("@/nonexistent/v").unwrap_err(), CliError::Input { .. }));
    }
}
