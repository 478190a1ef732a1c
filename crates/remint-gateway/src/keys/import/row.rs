use remint::{KeyName, Roles, Scopes, Timestamp, UserId, is_reserved};
use remint_apikey::{ForeignDigest, ImportedKey};

use super::args::ImportArgs;
use super::time;

/// A key as its source tells of it, all texts.
#[derive(Default)]
pub(super) struct Row {
    pub(super) start: Option<String>,
    pub(super) digest: Option<String>,
    /// `None`: as Django writes it, with the scheme inside.
    pub(super) scheme: Option<String>,
    pub(super) user: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) name: Option<String>,
    pub(super) scopes: Option<String>,
    /// Of the user.
    pub(super) roles: Option<String>,
    pub(super) created: Option<String>,
    pub(super) expires: Option<String>,
    pub(super) revoked: Option<String>,
}

/// What a row tells of.
pub(super) struct Brought {
    pub(super) user: UserId,
    pub(super) roles: Roles,
    pub(super) scopes: Option<Scopes>,
    pub(super) digest: ForeignDigest,
    pub(super) key: ImportedKey,
}

impl Row {
    /// What is to be imported, or why it cannot be. Nothing of the digest is in it.
    pub(super) fn read(self, args: &ImportArgs) -> Result<Brought, String> {
        let user = match (self.user, &args.user) {
            (_, Some(user)) => user.clone(),
            (Some(user), None) => UserId::new(user).map_err(|error| error.to_string())?,
            (None, None) => return Err("it names no user; --user gives all keys to one".to_owned()),
        };
        let text = self.digest.ok_or("it has no digest")?;
        let digest = match self.scheme.as_ref().or(args.scheme.as_ref()) {
            Some(scheme) => ForeignDigest::parse(scheme, &text),
            None => ForeignDigest::parse_django(&text),
        };
        let digest = digest.map_err(|error| error.to_string())?;
        let environment = match self.environment {
            Some(environment) => environment.parse().map_err(|error: remint::UnknownEnvironment| error.to_string())?,
            None => args.env,
        };
        let start = self.start.unwrap_or_else(|| opaque_prefix(&args.format.to_string()).to_owned());
        let mut key = ImportedKey::new(user.clone(), environment, &args.format, start, digest.clone())
            .map_err(|error| error.to_string())?;
        if let Some(name) = self.name {
            key = key.with_name(label(&name)?);
        }
        let scopes = self.scopes.as_deref().map(imported).transpose()?;
        if let Some(scopes) = &scopes {
            key = key.with_scopes(scopes.clone());
        }
        if let Some(created) = self.created {
            key = key.created_at(moment("created", &created)?);
        }
        if let Some(expires) = self.expires {
            key = key.expires_at(moment("expires", &expires)?);
        }
        if flag(self.revoked.as_deref())? {
            key = key.revoked();
        }
        let roles = self.roles.as_deref().map_or(Ok(Roles::none()), roles)?;
        Ok(Brought { user, roles, scopes, digest, key })
    }
}

/// Of an opaque format the prefix is all that is known of a text that nobody has.
fn opaque_prefix(format: &str) -> &str {
    format.strip_prefix("opaque:").unwrap_or_default()
}

/// A name for people: cut where it is too long, since the key counts and not its name.
fn label(text: &str) -> Result<KeyName, String> {
    let cut: String = text.chars().take(KeyName::RULE.max_length()).collect();
    KeyName::new(cut).map_err(|error| error.to_string())
}

/// Scopes from elsewhere, with spaces, commas or semicolons between: none of them is ours.
fn imported(text: &str) -> Result<Scopes, String> {
    let text = text.replace([',', ';'], " ");
    let scopes = text.parse::<Scopes>().map_err(|error| error.to_string())?;
    if let Some(reserved) = scopes.iter().find(|scope| is_reserved(scope)) {
        return Err(format!("the scope `{reserved}` is reserved: an import gives none that begins with remint:"));
    }
    Ok(scopes)
}

/// Roles with commas or semicolons between, since a role may hold spaces.
fn roles(text: &str) -> Result<Roles, String> {
    let names = text.split([',', ';']).map(str::trim).filter(|name| !name.is_empty());
    Roles::new(names).map_err(|error| error.to_string())
}

fn moment(what: &str, text: &str) -> Result<Timestamp, String> {
    time::parse(text).ok_or_else(|| format!("`{what}` is no moment such as 2026-01-31T12:00:00Z"))
}

fn flag(text: Option<&str>) -> Result<bool, String> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None | Some("0" | "f" | "false") => Ok(false),
        Some("1" | "t" | "true") => Ok(true),
        // A key that may be revoked is not let in.
        Some(_) => Err("`revoked` is neither true nor false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scope_of_ours_comes_with_an_import() {
        assert_eq!(imported("write read").unwrap().to_string(), "read write");
        assert_eq!(imported("write;read, list").unwrap().to_string(), "list read write");
        for text in ["remint:admin", "read remint:", "read,remint:admin", "a\"b"] {
            assert!(imported(text).is_err(), "{text}");
        }
    }

    #[test]
    fn roles_are_separated_by_commas_or_semicolons_and_none_is_ours() {
        assert_eq!(roles("editor, chief editor;viewer,").unwrap().as_slice(), ["editor", "chief editor", "viewer"]);
        assert_eq!(roles(" "), Ok(Roles::none()));
        let told = roles("editor,remint:admin").unwrap_err();
        assert!(told.contains("`remint:admin`"), "{told}");
    }

    #[test]
    fn a_name_that_is_too_long_is_cut() {
        assert_eq!(label(&"ü".repeat(300)).unwrap().as_str(), "ü".repeat(128));
        assert!(label("a\nb").is_err());
    }

    #[test]
    fn a_key_of_which_it_is_unclear_whether_it_was_revoked_is_not_let_in() {
        for (text, revoked) in
            [(None, false), (Some("0"), false), (Some("false"), false), (Some("1"), true), (Some("t"), true)]
        {
            assert_eq!(flag(text), Ok(revoked), "{text:?}");
        }
        // As spreadsheets write it.
        assert_eq!((flag(Some("TRUE")), flag(Some("FALSE"))), (Ok(true), Ok(false)));
        for text in ["", "yes", "2"] {
            assert!(flag(Some(text)).is_err(), "{text}");
        }
    }
}
