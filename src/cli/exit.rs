//! Exit codes, one meaning each; scripts rely on them.

use std::process::ExitCode;

use crate::provider::ErrorKind;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// A difference, or nothing found.
    Nothing,
    /// Wrong usage or bad input.
    Usage,
    /// The database does not let us in.
    Authentication,
    /// The database cannot be reached, or does not answer as it should.
    Unreachable,
    /// Some of it was done, some not.
    Partly,
    /// The store of profiles is locked and there is nobody to ask.
    Locked,
    /// The screen was ended by a signal: 128 and its number, as shells show it.
    Signal(u8),
}

impl Exit {
    /// All, for the documentation.
    pub const ALL: [Self; 7] =
        [Self::Done, Self::Nothing, Self::Usage, Self::Authentication, Self::Unreachable, Self::Partly, Self::Locked];

    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Nothing => 1,
            Self::Usage => 2,
            Self::Authentication => 3,
            Self::Unreachable => 4,
            Self::Partly => 5,
            Self::Locked => 78,
            Self::Signal(code) => code,
        }
    }

    /// What it means, for the help and `docs/cli.md`.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Nothing => "nothing found: no record, no hit, or a check that failed",
            Self::Usage => "wrong usage or bad input, e.g. an unknown profile, option, collection or filter",
            Self::Authentication => "the database refused the key, or the key or passphrase of the store is wrong",
            Self::Unreachable => "the database cannot be reached, is not trusted, or does not answer as it should",
            Self::Partly => {
                "partly done, e.g. some of several targets answered, some of several ids were found, a copy is not verified"
            }
            Self::Locked => "the store of profiles is locked and there is no terminal to ask for the passphrase",
            Self::Signal(_) => "the screen was ended by a signal (128 and its number)",
        }
    }

    /// The exit code that an error of that kind means.
    pub fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Unreachable | ErrorKind::Certificate | ErrorKind::Protocol | ErrorKind::Server => {
                Self::Unreachable
            }
            ErrorKind::Authentication => Self::Authentication,
            ErrorKind::Request => Self::Usage,
        }
    }

    /// How a command ended that did the same to several targets: the common code if all ended alike,
    /// [`Exit::Partly`] if some were done; where none was, the gravest code.
    pub fn together(ends: &[Self]) -> Self {
        let grave = [Self::Locked, Self::Usage, Self::Authentication, Self::Unreachable, Self::Partly, Self::Nothing];
        match ends.first() {
            None => Self::Done,
            Some(first) if ends.iter().all(|end| end == first) => *first,
            Some(_) if ends.contains(&Self::Done) => Self::Partly,
            Some(_) => grave.into_iter().find(|code| ends.contains(code)).unwrap_or(Self::Partly),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_ends_make_one_code() {
        use Exit::*;
        assert_eq!(Exit::together(&[Done, Done]), Done);
        assert_eq!(Exit::together(&[Done, Unreachable]), Partly);
        assert_eq!(Exit::together(&[Unreachable, Unreachable]), Unreachable);
        assert_eq!(Exit::together(&[Unreachable, Authentication]), Authentication);
    }

    #[test]
    fn codes_are_distinct() {
        let mut codes: Vec<u8> = Exit::ALL.map(Exit::code).to_vec();
        codes.dedup();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 78]);
    }
}
