use std::sync::OnceLock;

use super::proofs::About;
use super::{Edge, World};
use crate::verdicts::Row;

/// What stands in place of the placeholders of one row.
pub(in crate::verdicts) struct Placeholders<'w> {
    world: &'w World,
    edge: &'w Edge,
    /// The proof that is sent twice.
    once: OnceLock<String>,
}

impl<'w> Placeholders<'w> {
    pub(in crate::verdicts) const fn new(world: &'w World, edge: &'w Edge) -> Self {
        Self { world, edge, once: OnceLock::new() }
    }

    /// The header lines, and every credential in them.
    pub(in crate::verdicts) fn fill(&self, row: &Row) -> (Vec<(String, String)>, Vec<String>) {
        let mut secrets = Vec::new();
        let filled = row.headers.iter().map(|(name, value)| {
            let value = self.fill_value(row, value, &mut secrets);
            (name.clone(), value)
        });
        (filled.collect(), secrets)
    }

    fn fill_value(&self, row: &Row, value: &str, secrets: &mut Vec<String>) -> String {
        let mut pieces = value.split('{');
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (placeholder, rest) = piece.split_once('}').unwrap_or_else(|| panic!("{row}: `{{` without `}}`"));
            let text = self.text(row, placeholder).unwrap_or_else(|| panic!("{row}: nobody knows `{placeholder}`"));
            filled.push_str(&text);
            filled.push_str(rest);
            secrets.push(text);
        }
        filled
    }

    fn text(&self, row: &Row, placeholder: &str) -> Option<String> {
        let (kind, name) = placeholder.split_once(':')?;
        match (kind, name) {
            ("jwt", name) => self.world.provider.token(name).map(str::to_owned),
            ("key", name) => self.world.keys.text(name).map(str::to_owned),
            ("dpop", "once") => Some(self.once.get_or_init(|| self.proof(row, "fresh").unwrap_or_default()).clone()),
            ("dpop", name) => self.proof(row, name),
            ("long", length) => Some("a".repeat(length.parse().ok()?)),
            _ => None,
        }
    }

    fn proof(&self, row: &Row, name: &str) -> Option<String> {
        let authorization = row.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
        let (_, token) = authorization.1.split_once(' ')?;
        let token = self.fill_value(row, token.trim_start(), &mut Vec::new());
        let path = row.target.split('?').next()?;
        let (now, nonce) = (self.world.clock.now(), self.edge.nonce());
        self.world.holders.proof(name, &About { method: &row.method, path, token: &token, now, nonce })
    }
}
