use std::time::Duration;

use remint_core::{Cursor, Target, TimeSpan};
use remint_http_api::Problem;
use remint_token::revocation_log::{MAX_ROWS, MAX_TARGETS, MAX_WAIT};
use url::form_urlencoded;

/// What is asked of the log.
#[derive(Debug, PartialEq)]
pub(super) enum Question {
    /// What came after this place; if nothing did, whatever comes within this time.
    After(Cursor, Duration),
    /// What the log has: from the beginning, or after this place.
    Kept(Option<Cursor>),
    /// The last row that ended each of these.
    Latest(Vec<Target>),
}

impl Question {
    /// The question, and how many rows an answer may have.
    ///
    /// # Errors
    ///
    /// 400, with the parameter that does not fit.
    pub(super) fn parse(query: Option<&str>) -> Result<(Self, usize), Problem> {
        let (mut after, mut wait, mut page, mut limit) = (None, None, None, None);
        let mut targets = Vec::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "after" => once(&mut after, "after", cursor(&value), CURSOR)?,
                "page" => once(&mut page, "page", cursor(&value), CURSOR)?,
                "wait" => once(&mut wait, "wait", duration(&value), "must be a time span of at most 30s, such as 10s")?,
                "limit" => once(&mut limit, "limit", rows(&value), "must be a number from 1 to 1000")?,
                "target" if targets.len() == MAX_TARGETS => {
                    return Err(Problem::invalid_query("target", "is there more than 32 times"));
                }
                "target" => {
                    let target = serde_json::from_str::<Target>(&value);
                    let must = "must be a target as JSON, such as {\"kind\":\"user\",\"id\":\"alice\"}";
                    targets.push(target.map_err(|_| Problem::invalid_query("target", must))?);
                }
                other => {
                    let shown: String = other.chars().take(SHOWN).collect();
                    return Err(Problem::invalid_query(&shown, "there is no such parameter"));
                }
            }
        }
        let question = match (after, page, targets.is_empty()) {
            (Some(after), None, true) => Self::After(after, wait.take().unwrap_or_default()),
            (None, page, true) => Self::Kept(page),
            (None, None, false) => Self::Latest(targets),
            (Some(_), Some(_), _) => return Err(Problem::invalid_query("page", "means nothing beside `after`")),
            (_, _, false) => return Err(Problem::invalid_query("target", "means nothing beside `after` or `page`")),
        };
        if wait.is_some() {
            return Err(Problem::invalid_query("wait", "means nothing without `after`"));
        }
        Ok((question, limit.unwrap_or(MAX_ROWS)))
    }
}

fn once<T>(place: &mut Option<T>, name: &'static str, value: Option<T>, must: &'static str) -> Result<(), Problem> {
    match (value, place.is_some()) {
        (_, true) => Err(Problem::invalid_query(name, "is there twice")),
        (None, false) => Err(Problem::invalid_query(name, must)),
        (value, false) => {
            *place = value;
            Ok(())
        }
    }
}

fn cursor(text: &str) -> Option<Cursor> {
    text.parse().ok()
}

fn duration(text: &str) -> Option<Duration> {
    text.parse().map(TimeSpan::duration).ok().filter(|wait| *wait <= MAX_WAIT)
}

fn rows(text: &str) -> Option<usize> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|rows| is_plain && (1..=MAX_ROWS).contains(rows))
}

const CURSOR: &str = "must be a cursor that an answer had";
const SHOWN: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const CURSOR: &str = "log.7.00000000000000ab";

    fn parse(query: &str) -> Option<(Question, usize)> {
        Question::parse(Some(query)).ok()
    }

    #[test]
    fn each_question_is_told_from_the_others() {
        let place = || CURSOR.parse::<Cursor>().unwrap();
        let after = |seconds| Question::After(place(), Duration::from_secs(seconds));
        assert_eq!(Question::parse(None).unwrap(), (Question::Kept(None), 1000));
        assert_eq!(parse(&format!("after={CURSOR}")), Some((after(0), 1000)));
        assert_eq!(parse(&format!("after={CURSOR}&wait=30s&limit=5")), Some((after(30), 5)));
        assert_eq!(parse(&format!("page={CURSOR}&limit=1000")), Some((Question::Kept(Some(place())), 1000)));
        let targets = vec![Target::Everything, Target::User("a".parse().unwrap())];
        let query = "target=%7B%22kind%22:%22everything%22%7D&target=%7B%22kind%22:%22user%22,%22id%22:%22a%22%7D";
        assert_eq!(parse(query), Some((Question::Latest(targets), 1000)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let many = vec!["target=%7B%22kind%22:%22everything%22%7D"; MAX_TARGETS + 1].join("&");
        for query in [
            "after=7",
            "after=",
            "page=x",
            "wait=10s",
            "limit=0",
            "limit=1001",
            "limit=01",
            "limit=+1",
            "limit=1&limit=1",
            "target=everything",
            "since=7",
            &format!("after={CURSOR}&after={CURSOR}"),
            &format!("after={CURSOR}&page={CURSOR}"),
            &format!("after={CURSOR}&wait=31s"),
            &format!("after={CURSOR}&wait=-1s"),
            &format!("after={CURSOR}&wait=10"),
            &format!("page={CURSOR}&wait=10s"),
            &format!("after={CURSOR}&target=%7B%22kind%22:%22everything%22%7D"),
            &many,
        ] {
            assert_eq!(parse(query), None, "{query}");
        }
    }
}
