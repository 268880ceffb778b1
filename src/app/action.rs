//! Everything a user can want: one table. Keymap, help, palette, footer and
//! `docs/keybindings.md` are made from it.

/// What kind of wish an action is; the headings of the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The program itself.
    General,
    /// Moving about.
    Move,
    /// Tabs, panes, sidebar.
    Layout,
    /// Open databases.
    Connections,
    /// Looking at data.
    Data,
    /// From one database to another, and long work.
    Across,
    /// Saved connections.
    Profiles,
}

impl Group {
    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::General => "General",
            Self::Move => "Moving",
            Self::Layout => "Layout",
            Self::Connections => "Connections",
            Self::Data => "Data",
            Self::Across => "Across databases",
            Self::Profiles => "Profiles",
        }
    }
}

macro_rules! actions {
    ($($variant:ident $group:ident $name:literal $title:literal $doc:literal;)*) => {
        /// What the user wants. A closed list: each has a name for `config.toml`, a title for
        /// palette and footer, and a line that explains it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $(#[doc = $doc] $variant,)*
        }

        impl Action {
            /// Every action, in the order of help.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in `config.toml`, e.g. `split-right`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// A few words for palette and footer.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What it does, a sentence.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// The heading it stands under.
            pub fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group,)* }
            }

            /// The action of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.name() == name)
            }
        }
    };
}

