//! Health of a connection as plain data, and the one table of glyph, role and word per state.
//!
//! `tracker` makes a [`Health`] from samples; the connection task sends it; the screen, the
//! commands and the log show it with [`glyph`], [`role`] and [`word`]. Shape, color and word come
//! from the same state, so they cannot disagree. No clock here.

use std::time::Duration;

/// The state of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthState {
    /// Not connected, and not trying.
    Closed,
    /// A connect is under way that nothing is known of yet: the first one, or one that the user
    /// asked for after the connection had given up.
    Connecting,
    /// Connected; nothing runs.
    Idle,
    /// Connected; so many requests run.
    Active {
        /// What the oldest of them is, in a few words.
        what: String,
        /// How many.
        running: usize,
    },
    /// Connected, but a ping takes longer than `tracker::SLOW`.
    Slow,
    /// Connected, but it was lost again and again.
    Flapping {
        /// How often.
        lost: u32,
        /// Within the last so many minutes.
        minutes: u64,
    },
    /// The user does not want it to be pinged or connected for now.
    Paused,
    /// Fewer than three failures in a row; the next attempt is under way or waits.
    Reconnecting {
        /// Which attempt is next, counted from 1.
        attempt: u32,
        /// Seconds until it, rounded up; 0 while it is under way.
        retry_in_s: u64,
    },
    /// The server does not let us in; no attempt follows by itself.
    Unauthorized,
    /// Failed.
    Failed {
        /// The cause in one to four words.
        cause: &'static str,
        /// Seconds until the next attempt, 0 while it is under way, `None` if none follows by itself.
        retry_in_s: Option<u64>,
    },
}

impl HealthState {
    /// Whether the database answers, be it slowly or now and then.
    pub fn is_up(&self) -> bool {
        match self {
            Self::Idle | Self::Active { .. } | Self::Slow | Self::Flapping { .. } => true,
            Self::Closed
            | Self::Paused
            | Self::Connecting
            | Self::Reconnecting { .. }
            | Self::Unauthorized
            | Self::Failed { .. } => false,
        }
    }
}

/// What the screen shows of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The state.
    pub state: HealthState,
    /// Latency of a ping. A measured value, held while later ones differ too little to matter
    /// (see `tracker`), so that an idle connection writes nothing to the terminal.
    pub latency: Option<Duration>,
    /// The last error as a sentence, kept until the next good answer.
    pub error: Option<String>,
}

impl Health {
    /// Before anything happened.
    pub fn closed() -> Self {
        Self { state: HealthState::Closed, latency: None, error: None }
    }
}

/// How a state is colored; the theme maps roles to colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Out of use.
    Dim,
    /// Under way.
    Info,
    /// Well.
    Ok,
    /// Worth a look.
    Warn,
    /// Ill.
    Danger,
}

/// One turn of the spinner; every frame is one column wide.
const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠟"];
const SPINNER_ASCII: [&str; 4] = ["|", "/", "-", "\\"];

fn frame(frames: &'static [&'static str], at: usize) -> &'static str {
    frames.get(at % frames.len()).copied().unwrap_or(" ")
}

/// The glyph of a state, one column wide. `Connecting` is itself the spinner (a dot in ascii);
/// beside `Active` stands a [`spinner`].
pub fn glyph(state: &HealthState, ascii: bool, spinner_frame: usize) -> &'static str {
    let (unicode, plain) = match state {
        HealthState::Closed => ("○", "o"),
        HealthState::Connecting => (frame(&SPINNER, spinner_frame), "."),
        HealthState::Idle | HealthState::Active { .. } => ("●", "*"),
        HealthState::Slow => ("◐", "~"),
        HealthState::Flapping { .. } => ("≈", "%"),
        HealthState::Paused => ("‖", "="),
        HealthState::Reconnecting { .. } => ("↻", "^"),
        HealthState::Unauthorized => ("⊘", "!"),
        HealthState::Failed { .. } => ("✗", "x"),
    };
    if ascii { plain } else { unicode }
}

/// The spinner beside the glyph while requests run, one column wide; `None` in every other state.
pub fn spinner(state: &HealthState, ascii: bool, spinner_frame: usize) -> Option<&'static str> {
    let frames: &'static [&'static str] = if ascii { &SPINNER_ASCII } else { &SPINNER };
    matches!(state, HealthState::Active { .. }).then(|| frame(frames, spinner_frame))
}

