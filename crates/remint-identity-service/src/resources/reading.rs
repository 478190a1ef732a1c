use remint_apikey::ApiKeys;
use remint_core::{ApiKeyRecord, ExternalIdentity, KeyCursor, Page, UsageFilter, UsageKey, UsageRow, User, UserId};
use remint_http_api::Problem;

use crate::actor::Actor;

/// What a caller may read: an administrator everything, everybody else what is their own, and of that the keys and the
/// usage of the environment that they came in.
#[derive(Debug)]
pub(crate) struct Reading<'r> {
    pub(super) keys: &'r ApiKeys,
    pub(super) actor: &'r Actor,
}

impl Reading<'_> {
    pub(crate) async fn user(&self, id: &UserId) -> Result<(User, Vec<ExternalIdentity>), Problem> {
        self.actor.reaches(id)?;
        let user = self.keys.user(id).await?.ok_or_else(Problem::not_found)?;
        Ok((user, self.keys.external(id).await?))
    }

    /// A user's keys; of the caller's own unless it says whose.
    pub(crate) async fn keys(
        &self,
        user: Option<UserId>,
        mut page: Page<KeyCursor>,
    ) -> Result<Vec<ApiKeyRecord>, Problem> {
        let user = match user {
            Some(asked) => self.actor.reaches(&asked).map(|()| asked)?,
            None => self.actor.user()?.ok_or_else(|| Problem::invalid_query("user", "is missing"))?,
        };
        if self.keys.user(&user).await?.is_none() {
            return Err(Problem::not_found());
        }
        let asked = self.enough(&mut page);
        let mut seen = Vec::new();
        loop {
            let keys = self.keys.list_page(&user, page.clone()).await?;
            let is_last = keys.len() < page.limit;
            page.after = keys.last().map(|last| KeyCursor { created_at: last.created_at, id: last.id.clone() });
            seen.extend(keys.into_iter().filter(|key| self.actor.sees(key.environment)));
            if is_last || seen.len() >= asked {
                seen.truncate(asked);
                return Ok(seen);
            }
        }
    }

    pub(crate) async fn usage(
        &self,
        mut filter: UsageFilter,
        mut page: Page<UsageKey>,
    ) -> Result<Vec<UsageRow>, Problem> {
        if !self.actor.is_admin() {
            self.restrict(&mut filter).await?;
        }
        let asked = self.enough(&mut page);
        let mut seen = Vec::new();
        loop {
            let rows = self.keys.store().usage(&filter, page.clone()).await?;
            let is_last = rows.len() < page.limit;
            page.after = rows.last().map(|last| last.key.clone());
            seen.extend(rows.into_iter().filter(|row| self.actor.sees(row.key.environment)));
            if is_last || seen.len() >= asked {
                seen.truncate(asked);
                return Ok(seen);
            }
        }
    }

    /// How many items were asked for. Of those that are read some may not be for the caller to see: a larger part is
    /// read at once then, so that what is passed over costs few questions.
    fn enough<C>(&self, page: &mut Page<C>) -> usize {
        let asked = page.limit;
        if !self.actor.is_admin() {
            page.limit = asked.max(READ_AT_ONCE);
        }
        asked
    }

    /// To the caller's own, since they are there: an earlier user of the same id was another one.
    async fn restrict(&self, filter: &mut UsageFilter) -> Result<(), Problem> {
        let own = self.actor.require_user()?;
        let subject = remint_core::Subject::from(own.clone());
        if filter.subject.as_ref().is_some_and(|asked| *asked != subject) {
            return Err(Problem::not_found());
        }
        let user = self.keys.user(&own).await?.ok_or_else(Problem::not_found)?;
        filter.subject = Some(subject);
        filter.from = filter.from.max(Some(remint_core::Day::of(user.created_at)));
        Ok(())
    }
}

/// How many items are read at once where some may be passed over.
const READ_AT_ONCE: usize = 1_000;
