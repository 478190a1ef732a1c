use std::collections::{HashMap, HashSet};

use remint::{ApiKeys, NewUser, Roles, StoreError, UserId};
use remint_apikey::ImportedKey;

use super::args::ImportArgs;
use super::outcome::{Outcome, Refused};
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
        batch: Vec::new(),
        outcome: Outcome { dry_run: args.dry_run, ..Outcome::default() },
    };
    let mut seen = HashSet::new();
    for (number, (start, row)) in (1..).zip(rows) {
        match row {
            Err(reason) => bringing.refuse(number, start, reason),
            Ok(row) if !seen.insert(row.digest.clone()) => {
                bringing.refuse(number, start, "a row before has the same digest".to_owned());
            }
            Ok(row) => bringing.take(number, start, row.user, row.key).await?,
        }
    }
    bringing.flush().await?;
    bringing.outcome.refused.sort_by_key(|refused| refused.row);
    Ok(bringing.outcome)
}

struct Bringing<'a> {
    keys: &'a ApiKeys,
    args: &'a ImportArgs,
    /// The roles that the rows name for each user, all together.
    roles: HashMap<UserId, Roles>,
    /// Whether a user is there.
    users: HashMap<UserId, bool>,
    batch: Vec<(usize, String, ImportedKey)>,
    outcome: Outcome,
}

impl Bringing<'_> {
    async fn take(&mut self, number: usize, start: String, user: UserId, key: ImportedKey) -> Result<(), Failure> {
        if self.keys.imported(&key).await.map_err(unavailable)?.is_some() {
            self.outcome.skipped += 1;
            return Ok(());
        }
        if !self.has_user(&user).await? {
            self.refuse(number, start, format!("there is no user {user}; --create-users makes them"));
            return Ok(());
        }
        if self.args.dry_run {
            self.outcome.imported += 1;
            return Ok(());
        }
        self.batch.push((number, start, key));
        if self.batch.len() == BATCH { self.flush().await } else { Ok(()) }
    }

    /// Whether the user is there, or is now.
    async fn has_user(&mut self, user: &UserId) -> Result<bool, Failure> {
        if let Some(there) = self.users.get(user) {
            return Ok(*there);
        }
        let found = self.keys.user(user).await.map_err(unavailable)?;
        let roles = self.roles.remove(user).unwrap_or_default();
        if let Some(found) = &found
            && roles.as_slice().iter().any(|role| !found.roles.as_slice().contains(role))
        {
            self.outcome.roles_kept.push(user.to_string());
        }
        let mut there = found.is_some();
        if !there && self.args.create_users {
            if !self.args.dry_run {
                self.keys.create_user(NewUser::new(user.clone()).with_roles(roles)).await.map_err(failed)?;
            }
            self.outcome.users_created.push(user.to_string());
            there = true;
        }
        self.users.insert(user.clone(), there);
        Ok(there)
    }

    /// One transaction; row by row where one of them stands in the way.
    async fn flush(&mut self) -> Result<(), Failure> {
        let batch = std::mem::take(&mut self.batch);
        let all = batch.iter().map(|(_, _, key)| key.clone()).collect();
        match self.keys.import(all).await {
            Ok(imported) => self.outcome.imported += imported.len(),
            Err(StoreError::Unavailable(error)) => return Err(unavailable(error)),
            Err(_) => {
                for (number, start, key) in batch {
                    match self.keys.import(vec![key]).await {
                        Ok(_) => self.outcome.imported += 1,
                        Err(StoreError::Unavailable(error)) => return Err(unavailable(error)),
                        Err(StoreError::Conflict) => {
                            self.refuse(number, start, "another key has the same digest".to_owned());
                        }
                        Err(error) => self.refuse(number, start, error.to_string()),
                    }
                }
            }
        }
        Ok(())
    }

    fn refuse(&mut self, row: usize, start: String, reason: String) {
        self.outcome.refused.push(Refused { row, start, reason });
    }
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
const BATCH: usize = 500;