/// The role that colors the glyph and the word of a state.
pub fn role(state: &HealthState) -> Role {
    match state {
        HealthState::Closed | HealthState::Paused => Role::Dim,
        HealthState::Connecting => Role::Info,
        HealthState::Idle | HealthState::Active { .. } => Role::Ok,
        HealthState::Slow | HealthState::Flapping { .. } | HealthState::Reconnecting { .. } => Role::Warn,
        HealthState::Unauthorized | HealthState::Failed { .. } => Role::Danger,
    }
}

/// The word beside the glyph: `12 ms`, `slow: 1.8 s`, `retry in 4 s (3)`, `key refused`, `refused`.
pub fn word(health: &Health) -> String {
    match &health.state {
        HealthState::Closed => "not connected".to_owned(),
        HealthState::Connecting => "connecting".to_owned(),
        HealthState::Idle => health.latency.map_or_else(|| "connected".to_owned(), latency_word),
        HealthState::Active { what, running: 0 | 1 } => what.clone(),
        HealthState::Active { what, running } => format!("{what} +{}", running - 1),
        HealthState::Slow => health.latency.map_or_else(|| "slow".to_owned(), |l| format!("slow: {}", latency_word(l))),
        HealthState::Flapping { lost, minutes } => format!("flapping: lost {lost} times in {minutes} min"),
        HealthState::Paused => "paused".to_owned(),
        HealthState::Reconnecting { attempt, retry_in_s: 0 } => format!("reconnecting ({attempt})"),
        HealthState::Reconnecting { attempt, retry_in_s } => format!("retry in {retry_in_s} s ({attempt})"),
        HealthState::Unauthorized => "key refused".to_owned(),
        HealthState::Failed { cause, .. } => (*cause).to_owned(),
    }
}

/// The same with the countdown of a failure behind it, as far as there is room: `refused, retry in 4 s`, `refused, 4 s`.
/// Reconnecting has its countdown in the word itself.
pub fn word_in(health: &Health, room: usize) -> String {
    let word = word(health);
    let HealthState::Failed { retry_in_s: Some(seconds), .. } = health.state else { return word };
    let retry = retry_word(&health.state).unwrap_or_default();
    let short = if seconds == 0 { "again".to_owned() } else { format!("{seconds} s") };
    let longer = [retry, short].map(|retry| format!("{word}, {retry}"));
    longer.into_iter().find(|longer| longer.chars().count() <= room).unwrap_or(word)
}

/// When the next attempt comes, for places with room for it: `retry in 4 s`, `trying again`;
/// `None` where no attempt follows by itself.
pub fn retry_word(state: &HealthState) -> Option<String> {
    match state {
        HealthState::Reconnecting { retry_in_s: 0, .. } | HealthState::Failed { retry_in_s: Some(0), .. } => {
            Some("trying again".to_owned())
        }
        HealthState::Reconnecting { retry_in_s: n, .. } | HealthState::Failed { retry_in_s: Some(n), .. } => {
            Some(format!("retry in {n} s"))
        }
        HealthState::Failed { retry_in_s: None, .. }
        | HealthState::Closed
        | HealthState::Connecting
        | HealthState::Idle
        | HealthState::Active { .. }
        | HealthState::Slow
        | HealthState::Flapping { .. }
        | HealthState::Paused
        | HealthState::Unauthorized => None,
    }
}

