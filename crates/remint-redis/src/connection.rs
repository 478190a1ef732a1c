use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, RedisConnectionInfo, RedisResult, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use crate::RedisAddress;
use crate::bounded::Bounded;

/// One connection, which many commands share. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    commands: MultiplexedConnection,
    driver: JoinHandle<()>,
}

impl Connection {
    /// Connects and logs in.
    pub(crate) async fn open(address: &RedisAddress, longest_answer: usize) -> RedisResult<Self> {
        let stream = TcpStream::connect((&*address.host, address.port)).await?;
        stream.set_nodelay(true)?;
        match &address.tls {
            None => Self::over(Bounded::new(stream, longest_answer), &address.login).await,
            Some(tls) => {
                let connector = TlsConnector::from(tls.config.clone());
                let stream = connector.connect(tls.server.clone(), stream).await?;
                Self::over(Bounded::new(stream, longest_answer), &address.login).await
            }
        }
    }

    async fn over<S>(stream: S, login: &RedisConnectionInfo) -> RedisResult<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // Whoever asks has a deadline of their own.
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let (commands, driver) = MultiplexedConnection::new_with_config(login, stream, config).await?;
        Ok(Self { commands, driver: tokio::spawn(driver) })
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.driver.is_finished()
    }

    /// What the server answers; what it says is an error is one.
    pub(crate) async fn ask(&self, command: &Cmd) -> RedisResult<Value> {
        self.commands.clone().send_packed_command(command).await?.extract_error()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
