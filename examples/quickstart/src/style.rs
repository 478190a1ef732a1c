use std::fmt::Display;
use std::io::IsTerminal;

/// Colour, on a terminal only, and not where `NO_COLOR` asks for none (<https://no-color.org>).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style(bool);

impl Style {
    pub(crate) fn of(output: &impl IsTerminal) -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self(output.is_terminal() && !unwanted)
    }

    pub(crate) const fn has_colour(self) -> bool {
        self.0
    }

    pub(crate) fn bold(self, text: impl Display) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: impl Display) -> String {
        self.paint("2", text)
    }

    pub(crate) fn good(self, text: impl Display) -> String {
        self.paint("32", text)
    }

    pub(crate) fn bad(self, text: impl Display) -> String {
        self.paint("31", text)
    }

    fn paint(self, code: &str, text: impl Display) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}