/// A latency in two significant digits: `<1 ms`, `7 ms`, `12 ms`, `120 ms`, `1.8 s`, `12 s`.
pub fn latency_word(latency: Duration) -> String {
    let ms = latency.as_secs_f64() * 1000.0;
    match ms {
        ms if ms < 1.0 => "<1 ms".to_owned(),
        ms if ms < 99.5 => format!("{ms:.0} ms"),
        ms if ms < 995.0 => format!("{:.0} ms", (ms / 10.0).round() * 10.0),
        ms if ms < 9_950.0 => format!("{:.1} s", ms / 1000.0),
        ms => format!("{:.0} s", ms / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<HealthState> {
        vec![
            HealthState::Closed,
            HealthState::Connecting,
            HealthState::Idle,
            HealthState::Active { what: "page of articles".to_owned(), running: 3 },
            HealthState::Slow,
            HealthState::Flapping { lost: 4, minutes: 5 },
            HealthState::Paused,
            HealthState::Reconnecting { attempt: 3, retry_in_s: 4 },
            HealthState::Unauthorized,
            HealthState::Failed { cause: "refused", retry_in_s: Some(7) },
        ]
    }

    #[test]
    fn the_table_says_shape_color_and_word_of_each_state() {
        let rows: Vec<_> = all()
            .into_iter()
            .map(|state| {
                let health = Health { latency: Some(Duration::from_millis(1_840)), error: None, state };
                let state = &health.state;
                (glyph(state, false, 0), glyph(state, true, 0), role(state), word(&health))
            })
            .collect();
        let expected = [
            ("○", "o", Role::Dim, "not connected"),
            ("⠋", ".", Role::Info, "connecting"),
            ("●", "*", Role::Ok, "1.8 s"),
            ("●", "*", Role::Ok, "page of articles +2"),
            ("◐", "~", Role::Warn, "slow: 1.8 s"),
            ("≈", "%", Role::Warn, "flapping: lost 4 times in 5 min"),
            ("‖", "=", Role::Dim, "paused"),
            ("↻", "^", Role::Warn, "retry in 4 s (3)"),
            ("⊘", "!", Role::Danger, "key refused"),
            ("✗", "x", Role::Danger, "refused"),
        ];
        assert_eq!(rows, expected.map(|(u, a, r, w)| (u, a, r, w.to_owned())));
    }

    #[test]
    fn a_paused_connection_is_never_green_and_looks_like_no_other() {
        for ascii in [false, true] {
            let same =
                all().into_iter().filter(|s| glyph(s, ascii, 0) == glyph(&HealthState::Paused, ascii, 0)).count();
            assert_eq!(same, 1);
        }
        assert_ne!(role(&HealthState::Paused), Role::Ok);
    }

    #[test]
    fn states_that_differ_in_role_differ_in_shape_so_that_color_is_never_needed() {
        for ascii in [false, true] {
            for a in all() {
                for b in all().into_iter().filter(|b| role(b) != role(&a)) {
                    assert_ne!(glyph(&a, ascii, 0), glyph(&b, ascii, 0), "{a:?} and {b:?}");
                }
            }
        }
    }

    #[test]
    fn every_glyph_and_frame_is_one_column_wide_and_ascii_is_ascii() {
        use unicode_width::UnicodeWidthStr;
        for at in 0..20 {
            for state in all() {
                assert_eq!(glyph(&state, false, at).width(), 1, "{state:?}");
                assert!(glyph(&state, true, at).is_ascii());
                assert_eq!(spinner(&state, false, at).map_or(1, UnicodeWidthStr::width), 1);
                assert!(spinner(&state, true, at).is_none_or(str::is_ascii));
            }
        }
    }

    #[test]
    fn latency_has_two_significant_digits() {
        let words: Vec<_> = [0.2, 1.4, 12.3, 99.4, 99.6, 123.0, 994.0, 996.0, 1_840.0, 9_940.0, 12_300.0]
            .map(|ms: f64| latency_word(Duration::from_secs_f64(ms / 1000.0)))
            .into();
        assert_eq!(
            words,
            ["<1 ms", "1 ms", "12 ms", "99 ms", "100 ms", "120 ms", "990 ms", "1.0 s", "1.8 s", "9.9 s", "12 s"]
        );
    }

    #[test]
    fn a_failure_counts_down_where_there_is_room() {
        let failed = |retry_in_s| Health {
            state: HealthState::Failed { cause: "refused", retry_in_s },
            latency: None,
            error: None,
        };
        let words = [21, 20, 12, 11].map(|room| word_in(&failed(Some(4)), room));
        assert_eq!(words, ["refused, retry in 4 s", "refused, 4 s", "refused, 4 s", "refused"]);
        assert_eq!(word_in(&failed(Some(0)), 40), "refused, trying again");
        assert_eq!(word_in(&failed(None), 40), "refused");
    }

    #[test]
    fn an_attempt_under_way_is_not_called_a_wait_of_zero_seconds() {
        let state = HealthState::Reconnecting { attempt: 2, retry_in_s: 0 };
        assert_eq!(word(&Health { state: state.clone(), latency: None, error: None }), "reconnecting (2)");
        assert_eq!(retry_word(&state).as_deref(), Some("trying again"));
        assert_eq!(retry_word(&HealthState::Failed { cause: "refused", retry_in_s: None }), None);
    }
}
