use std::fmt;
use std::path::{Path, PathBuf};

use super::origin::Origin;

/// Something that is wrong with one setting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    pub(crate) origin: Origin,
    pub(crate) message: String,
}

impl Problem {
    pub(crate) fn new(origin: Origin, message: impl Into<String>) -> Self {
        Self { origin, message: message.into() }
    }
}

/// Everything that is wrong with the settings, in the order of the file.
#[derive(Debug)]
pub(crate) struct Problems {
    file: Option<PathBuf>,
    problems: Vec<Problem>,
}

impl Problems {
    pub(crate) fn new(file: Option<&Path>, mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self { file: file.map(Path::to_owned), problems }
    }

    /// The same, told of this file.
    pub(crate) fn told_of(self, file: Option<&Path>) -> Self {
        Self { file: file.map(Path::to_owned), ..self }
    }

    /// Each by itself, as it is told.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.to_string().lines().map(str::to_owned).collect()
    }
}

impl fmt::Display for Problems {
    /// One line for each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Problem { origin, message }) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            match (origin, &self.file) {
                (Origin::Variable(name), _) => write!(f, "{name}: {message}")?,
                (Origin::Line(line), Some(file)) => write!(f, "{}:{line}: {message}", file.display())?,
                (_, Some(file)) => write!(f, "{}: {message}", file.display())?,
                (_, None) => f.write_str(message)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The one of these words that was probably meant.
pub(crate) fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let distance = |other: &str| strsim::damerau_levenshtein(&lower, &other.to_lowercase());
    let nearest = known.into_iter().map(|other| (distance(other), other)).min()?;
    (nearest.0 <= (word.chars().count() / 3).clamp(1, 3)).then_some(nearest.1)
}
