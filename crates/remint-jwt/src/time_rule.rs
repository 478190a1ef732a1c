use std::time::Duration;

use remint_core::{CLOCK_SKEW, DeniedKind, Timestamp};

use crate::{Claims, JwtError, Rounding};

/// When a token has ended, is not yet valid, was issued in the future, or lives too long (RFC 7519
/// §4.1.4 to §4.1.6).
///
/// - `exp` has no leeway: the token has ended from the first millisecond of that second on.
/// - `nbf` and `iat` may be ahead of the clock by the leeway, to the millisecond.
/// - Each limit on a lifetime includes its last millisecond.
///
/// A claim that is there and is not a whole number of seconds is refused, unless the rule takes fractions.
///
/// # How callers differ
///
/// | what is read | `exp` | `iat` | leeway | limit |
/// | --- | --- | --- | --- | --- |
/// | an internal token, a token of a foreign server | required | required | 30 s | – |
/// | a transaction token | required | required | 30 s | `exp − iat` |
/// | an assertion or ID token of a trusted issuer | required | required | as configured | `exp − iat` |
/// | an access token of a trusted issuer, an introspection answer | required, fractions | optional unless set, fractions | as configured | `exp − iat`, or `exp − now` without `iat` |
/// | a client assertion | required | optional | 30 s | `exp − now` |
/// | a DPoP proof | optional | required | 10 s unless set | `now − iat` |
/// | a JWT that another party verifies | optional | not judged | – | – |
///
/// The first four rows are [`TimeRule::check`]; the others combine [`TimeRule::end`] and
/// [`TimeRule::beginning`]. An exchange refuses, besides, an issued token whose [`Times::lifetime`] is zero or
/// over its limit: that is an outage of the server and no denial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRule {
    leeway: Duration,
    max_lifetime: Duration,
    max_remaining: Duration,
    max_age: Duration,
    takes_fractions: bool,
    needs_issued_at: bool,
}

