use std::collections::{HashMap, HashSet};

use remint::{ApiKeys, Clock as _, Roles, Scopes, StoreError, SystemClock, Timestamp, User, UserId};
use remint_apikey::ImportedKey;

use super::args::ImportArgs;
use super::outcome::{Outcome, Refused};
use super::progress::Progress;
use super::row::{Brought, Row};
use crate::failure::Failure;
use crate::keys::direct::{failed, unavailable};

/// Imports what can be, and says of the rest why it cannot.
pub(super) async fn all(keys: &ApiKeys, rows: Vec<Row>, args: &ImportArgs) -> Result<Outcome, Failure> {
    let rows: Vec<_> = rows.into_iter().map(|row| (row.start.clone().unwrap_or_default(), row.read(args))).collect();
    let mut bringing = Bringing {
        keys,
        args,
        roles: roles(rows.iter().filter_map(|(_, row)| row.as_ref().ok()))?,
        users: HashMap::new(),
        deleted: deleted(keys, &rows, args).await?,
        batch: Vec::new(),
        progress: Progress::of(rows.len()),
        outcome: Outcome { dry_run: args.dry_run, ..Outcome::default() },
    };
    let mut seen = HashSet::new();
    for (number, (start, row)) in (1..).zip(rows) {
        match row {
            Err(reason) => bringing.refuse(number, start, reason),
            Ok(row) if !seen.insert(row.digest.clone()) => {
                bringing.refuse(number, start, "a row before has the same digest".to_owned());
            }
            Ok(row) => bringing.take(number, start, row).await?,
        }
    }
    bringing.flush().await?;
    bringing.progress.end();
    bringing.outcome.refused.sort_by_key(|refused| refused.row);
    Ok(bringing.outcome)
}

struct Bringing<'a> {
    keys: &'a ApiKeys,
    args: &'a ImportArgs,
    /// The roles that the rows name for each user, all together.
    roles: HashMap<UserId, Roles>,
    /// Users of whom it was asked whether they are there, with their scopes if they are.
    users: HashMap<UserId, Option<Scopes>>,
    /// Users who were there once, of those who are not.
    deleted: HashSet<UserId>,
    batch: Vec<(usize, String, Brought)>,
    progress: Progress,
    outcome: Outcome,
}