actions! {
    Help General "help" "help" "Show every key that works here; type to search.";
    Palette General "palette" "command palette" "Search all actions by name and run one; a disabled one says why.";
    Back General "back" "back" "One step back: close what is on top, return to the list, clear a message.";
    Quit General "quit" "quit" "Leave the program; asks while requests run.";
    CancelRequest General "cancel" "cancel" "Cancel the running requests of the focused pane; with none running, ask to leave.";
    Suspend General "suspend" "suspend" "Put the program into the background of the shell; `fg` brings it back.";
    Redraw General "redraw" "redraw" "Draw the whole screen anew.";
    ShowLog General "log" "log" "Show what happened in this session.";
    NextTheme General "next-theme" "next theme" "Switch to the next color theme.";

    Down Move "down" "down" "One row down.";
    Up Move "up" "up" "One row up.";
    PageDown Move "page-down" "page down" "One screen down; loads the next records when needed.";
    PageUp Move "page-up" "page up" "One screen up; loads the earlier records when needed.";
    HalfPageDown Move "half-page-down" "half page down" "Half a screen down.";
    HalfPageUp Move "half-page-up" "half page up" "Half a screen up.";
    First Move "first" "first" "To the first row.";
    Last Move "last" "last" "To the last row; reads on page by page where there is more, cancel stops it.";
    Left Move "left" "left" "Scroll columns to the left; collapse; in the sidebar, to the parent.";
    Right Move "right" "right" "Scroll columns to the right; expand.";
    Enter Move "enter" "open" "Open what is selected.";
    Toggle Move "toggle" "toggle" "Expand or collapse what is selected; in a list of choices, switch it on or off.";

    NextPane Layout "next-pane" "next pane" "Focus the next pane; the sidebar is one of them.";
    PreviousPane Layout "previous-pane" "previous pane" "Focus the previous pane.";
    SplitRight Layout "split-right" "split right" "Split the focused pane left and right and choose what to show.";
    SplitDown Layout "split-down" "split down" "Split the focused pane top and bottom and choose what to show.";
    ClosePane Layout "close-pane" "close pane" "Close the focused pane; its connection stays open.";
    GrowPane Layout "grow-pane" "grow pane" "Give the focused pane more room.";
    ShrinkPane Layout "shrink-pane" "shrink pane" "Give the focused pane less room.";
    ZoomPane Layout "zoom-pane" "zoom pane" "Show only the focused pane, or all again.";
    ToggleSidebar Layout "toggle-sidebar" "sidebar" "Fold the sidebar away, or bring it back.";
    FocusSidebar Layout "focus-sidebar" "go to sidebar" "Focus the sidebar.";
    LinkPanes Layout "link-panes" "link panes" "Link the panes of the tab, so that record, scroll, filter and search follow each other, or end the link.";
    LinkWith Layout "link-with" "link with a pane" "Link the focused pane with another one of the tab that is chosen.";
    LinkBy Layout "link-by" "match linked records by" "Choose what makes records of linked panes the same: their id, or a field of the payload.";
    NextTab Layout "next-tab" "next tab" "Go to the next tab.";
    PreviousTab Layout "previous-tab" "previous tab" "Go to the previous tab.";
    NewTab Layout "new-tab" "new tab" "Open another tab on the same connection.";
    CloseTab Layout "close-tab" "close tab" "Close this tab; its connections stay open.";

    QuickConnect Connections "quick-connect" "quick connect" "Find an open connection, a profile or the demo by a few letters, or type a URL or directory, and go there.";
    ShowInPane Connections "show-in-pane" "show in this pane" "Choose which open connection and collection this pane shows.";
    Connection1 Connections "connection-1" "connection 1" "Go to the first open connection.";
    Connection2 Connections "connection-2" "connection 2" "Go to the second open connection.";
    Connection3 Connections "connection-3" "connection 3" "Go to the third open connection.";
    Connection4 Connections "connection-4" "connection 4" "Go to the fourth open connection.";
    Connection5 Connections "connection-5" "connection 5" "Go to the fifth open connection.";
    Connection6 Connections "connection-6" "connection 6" "Go to the sixth open connection.";
    Connection7 Connections "connection-7" "connection 7" "Go to the seventh open connection.";
    Connection8 Connections "connection-8" "connection 8" "Go to the eighth open connection.";
    Connection9 Connections "connection-9" "connection 9" "Go to the ninth open connection.";
    CloseConnection Connections "close-connection" "close connection" "Close the connection; what runs on it is cancelled, its profile stays.";
    CheckConnection Connections "check-connection" "check now" "Ping the connection now, or retry now if it waits to.";
    WriteWindow Connections "write-window" "write window" "Let the read-only connection be written to for some minutes, after typing its name; with a window open, close it.";
    PauseConnection Connections "pause" "pause" "Let go of the connection: neither ping it nor connect it again; on a paused one, connect again.";
    ConnectionDetails Connections "connection-details" "connection details" "Show the connection's health, last pings, uptime, attempts, server, version, capabilities and last error in full.";
    Doctor Connections "doctor" "doctor" "Go the way to the database of a connection, or of a profile that is not open, step by step (name, route, port, TLS, protocol, key, version, rights) and name what fails and what mends it.";
    CopyAddress Profiles "copy-address" "copy the address" "In a sign-in by code: copy the address where the code is typed, over SSH too (OSC 52).";
    CopyReport Connections "copy-report" "copy report" "In the doctor: copy all that was tried and found, as text.";

    Refresh Data "refresh" "refresh" "Read again what is shown; asks the database.";
    Filter Data "filter" "filter" "Type a filter; only records that it selects are shown.";
    FilterHere Data "filter-here" "filter here" "Run a filter that the database refuses in this program; asks first, with the number of records that this reads.";
    NativeFilter Data "native-filter" "native filter" "Show the request that the filter becomes at this database.";
    SearchVector Data "search" "search" "Search the nearest records: paste a vector as JSON, or name a record with `like ID`.";
    SearchText Data "search-text" "search by text" "Search by text, where the database can: nearest to a vector that it makes of it, by its words, or both; tab changes the way.";
    MoreLikeThis Data "more-like-this" "more like this" "Search the records nearest to the selected one.";
    ExactSearch Data "exact-search" "exact / approximate" "Search around the index in this pane, exactly, or through it again; hits in sight are searched anew.";
    NextVector Data "next-vector" "next vector field" "Search with the next vector field of the collection.";
    CountExactly Data "count" "count exactly" "Count the records that the filter selects, exactly.";
    CollectionInfo Data "collection-info" "collection info" "Show dimensions, metric, index, state and payload schema of the collection.";
    GoToId Data "go-to-id" "go to id" "Open the record with a given id.";
    ToggleVectors Data "toggle-vectors" "vectors" "Read vectors along with the records, or leave them out.";
    Columns Data "columns" "columns" "Choose which payload fields are columns.";
    RecordView Data "record-view" "tree / json / vector" "Show the record as a tree, as raw JSON, or its vectors.";
    CopyCell Data "copy-cell" "copy cell" "Copy the value of the first shown column of the selected row, over SSH too (OSC 52).";
    CopyId Data "copy-id" "copy id" "Copy the selected record's id.";
    CopyRecord Data "copy-record" "copy record" "Copy the selected record as JSON.";
    OpenInEditor Data "open-in-editor" "view in editor" "Show the selected record as JSON in $EDITOR; changes there are not written back.";

    Compare Across "compare" "compare with another" "Compare this collection with another one, also of another maker: structure, ids, contents, search.";
    CopyCollection Across "copy-collection" "copy elsewhere" "Copy this collection (what its filter selects) into another database: shows a plan first, proves the copy at the end.";
    CopyDatabase Across "copy-database" "copy database" "Copy all collections of this database into another one, or bring a backup back: shows all plans first, proves each copy at the end.";
    BackUp Across "back-up" "back up" "Write all collections of this database into a directory of Parquet files with checksums, and prove that they have every record.";
    CopyOptions Across "copy-options" "options" "Say how the copy is to be made whose plan is in sight: metric, fields, other names, into a collection that is there, rate, proof; a new plan follows.";
    LimitRate Across "limit-rate" "limit the rate" "Let the running copy write at most so many records a second, or as fast as it can again.";
    CheckIndex Across "check-index" "check the index" "Compare the index of this collection with exact search: recall of a sample of queries.";
    ShowJobs Across "jobs" "jobs" "Show all copies, comparisons and other long work of this session, and the copies of others that can go on; space holds one, cancel ends it, enter goes on.";

    FindProfile Profiles "find-profile" "find in the sidebar" "Show only the profiles that match: group, name, tags, environment, maker, address, notes; empty shows all.";
    ToggleFavourite Profiles "favourite" "favourite" "Mark the selected profile as a favourite, or no longer.";
    MoveDown Profiles "move-down" "move down" "Move the selected profile or group down among its siblings; the order is kept in the store.";
    MoveUp Profiles "move-up" "move up" "Move the selected profile or group up among its siblings; the order is kept in the store.";
    OpenGroup Profiles "open-group" "open group" "Open every profile of the selected group and of those inside it; asks first when there are many.";
    CheckGroup Profiles "check-group" "check group" "Ping every open connection of the selected group and of those inside it.";
    CloseGroup Profiles "close-group" "close group" "Close every open connection of the selected group and of those inside it.";
    NewProfile Profiles "new-profile" "new profile" "Fill in a form for a new saved connection.";
    SignIn Profiles "sign-in" "sign in to a cloud" "Sign in to a maker's cloud: say who you are, choose of what is found there, have it tested and saved as profiles.";
    SaveAsProfile Profiles "save-as-profile" "save as profile" "Save the connection under the cursor as a profile.";
    EditProfile Profiles "edit-profile" "edit profile" "Change the selected profile.";
    DuplicateProfile Profiles "duplicate-profile" "duplicate profile" "Start a new profile from a copy of the selected one.";
    RenameProfile Profiles "rename-profile" "rename profile" "Give the selected profile another name, or the selected group another path: all its profiles go along.";
    DeleteProfile Profiles "delete-profile" "delete profile" "Delete the selected profile from the store; asks first.";
    ExportProfiles Profiles "export-profiles" "export profiles" "Write the selected group or profile, or all, to a file: without secrets, or encrypted to the keys that you name.";
    ImportProfiles Profiles "import-profiles" "import profiles" "Read profiles from a file (an export, docker compose, .env, the desktop tool), show what would change, and take over what you choose.";
    UnlockStore Profiles "unlock" "unlock profiles" "Unlock the encrypted store of profiles.";
    LockStore Profiles "lock" "lock profiles" "Forget the store's key; open connections stay open.";
    TestProfile Profiles "test-profile" "test connection" "In the form: connect with what is filled in and say what happened.";
    SaveForm Profiles "save-form" "save" "In the form: check and save.";
    NextField Profiles "next-field" "next field" "In the form: to the next field.";
    PreviousField Profiles "previous-field" "previous field" "In the form: to the previous field.";
    NextChoice Profiles "next-choice" "next choice" "In the form: the next value of a field with choices.";
    PreviousChoice Profiles "previous-choice" "previous choice" "In the form: the previous value of a field with choices.";
    Yes General "yes" "yes" "Answer a question with yes.";
    No General "no" "no" "Answer a question with no.";
}

impl Action {
    /// The open connection, counted from 0, that `Connection1` to `Connection9` go to.
    pub fn connection_index(self) -> Option<usize> {
        (Self::Connection1..=Self::Connection9).contains(&self).then(|| self as usize - Self::Connection1 as usize)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_round_trip() {
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(*action));
        }
    }

    #[test]
    fn docs_are_sentences() {
        for action in Action::ALL {
            assert!(action.doc().ends_with('.'), "{}", action.name());
            assert!(!action.title().ends_with('.'), "{}", action.name());
        }
    }

    #[test]
    fn connections_count_from_zero() {
        assert_eq!(Action::Connection1.connection_index(), Some(0));
        assert_eq!(Action::Connection9.connection_index(), Some(8));
        assert_eq!(Action::Quit.connection_index(), None);
    }
}
