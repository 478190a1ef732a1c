use super::Row;

/// Every row of the corpus, file by file.
///
/// # Panics
///
/// If a line is no row. A member that nobody knows is an error, so that a row never says more than is judged.
#[must_use]
pub fn rows() -> Vec<Row> {
    FILES.iter().flat_map(|(file, text)| parse(file, text)).collect()
}

fn parse(file: &str, text: &str) -> Vec<Row> {
    let row = |(index, line)| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}, line {}: {error}", index + 1))
    };
    text.lines().enumerate().map(row).collect()
}

/// Takes the files' names once.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../verdicts/", $name, ".jsonl")))),*]
    };
}

const FILES: &[(&str, &str)] = &files![
    "credentials",
    "tokens",
    "keys",
    "linked",
    "two-credentials",
    "look-alikes",
    "stripping",
    "cookies",
    "session-cookies",
    "jwt-headers",
    "optional",
    "requirements",
    "sender-bound",
    "dpop",
    "outages",
    "changes",
    "grpc",
    "metadata",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn there_are_enough_rows_and_no_two_have_one_name() {
        let rows = rows();
        let ids: HashSet<_> = rows.iter().map(|row| row.id.as_str()).collect();
        assert!(rows.len() >= 180, "{}", rows.len());
        assert_eq!(ids.len(), rows.len());
    }

    #[test]
    #[should_panic(expected = "unknown field")]
    fn a_member_that_nobody_knows_is_an_error() {
        parse("test", r#"{"id":"x","verdict":{"forward":{}},"verdicts":1}"#);
    }

    #[test]
    #[should_panic(expected = "unknown field")]
    fn so_is_one_inside_a_verdict() {
        parse("test", r#"{"id":"x","verdict":{"deny":{"status":401,"challenge":"Bearer"}}}"#);
    }
}
