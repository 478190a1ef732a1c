/// The settings as a file of them: every one, and its default where another value is set.
#[derive(Debug, Default)]
pub(crate) struct Shown(String);

impl Shown {
    pub(crate) fn section(&mut self, header: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.line(header);
    }

    pub(crate) fn value(&mut self, key: &str, toml: &str, default: Option<&str>) {
        match default.filter(|default| *default != toml) {
            Some(default) => self.line(&format!("{key} = {toml} # default: {default}")),
            None => self.line(&format!("{key} = {toml}")),
        }
    }

    pub(crate) fn absent(&mut self, key: &str, meaning: &str) {
        self.line(&format!("# {key}: absent, {meaning}"));
    }

    /// What another page shows, as an example of what could stand here.
    pub(crate) fn example(&mut self, other: &Self) {
        // The header that stands here already is not part of the example.
        let last = self.0.lines().last().unwrap_or_default().to_owned();
        self.0.push('\n');
        for line in other.0.lines().skip_while(|line| line.is_empty() || *line == last) {
            self.line(format!("# {}", line.trim_start_matches("# ")).trim_end());
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }
}
