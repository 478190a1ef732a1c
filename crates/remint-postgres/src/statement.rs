use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

/// A statement without a name: behind a pooler that shares a server's connections among clients, names of one client
/// would be there for the next, and clash. Where there is no pooler, a read is given a name when it is sent.
pub(crate) fn sql(text: &'static str) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(text).persistent(false)
}
