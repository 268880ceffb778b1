//! Roles to styles, one table for each theme. Nothing else in `ui` names a color.

use ratatui::style::{Color, Modifier, Style};

use crate::app::event::Severity;
use crate::app::settings::ThemeName;
use crate::connection::health::Role;
use crate::profile::model::Environment;

/// The styles of a theme by what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Ordinary text.
    pub text: Style,
    /// What matters less: labels, hints, old data.
    pub dim: Style,
    /// Headings, the selected thing's name.
    pub strong: Style,
    /// What the eye should find: keys, the path, the active tab.
    pub accent: Style,
    /// The border of a pane.
    pub border: Style,
    /// The border of the pane in focus.
    pub focus: Style,
    /// The selected row of the pane in focus; one style for the whole row.
    pub selected: Style,
    /// The selected row elsewhere.
    pub marked: Style,
    /// The header of a table.
    pub header: Style,
    /// Well.
    pub ok: Style,
    /// Under way.
    pub info: Style,
    /// Worth a look.
    pub warn: Style,
    /// Ill, production, errors.
    pub danger: Style,
    /// A small sign on a line, such as `RO`.
    pub badge: Style,
    /// A key of a payload.
    pub key: Style,
    /// Text in a payload.
    pub string: Style,
    /// A number in a payload.
    pub number: Style,
    /// `true`, `false`.
    pub boolean: Style,
    /// `null`, and what stands for an empty text.
    pub null: Style,
    /// Sparklines.
    pub vector: Style,
    named: Named,
}

/// What the colors that mark profiles become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Terminal,
    True,
    None,
}

const fn rgb(value: u32) -> Color {
    Color::Rgb((value >> 16) as u8, (value >> 8) as u8, value as u8)
}

impl Theme {
    /// The theme of that name.
    pub fn of(name: ThemeName) -> Self {
        match name {
            ThemeName::Dark => Self::terminal(Palette {
                accent: Color::Cyan,
                ok: Color::Green,
                info: Color::Blue,
                warn: Color::Yellow,
                danger: Color::LightRed,
                number: Color::Magenta,
                vector: Color::Cyan,
                selection: (Color::White, Color::Blue),
            }),
            // Yellow and cyan are hard to read on white.
            ThemeName::Light => Self::terminal(Palette {
                accent: Color::Blue,
                ok: Color::Green,
                info: Color::Blue,
                warn: Color::Magenta,
                danger: Color::Red,
                number: Color::Magenta,
                vector: Color::Blue,
                selection: (Color::White, Color::Blue),
            }),
            ThemeName::TrueColor => Self::truecolor(),
            ThemeName::Mono => Self::mono(),
        }
    }

    fn terminal(palette: Palette) -> Self {
        let plain = Style::new();
        // Dim instead of gray: gray is the background's color in some palettes.
        let dim = plain.add_modifier(Modifier::DIM);
        let (front, back) = palette.selection;
        Self {
            text: plain,
            dim,
            strong: plain.add_modifier(Modifier::BOLD),
            accent: plain.fg(palette.accent),
            border: dim,
            focus: plain.fg(palette.accent),
            selected: plain.fg(front).bg(back).add_modifier(Modifier::BOLD),
            marked: plain.add_modifier(Modifier::BOLD),
            header: plain.fg(palette.accent),
            ok: plain.fg(palette.ok),
            info: plain.fg(palette.info),
            warn: plain.fg(palette.warn),
            danger: plain.fg(palette.danger),
            badge: plain.fg(palette.warn),
            key: plain.fg(palette.accent),
            string: plain,
            number: plain.fg(palette.number),
            boolean: plain.fg(palette.warn),
            null: dim,
            vector: plain.fg(palette.vector),
            named: Named::Terminal,
        }
    }

    fn truecolor() -> Self {
        let text = Style::new().fg(rgb(0xd5d9e0));
        let back = rgb(0x2f4468);
        Self {
            text,
            dim: text.fg(rgb(0x7f8896)),
            strong: text.fg(rgb(0xf2f4f8)).add_modifier(Modifier::BOLD),
            accent: text.fg(rgb(0x6cb6ff)),
            border: text.fg(rgb(0x4b5363)),
            focus: text.fg(rgb(0x6cb6ff)),
            selected: text.fg(rgb(0xffffff)).bg(back),
            marked: text.fg(rgb(0xf2f4f8)).add_modifier(Modifier::BOLD),
            header: text.fg(rgb(0x9fb3d1)),
            ok: text.fg(rgb(0x7ec699)),
            info: text.fg(rgb(0x6cb6ff)),
            warn: text.fg(rgb(0xe5c07b)),
            danger: text.fg(rgb(0xf47067)),
            badge: text.fg(rgb(0xe5c07b)),
            key: text.fg(rgb(0x8ab4f8)),
            string: text,
            number: text.fg(rgb(0xc9a0e8)),
            boolean: text.fg(rgb(0xe5c07b)),
            null: text.fg(rgb(0x7f8896)),
            vector: text.fg(rgb(0x63c5c0)),
            named: Named::True,
        }
    }

    fn mono() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim = plain.add_modifier(Modifier::DIM);
        Self {
            text: plain,
            dim,
            strong: bold,
            accent: bold,
            border: dim,
            focus: bold,
            selected: plain.add_modifier(Modifier::REVERSED),
            marked: bold,
            header: plain.add_modifier(Modifier::UNDERLINED),
            ok: plain,
            info: plain,
            warn: bold,
            danger: bold,
            badge: bold,
            key: bold,
            string: plain,
            number: plain,
            boolean: plain,
            null: dim,
            vector: plain,
            named: Named::None,
        }
    }

    /// The style of a role of health.
    pub fn role(&self, role: Role) -> Style {
        match role {
            Role::Dim => self.dim,
            Role::Info => self.info,
            Role::Ok => self.ok,
            Role::Warn => self.warn,
            Role::Danger => self.danger,
        }
    }

    /// The style of a notice.
    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Info => self.info,
            Severity::Success => self.ok,
            Severity::Warning => self.warn,
            Severity::Error => self.danger,
        }
    }

    /// What marks everything of a connection: red for production whatever its color, else its color.
    pub fn mark(&self, environment: Environment, color: Option<&str>) -> Option<Style> {
        match environment {
            Environment::Production => Some(self.danger),
            Environment::Dev | Environment::Staging => self.named(color),
        }
    }

    /// The color by which a profile is marked; `None` for no or an unknown color, and in mono.
    pub fn named(&self, name: Option<&str>) -> Option<Style> {
        let (terminal, exact) = match name? {
            "red" => (Color::Red, rgb(0xf47067)),
            "green" => (Color::Green, rgb(0x7ec699)),
            "yellow" => (Color::Yellow, rgb(0xe5c07b)),
            "blue" => (Color::Blue, rgb(0x6cb6ff)),
            "magenta" => (Color::Magenta, rgb(0xc9a0e8)),
            "cyan" => (Color::Cyan, rgb(0x63c5c0)),
            _ => return None,
        };
        match self.named {
            Named::Terminal => Some(Style::new().fg(terminal)),
            Named::True => Some(Style::new().fg(exact)),
            Named::None => None,
        }
    }
}

struct Palette {
    accent: Color,
    ok: Color,
    info: Color,
    warn: Color,
    danger: Color,
    number: Color,
    vector: Color,
    selection: (Color, Color),
}
