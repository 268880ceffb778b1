//! Which characters may be drawn.

/// Which characters the program itself draws with; text of the database stays what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// Line drawing, arrows and symbols of Unicode.
    #[default]
    Unicode,
    /// ASCII only, for fonts and terminals without them.
    Ascii,
}

impl Glyphs {
    /// All, in the order of menus.
    pub const ALL: [Self; 2] = [Self::Unicode, Self::Ascii];

    /// The word in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unicode => "unicode",
            Self::Ascii => "ascii",
        }
    }

    /// The glyph set of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.name() == name)
    }

    /// What stands for cut-off text; one column wide.
    pub fn ellipsis(self) -> &'static str {
        match self {
            Self::Unicode => "…",
            Self::Ascii => "~",
        }
    }
}
