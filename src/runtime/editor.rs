//! Edits a text in the user's own editor.
//!
//! The caller stops [`super::input::Input`] first (it would eat the editor's keys), leaves the
//! screen, and enters it again afterwards.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use thiserror::Error;

use super::process::hide_secrets;

/// Largest text that is read back, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Why there is no edited text. What was there before is unchanged.
#[derive(Debug, Error)]
pub enum EditError {
    /// The editor is not there or cannot be started.
    #[error("cannot start the editor `{editor}`: {source}; set VISUAL or EDITOR to another one")]
    Start {
        /// The command.
        editor: String,
        /// Why.
        source: io::Error,
    },
    /// The editor ended with an error, as it does when the user gives up.
    #[error("the editor `{editor}` ended with {status}; nothing was changed")]
    Failed {
        /// The command.
        editor: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// VISUAL or EDITOR has a quote without its end.
    #[error("`{editor}` is no command: a quote is not closed; mend VISUAL or EDITOR")]
    BadCommand {
        /// The value of the variable.
        editor: String,
    },
    /// The file for the editor cannot be written or read back.
    #[error("cannot use the file {} for the editor: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The result is no text, or too much of it.
    #[error("what the editor left is {what}; nothing was changed")]
    BadText {
        /// What is wrong with it.
        what: &'static str,
    },
}

/// The user's editor: `VISUAL`, else `EDITOR`, else `vi`.
pub fn command() -> String {
    ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.trim().is_empty())
        .unwrap_or_else(|| "vi".to_owned())
}

/// Lets the user edit `text` and returns what was left. Blocks until the editor ends.
///
/// The file is made in `directory`, readable by its owner only, its name ending in `suffix` (e.g.
/// `.json`, for colors), and removed afterwards. The editor gets no secret variables.
///
/// # Errors
/// [`EditError`].
pub fn edit(editor: &str, text: &str, suffix: &str, directory: &Path) -> Result<String, EditError> {
    let words = split(editor).ok_or_else(|| EditError::BadCommand { editor: editor.to_owned() })?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(EditError::BadCommand { editor: editor.to_owned() });
    };
    let file = Scratch::new(directory, suffix, text)?;
    let mut command = Command::new(program);
    command.args(arguments).arg(&file.0);
    hide_secrets(&mut command);
    let status = command.status().map_err(|source| EditError::Start { editor: editor.to_owned(), source })?;
    if !status.success() {
        return Err(EditError::Failed { editor: editor.to_owned(), status });
    }
    file.read()
}

/// Splits a command into words; quotes hold words with blanks together. No shell is asked.
fn split(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in command.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if quote.is_some() { None } else { Some(words) }
}

/// A file that is gone when this is.
struct Scratch(PathBuf);

impl Scratch {
    fn new(directory: &Path, suffix: &str, text: &str) -> Result<Self, EditError> {
        let path = directory.join(format!("edit-{}-{:016x}{suffix}", std::process::id(), fastrand::u64(..)));
        let failed = |source| EditError::File { path: path.clone(), source };
        // Exclusive: never through somebody else's file or link.
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed)?;
        let scratch = Self(path.clone());
        file.write_all(text.as_bytes()).map_err(failed)?;
        Ok(scratch)
    }

    /// Reads by name: many editors put a new file in the place of the old one.
    fn read(&self) -> Result<String, EditError> {
        let failed = |source| EditError::File { path: self.0.clone(), source };
        let mut bytes = Vec::new();
        fs::File::open(&self.0).map_err(failed)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > LARGEST {
            return Err(EditError::BadText { what: "larger than 16 MiB" });
        }
        String::from_utf8(bytes).map_err(|_| EditError::BadText { what: "no UTF-8 text" })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    /// Edits with a shell script that finds the file in `$1`; tells what is left in the directory.
    fn edit_with(script: &str, text: &str) -> (Result<String, EditError>, usize) {
        let dir = tempfile::tempdir().unwrap();
        let editor = format!("sh -c '{script}' editor");
        let result = edit(&editor, text, ".json", dir.path());
        (result, fs::read_dir(dir.path()).unwrap().count())
    }

    #[test]
    fn the_edited_text_comes_back_and_the_file_is_gone() {
        let (result, left) = edit_with("echo two >> \"$1\"", "one\n");
        assert_eq!(result.unwrap(), "one\ntwo\n");
        assert_eq!(left, 0);
    }

    #[test]
    fn an_editor_that_puts_a_new_file_in_place_is_understood() {
        let (result, left) = edit_with("echo new > \"$1.x\" && mv \"$1.x\" \"$1\"", "old");
        assert_eq!((result.unwrap().as_str(), left), ("new\n", 0));
    }

    #[test]
    fn the_file_is_the_users_own_and_named_for_its_kind() {
        let (result, _) = edit_with("stat -c %a \"$1\" > \"$1.m\"; echo \"$1\" >> \"$1.m\"; mv \"$1.m\" \"$1\"", "x");
        let text = result.unwrap();
        assert!(text.starts_with("600\n") && text.trim_end().ends_with(".json"), "{text}");
    }

    #[test]
    fn giving_up_in_the_editor_changes_nothing() {
        let (result, left) = edit_with("exit 3", "x");
        assert!(result.unwrap_err().to_string().contains("nothing was changed"));
        assert_eq!(left, 0);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let (result, _) = edit_with("printf \"\\377\" > \"$1\"", "x");
        assert!(matches!(result, Err(EditError::BadText { what: "no UTF-8 text" })));
    }

    #[test]
    fn a_missing_editor_is_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let error = edit("/no/such/editor -w", "x", "", dir.path()).unwrap_err().to_string();
        assert!(error.starts_with("cannot start the editor `/no/such/editor -w`: "), "{error}");
        let error = edit("vi 'x", "x", "", dir.path()).unwrap_err();
        assert!(matches!(error, EditError::BadCommand { .. }));
        assert!(matches!(edit("", "x", "", dir.path()), Err(EditError::BadCommand { .. })));
    }

    #[test]
    fn a_command_is_split_like_a_shell_would() {
        assert_eq!(split("code -w").unwrap(), ["code", "-w"]);
        assert_eq!(split("'/my apps/ed' \"a b\"c ''").unwrap(), ["/my apps/ed", "a bc", ""]);
        assert_eq!(split("a 'b"), None);
    }
}
