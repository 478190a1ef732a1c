/// A `typ` or `cty` without the prefix `application/`, which may be left out (RFC 7515 §4.1.9, §4.1.10). What is
/// left is compared without regard to case.
///
/// ```
/// assert_eq!(remint_jwt::subtype("application/at+jwt"), "at+jwt");
/// assert_eq!(remint_jwt::subtype("at+jwt"), "at+jwt");
/// ```
#[must_use]
pub fn subtype(media_type: &str) -> &str {
    match media_type.split_at_checked(APPLICATION.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(APPLICATION) => rest,
        _ => media_type,
    }
}

const APPLICATION: &str = "application/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_left_out_once_and_in_any_case() {
        for (media_type, expected) in [
            ("at+jwt", "at+jwt"),
            ("application/at+jwt", "at+jwt"),
            ("APPLICATION/AT+JWT", "AT+JWT"),
            ("application/application/at+jwt", "application/at+jwt"),
            ("application/", ""),
            ("application", "application"),
            ("text/at+jwt", "text/at+jwt"),
            (" application/at+jwt", " application/at+jwt"),
            ("", ""),
            ("applicatioñ/at+jwt", "applicatioñ/at+jwt"),
        ] {
            assert_eq!(subtype(media_type), expected, "{media_type}");
        }
    }
}
