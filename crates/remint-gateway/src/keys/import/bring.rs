use std::collections::{HashMap, HashSet};

use remint::{ApiKeys, NewUser, StoreError, UserId};
use remint_apikey::ImportedKey;

use super::args::ImportArgs;
use super::outcome::{Outcome, Refused};
use super::row::Row;
use crate::failure::Failure;
use crate::keys::direct::{failed, unavailable};

/// Imports what can be, and says of the rest why it cannot.
pub(super) async fn all(keys: &ApiKeys, rows: Vec<Row>, args: &ImportArgs) -> Result<Outcome, Failure> {
    let mut bringing = Bringing {
        keys,
        args,
        users: HashMap::new(),
        batch: Vec::new(),
        outcome: Outcome { dry_run: args.dry_run, ..Outcome::default() },
    };
    let mut seen = HashSet::new();
    for (index, row) in rows.into_iter().enumerate() {
        let (number, start) = (index + 1, row.start.clone().unwrap_or_default());
        match row.key(args) {
            Err(reason) => bringing.refuse(number, start, reason),
            Ok((_, digest, _)) if !seen.insert(digest.clone()) => {
                bringing.refuse(number, start, "a row before has the same digest".to_owned());
            }
            Ok((user, _, key)) => bringing.take(number, start, user, key).await?,
        }
    }
    bringing.flush().await?;
    bringing.outcome.refused.sort_by_key(|refused| refused.row);
    Ok(bringing.outcome)
}

struct Bringing<'a> {
    keys: &'a ApiKeys,
    args: &'a ImportArgs,
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
        let mut there = self.keys.user(user).await.map_err(unavailable)?.is_some();
        if !there && self.args.create_users {
            if !self.args.dry_run {
                self.keys.create_user(NewUser::new(user.clone())).await.map_err(failed)?;
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

/// Keys in one transaction.
const BATCH: usize = 500;
