//! The way to the primary: HTTP/1.1 with `Upgrade`, as any proxy in front of it passes on, then the bytes of the channel.
//!
//! With https the proxy's certificate is checked as browsers do; that the other end is the primary the token proves.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use url::Url;

use crate::error::{Error, Result};
use crate::html::path::REPLICA;
use crate::replica::follow::Connector;

/// Longest head of an answer, in bytes.
const HEAD: usize = 4096;
/// Time after which a silent peer's machine is asked whether it is still there.
const ALIVE: Duration = Duration::from_secs(10);

/// A connection's bytes.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// Where a primary may be.
pub(super) struct Way {
    /// Asked for each connection.
    pub(super) target: Box<dyn Fn() -> Result<Url> + Send + Sync>,
}

impl Connector for Way {
    type Stream = Box<dyn Duplex>;

    async fn connect(&self) -> Result<Self::Stream> {
        connect(&(self.target)()?).await
    }
}

/// Connects to a node, up to where the handshake begins.
pub(super) async fn connect(url: &Url) -> Result<Box<dyn Duplex>> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(80);
    let plain_host = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((plain_host, port))
        .await
        .map_err(|error| Error::Io(format!("{url}: {error}")))?;
    stream.set_nodelay(true)?;
    let keepalive = socket2::TcpKeepalive::new().with_time(ALIVE);
    socket2::SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    let mut stream: Box<dyn Duplex> = if url.scheme() == "https" {
        Box::new(secure(stream, plain_host).await?)
    } else {
        Box::new(stream)
    };
    upgrade(&mut stream, url, host).await?;
    Ok(stream)
}

async fn secure(
    stream: TcpStream,
    host: &str,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let told = |error: &dyn std::fmt::Display| Error::Io(format!("TLS with {host}: {error}"));
    let roots = webpki_roots::TLS_SERVER_ROOTS
        .iter()
        .cloned()
        .collect::<RootCertStore>();
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| told(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| told(&error))?;
    let connector = TlsConnector::from(Arc::new(config));
    let connected = connector.connect(name, stream).await;
    connected.map_err(|error| told(&error))
}

/// Asks for the channel.
async fn upgrade(stream: &mut Box<dyn Duplex>, url: &Url, host: &str) -> Result<()> {
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    // The key is a fixed one: nothing here is a web socket, but proxies pass on what says that it is.
    let ask = format!(
        "GET {REPLICA} HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: c2l0ZS1yZXBsaWNhLXdpcmU=\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).await?;
    stream.flush().await?;
    let mut head = Vec::new();
    // The other side says nothing before the channel's first bytes have come, so that nothing is read too far.
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == HEAD {
            return Err(Error::Io(format!("{url}: the answer is no site's")));
        }
        let byte = stream.read_u8().await;
        head.push(byte.map_err(|error| Error::Io(format!("{url}: {error}")))?);
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    match line.split(' ').nth(1) {
        Some("101") => Ok(()),
        Some("404") => Err(Error::Io(format!(
            "{url} takes no standbys: is it a site, started with --token-file?"
        ))),
        _ => Err(Error::Io(format!("{url} answered {line:?}"))),
    }
}