impl TimeRule {
    /// 30 seconds of leeway ([`CLOCK_SKEW`]), and no limit on the lifetime.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            leeway: CLOCK_SKEW,
            max_lifetime: Duration::MAX,
            max_remaining: Duration::MAX,
            max_age: Duration::MAX,
            takes_fractions: false,
            needs_issued_at: true,
        }
    }

    /// How far `nbf` and `iat` may be ahead of the clock.
    #[must_use]
    pub const fn with_leeway(self, leeway: Duration) -> Self {
        Self { leeway, ..self }
    }

    /// How far `nbf` and `iat` may be ahead of the clock.
    #[must_use]
    pub const fn leeway(&self) -> Duration {
        self.leeway
    }

    /// The longest that a token may live, from `iat` to `exp`.
    #[must_use]
    pub const fn with_max_lifetime(self, max_lifetime: Duration) -> Self {
        Self { max_lifetime, ..self }
    }

    /// The longest that `exp` may be ahead of the clock.
    #[must_use]
    pub const fn with_max_remaining(self, max_remaining: Duration) -> Self {
        Self { max_remaining, ..self }
    }

    /// How long ago `iat` may be.
    #[must_use]
    pub const fn with_max_age(self, max_age: Duration) -> Self {
        Self { max_age, ..self }
    }

    /// Takes fractions of a second too: `exp` is rounded down, `nbf` and `iat` are rounded up.
    #[must_use]
    pub const fn with_fractions(self) -> Self {
        Self { takes_fractions: true, ..self }
    }

    /// [`check`](Self::check) takes a token without `iat` too, if its `exp` is not further ahead of the clock than a
    /// token may live. It [counts as issued](Times::issued_at) before everything else: at the second 0.
    #[must_use]
    pub const fn with_optional_issued_at(self) -> Self {
        Self { needs_issued_at: false, ..self }
    }

    /// Judges a token that must state `exp` and, unless [said otherwise](Self::with_optional_issued_at), `iat`.
    ///
    /// # Errors
    ///
    /// In this order: [`DeniedKind::Claim`] if `exp` or `iat` is missing or one of the three is not a moment,
    /// [`DeniedKind::Expired`], [`DeniedKind::NotYetValid`], [`DeniedKind::Lifetime`].
    pub fn check(self, claims: &Claims, now: Timestamp) -> Result<Times, DeniedKind> {
        let expires_at = self.expires_at(claims)?.ok_or(DeniedKind::Claim)?;
        let issued_at = self.begins_at(claims, "iat")?;
        if issued_at.is_none() && self.needs_issued_at {
            return Err(DeniedKind::Claim);
        }
        let not_before = self.begins_at(claims, "nbf")?;
        self.judge_end(expires_at, now)?;
        self.judge_beginning(issued_at, not_before, now)?;
        let lifetime = expires_at.saturating_duration_since(issued_at.unwrap_or(now));
        if lifetime > self.max_lifetime {
            return Err(DeniedKind::Lifetime);
        }
        Ok(Times { issued_at: issued_at.unwrap_or(Timestamp::from_secs(0)), expires_at })
    }

    /// Judges `exp` alone, if there is one.
    ///
    /// # Errors
    ///
    /// [`DeniedKind::Claim`], [`DeniedKind::Expired`], or [`DeniedKind::Lifetime`] if it is further ahead than the
    /// rule allows.
    pub fn end(self, claims: &Claims, now: Timestamp) -> Result<Option<Timestamp>, DeniedKind> {
        let expires_at = self.expires_at(claims)?;
        expires_at.map_or(Ok(()), |at| self.judge_end(at, now))?;
        Ok(expires_at)
    }

    /// Judges `iat` and `nbf`, those that are there, and returns `iat`.
    ///
    /// # Errors
    ///
    /// [`DeniedKind::Claim`], [`DeniedKind::NotYetValid`], or [`DeniedKind::Lifetime`] if `iat` is longer ago than the
    /// rule allows.
    pub fn beginning(self, claims: &Claims, now: Timestamp) -> Result<Option<Timestamp>, DeniedKind> {
        let issued_at = self.begins_at(claims, "iat")?;
        self.judge_beginning(issued_at, self.begins_at(claims, "nbf")?, now)?;
        Ok(issued_at)
    }

    fn expires_at(self, claims: &Claims) -> Result<Option<Timestamp>, JwtError> {
        if self.takes_fractions { claims.rounded("exp", Rounding::Down) } else { claims.expires_at() }
    }

    fn begins_at(self, claims: &Claims, name: &str) -> Result<Option<Timestamp>, JwtError> {
        if self.takes_fractions { claims.rounded(name, Rounding::Up) } else { claims.timestamp(name) }
    }

    fn judge_end(self, expires_at: Timestamp, now: Timestamp) -> Result<(), DeniedKind> {
        if has_ended(expires_at, now) {
            Err(DeniedKind::Expired)
        } else if expires_at.saturating_duration_since(now) > self.max_remaining {
            Err(DeniedKind::Lifetime)
        } else {
            Ok(())
        }
    }

    fn judge_beginning(
        self,
        issued_at: Option<Timestamp>,
        not_before: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), DeniedKind> {
        if issued_at.max(not_before).is_some_and(|at| at > now.saturating_add(self.leeway)) {
            Err(DeniedKind::NotYetValid)
        } else if issued_at.is_some_and(|at| now.saturating_duration_since(at) > self.max_age) {
            Err(DeniedKind::Lifetime)
        } else {
            Ok(())
        }
    }
}

impl Default for TimeRule {
    fn default() -> Self {
        Self::new()
    }
}

/// The moments that a token states of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// `iat`; the second 0 where that is absent, which no revocation is before.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

impl Times {
    /// From `iat` to `exp`; zero if `exp` is not later. [`TimeRule::check`] does not refuse that: both may lie
    /// within the leeway.
    #[must_use]
    pub const fn lifetime(&self) -> Duration {
        self.expires_at.saturating_duration_since(self.issued_at)
    }
}

/// Whether what is valid until `expires_at` has ended: it is no longer valid at that moment itself
/// (RFC 7519 §4.1.4: "on or after which").
#[must_use]
pub fn has_ended(expires_at: Timestamp, now: Timestamp) -> bool {
    now >= expires_at
}

#[cfg(test)]
mod tests {
    use DeniedKind::{Claim, Expired, Lifetime, NotYetValid};

    use super::*;

