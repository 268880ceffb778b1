//! `--queries`: a number of records to take vectors from, or a file of vectors, one a line.

use std::io::{BufRead, BufReader};

use super::{CliError, vectors};
use crate::jobs::queries::Queries;

/// Most queries of a file.
const MOST: usize = 100_000;

/// What the checks that search take.
#[derive(Debug, Clone, clap::Args)]
pub struct QueryArgs {
    /// Search with the vectors of so many records (any with the same chance), or with those of a file, one JSON vector a line
    #[arg(long, value_name = "N|@FILE", default_value = "50")]
    queries: String,
    /// Makes the same choice of records again
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Compare so many hits of each search
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    top: u32,
}

impl QueryArgs {
    /// The queries.
    ///
    /// # Errors
    /// A file that cannot be read, a line that is no vector.
    pub fn read(&self) -> Result<Queries, CliError> {
        let Some(path) = self.queries.strip_prefix('@') else {
            let count = self.queries.parse().ok().filter(|count| (1..=MOST).contains(count));
            let wrong = || CliError::Usage(format!("--queries: a number from 1 to {MOST} is wanted, or @FILE."));
            return Ok(Queries::Sampled { count: count.ok_or_else(wrong)?, seed: self.seed });
        };
        let failed = |error: std::io::Error| CliError::Input { what: path.to_owned(), cause: error.to_string() };
        let mut found = Vec::new();
        for (at, line) in BufReader::new(std::fs::File::open(path).map_err(failed)?).lines().enumerate() {
            let line = line.map_err(failed)?;
            if !line.trim().is_empty() && found.len() < MOST {
                let vector = vectors::read(line.trim()).ok();
                let cause = || format!("line {} is no vector in JSON, e.g. [0.1, 0.2]", at + 1);
                found.push(vector.ok_or_else(|| CliError::Input { what: path.to_owned(), cause: cause() })?);
            }
        }
        if found.is_empty() {
            let cause = "it has no vectors".to_owned();
            return Err(CliError::Input { what: path.to_owned(), cause });
        }
        Ok(Queries::Given(found))
    }

    /// Hits of each search.
    pub fn top(&self) -> usize {
        usize::try_from(self.top).unwrap_or(usize::MAX)
    }
}

/// A limit, 0 to 1.
///
/// # Errors
/// Another number, or none.
pub fn part(word: &str) -> Result<f64, String> {
    let number = word.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "it is no number from 0 to 1, e.g. 0.95".to_owned())
}
