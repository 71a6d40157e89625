//! Connections to the server, as writing and reading need them.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

use crate::error::{Failure, Result};

/// How long one waits before it is [`StoreError::Busy`](shiren_app::port::StoreError::Busy): for a connection, or for a
/// row that another transaction holds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Transactions of this process that write at the same time, and reads. A server takes 100 connections unless told
/// otherwise.
const WRITERS: u32 = 16;
const READERS: u32 = 16;

/// Statements that stay prepared: more than there are.
const PREPARED: usize = 256;

/// A connection that nobody used for so long may be broken: it is tried before it is given out.
const STALE: Duration = Duration::from_secs(5);

/// What the server is told of every connection. `lock_timeout` is the patience; a transaction whose process does nothing
/// any more must not hold rows for ever.
const SESSION: [(&str, &str); 3] =
    [("lock_timeout", "10s"), ("statement_timeout", "60s"), ("idle_in_transaction_session_timeout", "60s")];

/// The server that an address names (`postgres://user:password@host:port/database`).
pub(crate) fn server(url: &str) -> Result<PgConnectOptions> {
    // sqlx's own error could show the address, and with it the password.
    let options = PgConnectOptions::from_str(url)
        .map_err(|_| Failure::other("the address of the database cannot be understood"))?;
    Ok(options
        .application_name("shiren")
        .statement_cache_capacity(PREPARED)
        .options(SESSION)
        .disable_statement_logging())
}

/// Connections that may write.
pub(crate) fn writers(server: PgConnectOptions) -> PgPool {
    pool(WRITERS).connect_lazy_with(server)
}

/// Connections that only read: the server refuses everything else.
pub(crate) fn readers(server: PgConnectOptions) -> PgPool {
    pool(READERS).connect_lazy_with(server.options([("default_transaction_read_only", "on")]))
}

fn pool(most: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, its| {
            Box::pin(async move {
                if its.idle_for > STALE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}
