use std::fmt;
use std::path::PathBuf;

use sqlx::postgres::PgConnectOptions;
use url::Url;
use zeroize::Zeroizing;

use super::node::{Node, Value};
use super::secret::Secret;
use super::setting::{Setting, World, Wrong};
use super::value::{one_of, quoted};

/// Where users and keys are kept. The address may hold a password, which is shown nowhere.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) place: Place,
    shown: String,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In this process, until it ends.
    Memory,
    /// In this file.
    Sqlite(PathBuf),
    /// In the database at this address.
    Postgres(Zeroizing<String>),
}

impl Place {
    /// Without a password.
    pub(crate) fn for_people(&self) -> String {
        match self {
            Self::Memory => "memory".to_owned(),
            Self::Sqlite(path) => std::path::absolute(path).as_ref().unwrap_or(path).display().to_string(),
            Self::Postgres(url) => masked(url),
        }
    }
}

impl Store {
    pub(crate) fn sqlite(name: &str, world: &World) -> Self {
        let shown = quoted(&format!("{SQLITE}{name}"));
        Self { place: Place::Sqlite(world.folder.join(name)), shown }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Setting for Store {
    /// Text, or as a secret.
    fn read(node: &Node, world: &World) -> Result<Self, Wrong> {
        let secret = Secret::find(node, world)?;
        let text = secret.expose_secret();
        if matches!(node.value, Value::Text(_)) && masked(text) != text {
            world.holds_secret(&node.origin);
        }
        let place = place(text, world)?;
        let shown = if matches!(node.value, Value::Table(_)) { secret.toml() } else { quoted(&masked(text)) };
        Ok(Self { place, shown })
    }

    fn toml(&self) -> String {
        self.shown.clone()
    }
}

fn place(text: &str, world: &World) -> Result<Place, Wrong> {
    if text == "memory:" {
        return Ok(Place::Memory);
    }
    if let Some(path) = text.strip_prefix(SQLITE).filter(|path| !path.is_empty()) {
        return if path.contains('?') {
            Err(Wrong::because("an SQLite store is a path, without settings behind a `?`"))
        } else {
            Ok(Place::Sqlite(world.folder.join(path)))
        };
    }
    // The parser's own errors may quote the text.
    match Url::parse(text) {
        Ok(url) if ["postgres", "postgresql"].contains(&url.scheme()) && url.has_host() => {
            if let Some((name, mode)) = url.query_pairs().find(|(name, _)| SSL_MODE.contains(&&**name)) {
                one_of(&mode.to_ascii_lowercase(), &SSL_MODES)
                    .map_err(|wrong| Wrong::because(format!("{name}: {}", wrong.message)))?;
            }
            match text.parse::<PgConnectOptions>() {
                Ok(_) => Ok(Place::Postgres(Zeroizing::new(text.to_owned()))),
                Err(_) => Err(Wrong::because(
                    "a part of the address of the database cannot be read: letters beyond ASCII and each of :/?#[]@% in \
                     user, password and name are written as %XX, settings behind `?` as libpq has them",
                )),
            }
        }
        _ => Err(Wrong::because("a store is sqlite://PATH, postgres://USER:PASSWORD@HOST/DATABASE or memory:")),
    }
}

/// Without the password.
pub(super) fn masked(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return text.to_owned() };
    if url.password().is_none() && url.query().is_none() {
        return text.to_owned();
    }
    // Both can only fail where there is no host, and so no password.
    _ = url.password().is_some() && url.set_password(Some("***")).is_err();
    if url.query_pairs().any(|(name, _)| name == "password") {
        url.set_query(Some("***"));
    }
    url.to_string()
}

const SSL_MODE: [&str; 2] = ["sslmode", "ssl-mode"];
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
const SQLITE: &str = "sqlite://";
