//! Challenges, problem documents and `Retry-After` are written by `remint-guard` alone: what a caller is told is one
//! rule.

/// Each place in a source file that writes one by itself, by the text that shows it. What stands below `#[cfg(test)]`
/// reads answers.
#[must_use]
pub fn written_by_hand(source: &str) -> Vec<&'static str> {
    let code: Vec<_> = source.split("#[cfg(test)]").take(1).flat_map(str::lines).map(code_of).collect();
    let code = code.join("\n");
    let literals = LITERALS.into_iter().filter(|literal| code.contains(literal));
    let headers = HEADERS.into_iter().filter(|(header, _)| code.contains(header));
    let inserted = headers.filter(|(header, with)| {
        code.split(header).skip(1).any(|value| !with.iter().any(|with| value.trim_start().starts_with(with)))
    });
    literals.chain(inserted.map(|(header, _)| header)).collect()
}

/// A line without its comment. `://` begins none.
fn code_of(line: &str) -> &str {
    if line.trim_start().starts_with("//") { "" } else { line.split(" // ").next().unwrap_or(line) }
}

const LITERALS: [&str; 4] = ["\"application/problem+json\"", "\"about:blank\"", "Bearer realm=", "Bearer error="];

/// A header, and what its value is made by.
const HEADERS: [(&str, &[&str]); 2] =
    [("RETRY_AFTER,", &["retry_after("]), ("WWW_AUTHENTICATE,", &["challenge.into_value()"])];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_write_an_answer_by_hand_is_found() {
        for (source, found) in [
            (r#"let kind = "application/problem+json"; // of RFC 9457"#, "\"application/problem+json\""),
            (r#"json!({ "type": "about:blank" })"#, "\"about:blank\""),
            (r#"HeaderValue::from_static("Bearer realm=\"x\"")"#, "Bearer realm="),
            (r#"format!("Bearer error=\"{code}\"")"#, "Bearer error="),
            ("headers.insert(header::RETRY_AFTER, seconds.into());", "RETRY_AFTER,"),
            ("headers.insert(\n    header::RETRY_AFTER,\n    1.into());", "RETRY_AFTER,"),
            ("headers.insert(header::WWW_AUTHENTICATE, value);", "WWW_AUTHENTICATE,"),
        ] {
            assert_eq!(written_by_hand(source), [found], "{source}");
        }
    }

    #[test]
    fn the_pieces_of_remint_guard_comments_and_tests_are_not() {
        let source = r#"
            /// Answers with `about:blank` as "application/problem+json".
            headers.insert(header::RETRY_AFTER, retry_after(after));
            headers.insert(header::WWW_AUTHENTICATE, challenge.into_value());
            let seconds = answer.headers().get(header::RETRY_AFTER)?;
            #[cfg(test)]
            mod tests { const KIND: &str = "application/problem+json"; }
        "#;
        assert_eq!(written_by_hand(source), [""; 0]);
    }
}
