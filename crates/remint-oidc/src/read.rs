use remint_core::DeniedKind;
use remint_jwt::Claims;
use serde_json::Value;

use crate::telemetry;
use crate::token_type::Kind;

/// Reads what a token's claims only carry along: nothing that decides hangs on it.
///
/// Of an access token a claim that does not fit is left out, with a line in the log, and `null` is absence. Of every
/// other kind of token it is a reason to refuse.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) claims: &'a Claims,
    pub(crate) kind: Kind,
}

impl<'a> Reader<'a> {
    /// What `fit` makes of the claim at `path`.
    pub(crate) fn carried<T>(
        self,
        path: &str,
        fit: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, DeniedKind> {
        let Some(value) = self.value(path) else { return Ok(None) };
        match fit(value) {
            None => self.leave_out(path, value).map(|()| None),
            found => Ok(found),
        }
    }

    /// A text, or the texts of an array.
    pub(crate) fn texts(self, path: &str) -> Result<Vec<&'a str>, DeniedKind> {
        match self.value(path) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(members)) => self.texts_of(path, members),
            Some(other) => self.leave_out(path, other).map(|()| Vec::new()),
        }
    }

    /// The same, and for an access token the names of an object's members, as Zitadel has its roles; those that are
    /// `false` or `null` name nothing.
    pub(crate) fn names(self, path: &str) -> Result<Vec<&'a str>, DeniedKind> {
        match self.value(path) {
            Some(Value::Object(members)) if self.kind.is_lenient() => {
                let given = members.iter().filter(|(_, value)| !matches!(value, Value::Null | Value::Bool(false)));
                Ok(given.map(|(name, _)| name.as_str()).collect())
            }
            _ => self.texts(path),
        }
    }

    /// Leaves out what does not fit, if that may be done with this kind of token.
    pub(crate) fn leave_out(self, path: &str, found: &Value) -> Result<(), DeniedKind> {
        if !self.kind.is_lenient() {
            return Err(DeniedKind::Claim);
        }
        telemetry::left_out(self.claims, path, found);
        Ok(())
    }

    fn value(self, path: &str) -> Option<&'a Value> {
        value(self.claims, path, self.kind)
    }

    fn texts_of(self, path: &str, members: &'a [Value]) -> Result<Vec<&'a str>, DeniedKind> {
        let mut texts = Vec::with_capacity(members.len());
        let mut other = None;
        for member in members {
            match member.as_str() {
                Some(text) => texts.push(text),
                None => other = Some(member),
            }
        }
        other.map_or(Ok(()), |other| self.leave_out(path, other))?;
        Ok(texts)
    }
}

/// A text that is not empty, in a claim that decides: anything else is a reason to refuse.
pub(crate) fn text<'a>(claims: &'a Claims, path: &str, kind: Kind) -> Result<Option<&'a str>, DeniedKind> {
    match value(claims, path, kind) {
        None => Ok(None),
        Some(value) => non_empty(value).map(Some).ok_or(DeniedKind::Claim),
    }
}

/// The claim at `path`, if it is there.
pub(crate) fn value<'a>(claims: &'a Claims, path: &str, kind: Kind) -> Option<&'a Value> {
    claims.path(path).filter(|value| !(kind.is_lenient() && value.is_null()))
}

/// A text that is not empty.
pub(crate) fn non_empty(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}
