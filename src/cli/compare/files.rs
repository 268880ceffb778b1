//! The files that a comparison writes while it goes: every difference, and what would mend it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::{CliError, Out};
use crate::jobs::JobError;
use crate::jobs::align::needed;
use crate::jobs::model::comparison::Difference;
use crate::text::format;

/// Both files, as far as they were asked for.
pub(super) struct Files {
    differences: Option<Lines>,
    plan: Option<Lines>,
    upserts: u64,
    deletes: u64,
}

struct Lines {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Lines {
    fn create(path: Option<&Path>) -> Result<Option<Self>, CliError> {
        let Some(path) = path else { return Ok(None) };
        let failed =
            |error: std::io::Error| CliError::FileOutput { path: path.display().to_string(), cause: error.to_string() };
        Ok(Some(Self { path: path.to_owned(), file: BufWriter::new(File::create(path).map_err(failed)?) }))
    }

    fn failed(&self, error: &std::io::Error) -> CliError {
        CliError::FileOutput { path: self.path.display().to_string(), cause: error.to_string() }
    }

    fn write(&mut self, value: &Value) -> Result<(), JobError> {
        writeln!(self.file, "{value}").map_err(|error| JobError::Told { cause: self.failed(&error).to_string() })
    }
}

impl Files {
    /// Creates those that have a path.
    ///
    /// # Errors
    /// A file that cannot be created.
    pub(super) fn create(differences: Option<&Path>, plan: Option<&Path>) -> Result<Self, CliError> {
        let (differences, plan) = (Lines::create(differences)?, Lines::create(plan)?);
        Ok(Self { differences, plan, upserts: 0, deletes: 0 })
    }

    /// Writes one difference into both.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn write(&mut self, one: &Difference) -> Result<(), JobError> {
        if let Some(file) = &mut self.differences {
            file.write(&serde_json::to_value(one).unwrap_or_default())?;
        }
        if self.plan.is_none() {
            return Ok(());
        }
        let (upsert, delete) = needed(one.kind);
        // What is to be written comes before what is to be deleted, as who carries it out would have it.
        if upsert {
            self.upserts += 1;
            self.plan(&json!({ "write": "upsert", "id": one.id_a, "why": one.kind.name() }))?;
        }
        if delete {
            self.deletes += 1;
            self.plan(&json!({ "write": "delete", "id": one.id_b, "why": one.kind.name() }))?;
        }
        Ok(())
    }

    fn plan(&mut self, value: &Value) -> Result<(), JobError> {
        self.plan.as_mut().map_or(Ok(()), |plan| plan.write(value))
    }

    /// Ends both and says what is in them.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn finish(&mut self, out: &mut Out) -> Result<(), CliError> {
        for lines in [&mut self.differences, &mut self.plan].into_iter().flatten() {
            let flushed = lines.file.flush();
            flushed.map_err(|error| lines.failed(&error))?;
        }
        if let Some(plan) = &self.plan {
            let (upserts, deletes) = (format::exact(self.upserts), format::exact(self.deletes));
            let path = plan.path.display();
            out.note(&format!(
                "to make B like A: {upserts} upserts and {deletes} deletes, listed in {path}. Nothing was written to a database."
            ));
        }
        Ok(())
    }
}