impl Bringing<'_> {
    async fn take(&mut self, number: usize, start: String, row: Brought) -> Result<(), Failure> {
        if let Err(reason) = self.keys.would_find(&row.key) {
            self.refuse(number, start, reason.to_string());
            return Ok(());
        }
        self.batch.push((number, start, row));
        if self.batch.len() == BATCH { self.flush().await } else { Ok(()) }
    }

    /// One transaction for the users that are missing and one for the keys.
    async fn flush(&mut self) -> Result<(), Failure> {
        let mut new = Vec::new();
        for row in std::mem::take(&mut self.batch) {
            if self.keys.imported(&row.2.key).await.map_err(unavailable)?.is_some() {
                self.outcome.skipped += 1;
            } else {
                new.push(row);
            }
        }
        self.find_users(&new).await?;
        let mut brought = Vec::with_capacity(new.len());
        for (number, start, row) in new {
            let user = &row.user;
            match self.users.get(user) {
                Some(Some(scopes)) => {
                    let lacks = row.scopes.as_ref().is_some_and(|own| !scopes.contains_all(own));
                    brought.push((number, start, row.key, lacks));
                }
                _ if self.args.create_users => self.outcome.left_out += 1,
                _ => self.refuse(number, start, format!("there is no user {user}; --create-users makes them")),
            }
        }
        if !self.args.dry_run {
            brought = self.import(brought).await?;
        }
        self.outcome.imported += brought.len();
        self.outcome.scopes_without_effect += brought.iter().filter(|(.., lacks)| *lacks).count();
        self.progress.at(self.outcome.seen());
        Ok(())
    }

    /// Those of the keys that are there now; row by row where one of them stands in the way.
    async fn import(&mut self, keys: Vec<New>) -> Result<Vec<New>, Failure> {
        let all = keys.iter().map(|(_, _, key, _)| key.clone()).collect();
        match self.keys.import_new(all).await {
            Ok(_) => return Ok(keys),
            Err(StoreError::Unavailable(error)) => return Err(unavailable(error)),
            Err(_) => {}
        }
        let mut imported = Vec::new();
        for new in keys {
            match self.keys.import_new(vec![new.2.clone()]).await {
                Ok(_) => imported.push(new),
                Err(StoreError::Unavailable(error)) => return Err(unavailable(error)),
                Err(StoreError::Conflict) => {
                    self.refuse(new.0, new.1, "another key has the same digest".to_owned());
                }
                Err(error) => self.refuse(new.0, new.1, error.to_string()),
            }
        }
        Ok(imported)
    }

    /// Asks for the users of these rows, and makes those that are missing, if that was asked for.
    async fn find_users(&mut self, rows: &[(usize, String, Brought)]) -> Result<(), Failure> {
        let mut missing = Vec::new();
        for (_, _, row) in rows {
            if self.users.contains_key(&row.user) {
                continue;
            }
            let found = self.keys.user(&row.user).await.map_err(unavailable)?;
            match &found {
                None => missing.push(row.user.clone()),
                Some(found) => self.keep_roles(found),
            }
            self.users.insert(row.user.clone(), found.map(|found| found.scopes));
        }
        if !self.args.create_users || missing.is_empty() {
            return Ok(());
        }
        if !self.args.restore_deleted {
            missing.retain(|user| !self.deleted.contains(user));
        }
        let now = SystemClock.now();
        let users: Vec<_> = missing.into_iter().map(|id| self.new_user(id, now)).collect();
        if !self.args.dry_run {
            self.keys.import_users(&users).await.map_err(failed)?;
        }
        for user in users {
            self.outcome.users_created.push(user.id.to_string());
            self.users.insert(user.id, Some(user.scopes));
        }
        Ok(())
    }

    /// An import changes nobody who is there.
    fn keep_roles(&mut self, found: &User) {
        let roles = self.roles.remove(&found.id).unwrap_or_default();
        if roles.as_slice().iter().any(|role| !found.roles.as_slice().contains(role)) {
            self.outcome.roles_kept.push(found.id.to_string());
        }
    }

    fn new_user(&mut self, id: UserId, created_at: Timestamp) -> User {
        let roles = self.roles.remove(&id).unwrap_or_default();
        let (scopes, entitlements) = (Scopes::default(), Vec::new());
        User { id, tenant: None, enabled: true, scopes, roles, entitlements, plan: None, created_at }
    }

    fn refuse(&mut self, row: usize, start: String, reason: String) {
        self.outcome.refused.push(Refused { row, start, reason });
    }
}

/// A key that is to be there: its row, its beginning, and whether it has scopes that its user lacks.
type New = (usize, String, ImportedKey, bool);

/// Who of the rows' users was deleted, where it matters.
async fn deleted(
    keys: &ApiKeys,
    rows: &[(String, Result<Brought, String>)],
    args: &ImportArgs,
) -> Result<HashSet<UserId>, Failure> {
    if !args.create_users || args.restore_deleted {
        return Ok(HashSet::new());
    }
    let users = rows.iter().filter_map(|(_, row)| row.as_ref().ok()).map(|row| row.user.clone()).collect();
    keys.deleted_among(&users).await.map_err(unavailable)
}

/// What the rows of each user name, together.
fn roles<'a>(rows: impl Iterator<Item = &'a Brought>) -> Result<HashMap<UserId, Roles>, Failure> {
    let mut named = HashMap::<UserId, Vec<String>>::new();
    for row in rows.filter(|row| !row.roles.as_slice().is_empty()) {
        named.entry(row.user.clone()).or_default().extend_from_slice(row.roles.as_slice());
    }
    let of = |(user, names)| match Roles::new::<String>(names) {
        Ok(roles) => Ok((user, roles)),
        Err(error) => Err(Failure::Refused(format!("the rows of the user {user} together: {error}"))),
    };
    named.into_iter().map(of).collect()
}

/// Keys in one transaction.
const BATCH: usize = 2000;
