use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use zeroize::Zeroizing;

use super::args::ImportArgs;
use super::row::Row;
use crate::failure::Failure;
use crate::terminal::caution_unverified;

/// Reads the table of djangorestframework-api-key, or one of a model that extends it.
pub(super) async fn read(url: &Zeroizing<String>, args: &ImportArgs) -> Result<Vec<Row>, Failure> {
    if args.user.is_none() && args.user_column.is_none() {
        return Err(Failure::refused("the package's keys belong to nobody: --user or --user-column says to whom"));
    }
    if args.scheme.is_some() {
        return Err(Failure::refused("--scheme is for files; in the package's table each digest names its own"));
    }
    let select = select(args)?;
    let rows = match url.strip_prefix("sqlite://") {
        Some(path) => sqlite(path, select).await,
        None => postgres(url, select).await,
    };
    rows.map_err(|error| match error {
        // What the database says of our question: the table, a column, the file, the password.
        sqlx::Error::Database(error) => Failure::Refused(format!("the keys cannot be read: {}", error.message())),
        // Its own text, not the causes': each of sqlx's errors repeats its cause.
        error => Failure::Unavailable(format!("the keys cannot be read: {error}")),
    })
}

/// Every column as text: the two databases have few types in common.
fn select(args: &ImportArgs) -> Result<String, Failure> {
    let table = args.table.split('.').map(quoted).collect::<Result<Vec<_>, _>>()?.join(".");
    // Named by its table, an unknown column is an error; by itself SQLite would take it for a text.
    let text = |name: &str| Ok::<_, Failure>(format!("CAST(k.{} AS TEXT)", quoted(name)?));
    let user = args.user_column.as_deref().map_or_else(|| Ok("NULL".to_owned()), text)?;
    let columns = COLUMNS.into_iter().map(text).collect::<Result<Vec<_>, _>>()?.join(", ");
    Ok(format!("SELECT {columns}, {user} FROM {table} AS k ORDER BY k.\"prefix\""))
}

/// A plain identifier, in quotes.
fn quoted(name: &str) -> Result<String, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if (1..=63).contains(&name.len()) && name.bytes().all(plain) {
        Ok(format!("\"{name}\""))
    } else {
        Err(Failure::refused("a table or column is named by letters, digits and `_`"))
    }
}

async fn sqlite(path: &str, select: String) -> Result<Vec<Row>, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).create_if_missing(false);
    let mut connection = options.connect().await?;
    let rows = sqlx::query_as::<_, Columns>(AssertSqlSafe(select)).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(rows.into_iter().map(row).collect())
}

async fn postgres(url: &Zeroizing<String>, select: String) -> Result<Vec<Row>, sqlx::Error> {
    caution_unverified(url);
    // A pooler may stand before the server: no parameter that it refuses, no statement with a name, and no setting that
    // is to outlive a transaction.
    let options = url.parse::<PgConnectOptions>()?.extra_float_digits(None);
    let mut connection = options.connect().await?;
    let mut reading = connection.begin().await?;
    sqlx::raw_sql("SET LOCAL TIME ZONE 'UTC'").execute(&mut *reading).await?;
    let query = sqlx::query_as::<_, Columns>(AssertSqlSafe(select)).persistent(false);
    let rows = query.fetch_all(&mut *reading).await?;
    reading.rollback().await?;
    connection.close().await?;
    Ok(rows.into_iter().map(row).collect())
}

type Text = Option<String>;
type Columns = (Text, Text, Text, Text, Text, Text, Text);

fn row((start, digest, name, created, expires, revoked, user): Columns) -> Row {
    let name = name.filter(|name| !name.is_empty());
    Row { start, digest, name, created, expires, revoked, user, ..Row::default() }
}

const COLUMNS: [&str; 6] = ["prefix", "hashed_key", "name", "created", "expiry_date", "revoked"];