    /// The clock stands at second 1000.
    const RULE: TimeRule = TimeRule::new().with_leeway(Duration::from_secs(30));
    const LIVES: TimeRule = RULE.with_max_lifetime(Duration::from_secs(100));
    const MINUTE: Duration = Duration::from_secs(60);

    fn claims(json: &str) -> Claims {
        Claims::parse(json.as_bytes()).unwrap()
    }

    /// The verdict at the second 1000, and the verdicts one millisecond before and after.
    fn around(judge: impl Fn(Timestamp) -> Option<DeniedKind>) -> [Option<DeniedKind>; 3] {
        [999_999, 1_000_000, 1_000_001].map(|millis| judge(Timestamp::from_millis(millis)))
    }

    #[test]
    fn each_limit_holds_to_the_millisecond() {
        for (rule, json, expected) in [
            (RULE, r#"{"iat":999,"exp":1000}"#, [None, Some(Expired), Some(Expired)]),
            (RULE, r#"{"iat":999,"exp":1001}"#, [None; 3]),
            (RULE, r#"{"iat":1030,"exp":9999}"#, [Some(NotYetValid), None, None]),
            (RULE, r#"{"iat":1031,"exp":9999}"#, [Some(NotYetValid); 3]),
            (RULE, r#"{"iat":900,"nbf":1030,"exp":9999}"#, [Some(NotYetValid), None, None]),
            (RULE, r#"{"iat":1030,"nbf":900,"exp":9999}"#, [Some(NotYetValid), None, None]),
            (RULE.with_leeway(Duration::ZERO), r#"{"iat":1000,"exp":9999}"#, [Some(NotYetValid), None, None]),
            (TimeRule::new(), r#"{"iat":1030,"exp":9999}"#, [Some(NotYetValid), None, None]),
            // Within the leeway, the end may even come before the beginning.
            (RULE, r#"{"iat":1010,"exp":1005}"#, [None; 3]),
            (LIVES, r#"{"iat":950,"exp":1050}"#, [None; 3]),
            (LIVES, r#"{"iat":950,"exp":1051}"#, [Some(Lifetime); 3]),
            (LIVES, r#"{"iat":0,"exp":9007199254740991}"#, [Some(Lifetime); 3]),
        ] {
            let claims = claims(json);
            assert_eq!(around(|now| rule.check(&claims, now).err()), expected, "{json}");
        }
    }

    #[test]
    fn a_part_that_is_judged_alone_is_judged_alike() {
        for (json, expected) in [
            (r#"{"exp":1000}"#, [None, Some(Expired), Some(Expired)]),
            (r#"{"exp":1060}"#, [Some(Lifetime), None, None]),
            ("{}", [None; 3]),
            (r#"{"exp":null}"#, [Some(Claim); 3]),
            // The beginning is not looked at.
            (r#"{"exp":1001,"iat":"x","nbf":9999}"#, [None; 3]),
        ] {
            let (rule, claims) = (RULE.with_max_remaining(MINUTE), claims(json));
            assert_eq!(around(|now| rule.end(&claims, now).err()), expected, "{json}");
        }
        for (json, expected) in [
            (r#"{"iat":1030}"#, [Some(NotYetValid), None, None]),
            (r#"{"nbf":1030}"#, [Some(NotYetValid), None, None]),
            (r#"{"iat":940}"#, [None, None, Some(Lifetime)]),
            (r#"{"nbf":1}"#, [None; 3]),
            ("{}", [None; 3]),
            (r#"{"iat":"1000"}"#, [Some(Claim); 3]),
            (r#"{"nbf":1.5}"#, [Some(Claim); 3]),
            // The end is not looked at.
            (r#"{"iat":1000,"exp":"x"}"#, [None; 3]),
        ] {
            let (rule, claims) = (RULE.with_max_age(MINUTE), claims(json));
            assert_eq!(around(|now| rule.beginning(&claims, now).err()), expected, "{json}");
        }
    }

    #[test]
    fn fractions_shorten_a_life_and_never_lengthen_it() {
        let rule = LIVES.with_fractions();
        for (json, expected) in [
            (r#"{"iat":999,"exp":1000.9}"#, [None, Some(Expired), Some(Expired)]),
            (r#"{"iat":999.5,"exp":1001.1}"#, [None; 3]),
            (r#"{"iat":1029.1,"exp":1099}"#, [Some(NotYetValid), None, None]),
            (r#"{"iat":1030.1,"exp":1099}"#, [Some(NotYetValid); 3]),
            (r#"{"iat":990,"nbf":1030.1,"exp":1050}"#, [Some(NotYetValid); 3]),
            (r#"{"iat":950.5,"exp":1051.5}"#, [None; 3]),
            (r#"{"iat":950.5,"exp":1052}"#, [Some(Lifetime); 3]),
            (r#"{"iat":950,"exp":"1000.5"}"#, [Some(Claim); 3]),
        ] {
            let claims = claims(json);
            assert_eq!(around(|now| rule.check(&claims, now).err()), expected, "{json}");
        }
        let claims = claims(r#"{"iat":999.5,"exp":1001.5,"nbf":1.5}"#);
        let now = Timestamp::from_secs(1000);
        let times = rule.check(&claims, now).unwrap();
        assert_eq!((times.issued_at.as_secs(), times.expires_at.as_secs()), (1000, 1001));
        // Unless the rule says so, a fraction is no moment.
        assert_eq!(LIVES.check(&claims, now), Err(Claim));
        assert_eq!((LIVES.end(&claims, now), LIVES.beginning(&claims, now)), (Err(Claim), Err(Claim)));
        assert_eq!(rule.end(&claims, now), Ok(Some(times.expires_at)));
        assert_eq!(rule.beginning(&claims, now), Ok(Some(times.issued_at)));
    }

    #[test]
    fn without_iat_a_token_may_be_as_long_ahead_as_one_may_live_and_was_issued_before_everything() {
        let rule = LIVES.with_optional_issued_at();
        for (json, expected) in [
            (r#"{"exp":1100}"#, [Some(Lifetime), None, None]),
            (r#"{"exp":1101}"#, [Some(Lifetime); 3]),
            (r#"{"exp":1000}"#, [None, Some(Expired), Some(Expired)]),
            (r#"{"exp":1050,"nbf":1031}"#, [Some(NotYetValid); 3]),
            (r#"{"exp":1050,"iat":"x"}"#, [Some(Claim); 3]),
            (r#"{"exp":1050,"iat":null}"#, [Some(Claim); 3]),
            (r#"{"iat":949,"exp":1050}"#, [Some(Lifetime); 3]),
            ("{}", [Some(Claim); 3]),
        ] {
            let claims = claims(json);
            assert_eq!(around(|now| rule.check(&claims, now).err()), expected, "{json}");
        }
        let times = rule.check(&claims(r#"{"exp":1050}"#), Timestamp::from_secs(1000)).unwrap();
        assert_eq!(times.issued_at, Timestamp::from_secs(0));
        assert_eq!(LIVES.check(&claims(r#"{"exp":1050}"#), Timestamp::from_secs(1000)), Err(Claim));
    }

    #[test]
    fn what_is_missing_or_no_moment_is_said_before_anything_else() {
        for json in [
            r#"{"iat":999}"#,
            r#"{"exp":1}"#,
            r#"{"iat":"999","exp":1}"#,
            r#"{"iat":999,"exp":"1"}"#,
            r#"{"iat":9999,"exp":1,"nbf":"0"}"#,
        ] {
            assert_eq!(RULE.check(&claims(json), Timestamp::from_secs(1000)), Err(Claim), "{json}");
        }
        // Then the end, then the beginning, then the lifetime.
        let at = |json| LIVES.check(&claims(json), Timestamp::from_secs(1000));
        assert_eq!(at(r#"{"iat":2000,"exp":900}"#), Err(Expired));
        assert_eq!(at(r#"{"iat":2000,"exp":9000}"#), Err(NotYetValid));
    }

    #[test]
    fn the_moments_are_those_that_the_token_states() {
        let times = RULE.check(&claims(r#"{"iat":990,"exp":1100}"#), Timestamp::from_secs(1000)).unwrap();
        assert_eq!(times, Times { issued_at: Timestamp::from_secs(990), expires_at: Timestamp::from_secs(1100) });
        assert_eq!(times.lifetime(), Duration::from_secs(110));
        let reversed = Times { issued_at: times.expires_at, expires_at: times.issued_at };
        assert_eq!(reversed.lifetime(), Duration::ZERO);
    }
}
