//! Where a binding holds.

/// A layer of the keymap: the focused thing's own layers are asked first, then [`Layer::Global`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Everywhere but in overlays.
    Global,
    /// The sidebar.
    Sidebar,
    /// Anything that scrolls: sidebar, records, hits, record, info, log, pickers.
    List,
    /// A table of records or hits.
    Records,
    /// One record.
    Record,
    /// A job, or the list of jobs.
    Jobs,
    /// An overlay that is chosen from: picker, palette, help, columns.
    Overlay,
    /// The doctor's box.
    Examination,
    /// A sign-in that waits until a code was typed elsewhere.
    Code,
    /// A form.
    Form,
    /// A question to confirm.
    Confirm,
}

impl Layer {
    /// All, in the order of help.
    pub const ALL: [Self; 11] = [
        Self::Global,
        Self::Sidebar,
        Self::List,
        Self::Records,
        Self::Record,
        Self::Jobs,
        Self::Overlay,
        Self::Examination,
        Self::Code,
        Self::Form,
        Self::Confirm,
    ];

    /// The name in `config.toml`: `[keys.records]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Sidebar => "sidebar",
            Self::List => "list",
            Self::Records => "records",
            Self::Record => "record",
            Self::Jobs => "jobs",
            Self::Overlay => "overlay",
            Self::Examination => "doctor",
            Self::Code => "code",
            Self::Form => "form",
            Self::Confirm => "confirm",
        }
    }

    /// The heading in help and docs.
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Sidebar => "Sidebar",
            Self::List => "Whatever scrolls",
            Self::Records => "Records and hits",
            Self::Record => "One record",
            Self::Jobs => "Jobs and their reports",
            Self::Overlay => "Pickers, palette, help",
            Self::Examination => "The doctor",
            Self::Code => "A sign-in by code",
            Self::Form => "Forms",
            Self::Confirm => "Questions",
        }
    }

    /// The layer of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.name() == name)
    }
}
