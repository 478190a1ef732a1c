use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use remint_core::Page;
use remint_http_api::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

/// The parameters of a query, each there once and known.
#[derive(Debug)]
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    /// # Errors
    ///
    /// 400 for a parameter that is not among `known`, or there twice.
    pub(crate) fn parse(query: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.contains(&&*name) {
                let shown: String = name.chars().take(SHOWN).collect();
                return Err(Problem::invalid_query(&shown, "there is no such parameter"));
            }
            if parameters.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(Problem::invalid_query(&name, "is there twice"));
            }
        }
        Ok(Self(parameters))
    }

    /// One parameter, read by `read`.
    pub(crate) fn get<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Option<T>,
        must: &'static str,
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.0.get(name) else { return Ok(None) };
        read(text).map(Some).ok_or_else(|| Problem::invalid_query(name, must))
    }

    /// The page that `limit` and `cursor` ask for, with one item more, which tells whether there is
    /// another page.
    pub(crate) fn page<T: DeserializeOwned, C>(&self, cursor: impl FnOnce(T) -> Option<C>) -> Result<Page<C>, Problem> {
        let limit = |text: &str| {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
            text.parse().ok().filter(|limit| plain && (1..=MAX_LIMIT).contains(limit))
        };
        let limit: usize = self.get("limit", limit, "must be a number from 1 to 100")?.unwrap_or(DEFAULT_LIMIT);
        let after = self.get("cursor", |text| decode(text).and_then(cursor), "is none that a page ended with")?;
        Ok(Page { after, limit: limit.saturating_add(1) })
    }
}

/// Cuts off the item more, and says where the next page begins.
pub(crate) fn cut<R, T: Serialize>(
    rows: &mut Vec<R>,
    asked: usize,
    cursor: impl FnOnce(&R) -> T,
) -> Result<Option<String>, Problem> {
    let limit = asked.saturating_sub(1);
    if rows.len() <= limit {
        return Ok(None);
    }
    rows.truncate(limit);
    rows.last().map(|last| encode(&cursor(last))).transpose()
}

fn encode(place: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_vec(place).map(|text| URL_SAFE_NO_PAD.encode(text)).map_err(|_| Problem::defect())
}

fn decode<T: DeserializeOwned>(text: &str) -> Option<T> {
    if text.len() > MAX_CURSOR {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 100;
const MAX_CURSOR: usize = 4096;
const SHOWN: usize = 64;
