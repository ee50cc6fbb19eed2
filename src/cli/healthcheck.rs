//! `site healthcheck`: asks the running site's `/up`, at the address that it says it listens on.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use crate::cli::say;
use crate::control::client;
use crate::error::{Error, Result};

const PATIENCE: Duration = Duration::from_secs(4);

/// Asks; an answer of 200 is success.
///
/// # Errors
/// [`Error::Io`] when nothing runs, nothing answers, or the answer is another.
pub(super) fn run(data: &Path) -> Result<()> {
    let Some(status) = client::status(data)? else {
        return Err(Error::Io(format!("No site runs on {}.", data.display())));
    };
    let address: SocketAddr = status.address.parse().map_err(|_| {
        Error::Io(format!(
            "The site says that it listens on {:?}.",
            status.address
        ))
    })?;
    let answer = ask(reachable(address))
        .map_err(|error| Error::Io(format!("http://{address}/up does not answer: {error}.")))?;
    if !answer.starts_with("HTTP/1.1 200 ") {
        let line = answer.lines().next().unwrap_or_default();
        return Err(Error::Io(format!("http://{address}/up answers {line:?}.")));
    }
    say("ok");
    Ok(())
}

/// An address that listens everywhere is asked at this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /up HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_listens_everywhere_is_asked_on_loopback() {
        let ask = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(ask("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(ask("[::]:80"), "[::1]:80");
        assert_eq!(ask("10.1.2.3:80"), "10.1.2.3:80");
    }
}
