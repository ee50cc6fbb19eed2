//! An encrypted channel between two nodes that hold the same token: `Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s` over any
//! stream of bytes.
//!
//! On the wire: a big-endian `u16`, then as many bytes of one Noise message. A message of ours is its length (`u32`) and
//! its bytes, split over as many Noise messages as it needs, and begins with a new one. Nonces are counted and never
//! sent: what was changed, repeated, left out or put elsewhere does not decrypt, and the channel ends. No data travels in
//! the handshake, so whoever has another token gets none. The token is the only secret: it has to be random, since a weak
//! one could be guessed from a recorded handshake.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use snow::StatelessTransportState;
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadHalf, WriteHalf, split,
};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// Most bytes of one message; a commit that needs more is sent as a snapshot.
pub const MESSAGE_MAX: usize = 80 << 20;
/// Most time for the handshake.
pub const HANDSHAKE: Duration = Duration::from_secs(5);
/// Most time in which the other node has to take anything. The system says that it does once a third of what it keeps for the
/// socket is gone, which on a thin link takes long; whether the other node lives its signs of life tell.
const STALL: Duration = Duration::from_mins(2);
/// Fewest bytes of a token: what `openssl rand -hex 16` prints.
const TOKEN_MIN: usize = 32;

/// Bytes of messages that are sent together.
const TOGETHER: usize = 256 << 10;
/// Bytes that are taken from the socket at once.
const AHEAD: usize = 128 << 10;

const PATTERN: &str = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";
/// What both sides have to speak: another framing has another number.
const PROLOGUE: &[u8] = b"site replication, framing 1";
const NOISE_MAX: usize = 65535;
const TAG: usize = 16;
const LENGTH: usize = 4;

/// The key that a token gives.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// HKDF-SHA-256 (RFC 5869) of the token file's bytes, without the white space around them that editors leave.
    ///
    /// # Errors
    /// [`Error::Config`] when it is too short to be random.
    pub fn derive(token: &[u8]) -> Result<Self> {
        let token = token.trim_ascii();
        if token.len() < TOKEN_MIN {
            return Err(Error::Config(format!(
                "The replication token has {} characters, it needs at least {TOKEN_MIN} random ones: openssl rand -hex 32",
                token.len()
            )));
        }
        let extracted = hmac(b"site replication, salt 1", &[token]);
        Ok(Self(hmac(&extracted, &[b"noise psk", &[1]])))
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Longest frame of the handshake, in bytes: who has not shown the token yet is given no more memory.
const GREETING: usize = 128;
/// Longest frame that is sent: on a line of 100 kbit/s each takes little more than a second to come, and says that we live.
const PIECE: usize = 16 << 10;
/// Longest frame that is taken.
const FRAME: usize = u16::MAX as usize;

/// The side that sends.
pub struct Sender<S> {
    stream: WriteHalf<S>,
    patience: Duration,
    keys: Arc<StatelessTransportState>,
    nonce: u64,
    cipher: Vec<u8>,
    plain: Vec<u8>,
}

/// The side that receives.
pub struct Receiver<S> {
    stream: BufReader<ReadHalf<S>>,
    keys: Arc<StatelessTransportState>,
    nonce: u64,
    cipher: Vec<u8>,
    plain: Vec<u8>,
}

/// A channel, as its two sides.
pub type Channel<S> = (Sender<S>, Receiver<S>);

/// Opens a channel to a node that accepts.
///
/// # Errors
/// When the other node has another token, is none of ours, or takes too long.
pub async fn connect<S>(stream: S, secret: &Secret) -> Result<Channel<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    connect_within(HANDSHAKE, stream, secret).await
}

async fn connect_within<S>(most: Duration, mut stream: S, secret: &Secret) -> Result<Channel<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = async {
        let mut state = builder(secret)?.build_initiator().map_err(failed)?;
        let mut out = [0; 128];
        let length = state.write_message(&[], &mut out).map_err(failed)?;
        write_frame(&mut stream, &out[..length]).await?;
        let mut answer = Vec::new();
        if !read_frame(&mut stream, &mut answer, GREETING)
            .await
            .unwrap_or(false)
        {
            return Err(Error::Io(
                "The other node ended the connection in the handshake: has it the same token, and is it a site that takes standbys?"
                    .into(),
            ));
        }
        state.read_message(&answer, &mut out).map_err(other_token)?;
        state.into_stateless_transport_mode().map_err(failed)
    };
    let keys = timeout(most, handshake).await.map_err(|_| late())??;
    Ok(channel(stream, keys))
}

/// Takes a channel from a node that connects.
///
/// # Errors
/// When the other node has another token, is none of ours, or takes too long. It was sent nothing then.
pub async fn accept<S>(stream: S, secret: &Secret) -> Result<Channel<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    accept_within(HANDSHAKE, stream, secret).await
}

async fn accept_within<S>(most: Duration, mut stream: S, secret: &Secret) -> Result<Channel<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = async {
        let mut state = builder(secret)?.build_responder().map_err(failed)?;
        let mut first = Vec::new();
        if !read_frame(&mut stream, &mut first, GREETING).await? {
            return Err(Error::Io("The other node said nothing.".into()));
        }
        let mut out = [0; 128];
        state.read_message(&first, &mut out).map_err(other_token)?;
        let length = state.write_message(&[], &mut out).map_err(failed)?;
        write_frame(&mut stream, &out[..length]).await?;
        state.into_stateless_transport_mode().map_err(failed)
    };
    let keys = timeout(most, handshake).await.map_err(|_| late())??;
    Ok(channel(stream, keys))
}

fn builder(secret: &Secret) -> Result<snow::Builder<'_>> {
    let pattern = PATTERN.parse().map_err(failed)?;
    snow::Builder::new(pattern)
        .psk(0, &secret.0)
        .and_then(|builder| builder.prologue(PROLOGUE))
        .map_err(failed)
}

fn channel<S: AsyncRead + AsyncWrite>(stream: S, keys: StatelessTransportState) -> Channel<S> {
    let (read, write) = split(stream);
    let keys = Arc::new(keys);
    let sender = Sender {
        stream: write,
        patience: STALL,
        keys: Arc::clone(&keys),
        nonce: 0,
        cipher: Vec::new(),
        plain: Vec::new(),
    };
    let receiver = Receiver {
        stream: BufReader::with_capacity(AHEAD, read),
        keys,
        nonce: 0,
        cipher: Vec::new(),
        plain: vec![0; NOISE_MAX],
    };
    (sender, receiver)
}

impl<S: AsyncWrite> Sender<S> {
    /// Sends one message. Not to be dropped before it has ended, unless the whole channel is.
    ///
    /// # Errors
    /// When it is too large, or the other node has gone or takes nothing for two minutes.
    pub async fn send(&mut self, message: &[u8]) -> Result<()> {
        self.put(&[message]).await?;
        self.flush().await
    }

    /// Puts a message, which is all parts together, behind those that wait; they are sent when many bytes wait.
    ///
    /// # Errors
    /// As [`Sender::send`].
    pub async fn put(&mut self, parts: &[&[u8]]) -> Result<()> {
        let whole: usize = parts.iter().map(|part| part.len()).sum();
        let length = u32::try_from(whole)
            .ok()
            .filter(|_| whole <= MESSAGE_MAX)
            .ok_or(Error::TooLarge(MESSAGE_MAX))?;
        self.plain.extend_from_slice(&length.to_be_bytes());
        for part in parts {
            let mut rest = *part;
            while !rest.is_empty() {
                let room = PIECE - TAG - self.plain.len();
                let (next, later) = rest.split_at(rest.len().min(room));
                self.plain.extend_from_slice(next);
                rest = later;
                if next.len() == room {
                    self.seal_plain()?;
                }
                if self.cipher.len() >= TOGETHER {
                    self.flush().await?;
                }
            }
        }
        if self.plain.is_empty() {
            return Ok(());
        }
        self.seal_plain()
    }

    /// Sends what waits.
    ///
    /// # Errors
    /// As [`Sender::send`].
    pub async fn flush(&mut self) -> Result<()> {
        // The other node's time is until it takes anything: on a thin link even one Noise message takes long.
        let mut rest = &self.cipher[..];
        while !rest.is_empty() {
            let taken = timeout(self.patience, self.stream.write(rest))
                .await
                .map_err(|_| Error::Io("The other node takes nothing any more.".into()))??;
            if taken == 0 {
                return Err(Error::Io("The other node ended the connection.".into()));
            }
            rest = &rest[taken..];
        }
        timeout(self.patience, self.stream.flush())
            .await
            .map_err(|_| Error::Io("The other node takes nothing any more.".into()))??;
        self.cipher.clear();
        Ok(())
    }

    /// Says that nothing more comes.
    pub async fn close(&mut self) {
        // It is over either way.
        let _ = timeout(self.patience, self.stream.shutdown()).await;
    }

    fn seal_plain(&mut self) -> Result<()> {
        let mut plain = std::mem::take(&mut self.plain);
        let sealed = self.seal(&plain);
        plain.clear();
        self.plain = plain;
        sealed
    }

    /// Puts one Noise message behind those that wait.
    fn seal(&mut self, plain: &[u8]) -> Result<()> {
        let size = plain.len() + TAG;
        let length = u16::try_from(size).map_err(|_| Error::TooLarge(NOISE_MAX))?;
        let at = self.cipher.len();
        self.cipher.extend_from_slice(&length.to_be_bytes());
        self.cipher.resize(at + 2 + size, 0);
        self.keys
            .write_message(self.nonce, plain, &mut self.cipher[at + 2..])
            .map_err(failed)?;
        self.nonce += 1;
        Ok(())
    }
}

impl<S: AsyncRead> Receiver<S> {
    /// The next message; `None` when the other node has ended the channel between two. Not to be dropped before it has
    /// ended, unless the whole channel is. `heard` is called whenever something came that is certainly from the other.
    ///
    /// # Errors
    /// When anything was changed on the way, the message is too large, or the connection broke within it.
    pub async fn receive(&mut self, heard: impl Fn()) -> Result<Option<Vec<u8>>> {
        if !read_frame(&mut self.stream, &mut self.cipher, FRAME).await? {
            return Ok(None);
        }
        let size = self.open()?;
        heard();
        let (length, first) = self.plain[..size]
            .split_first_chunk::<LENGTH>()
            .ok_or_else(changed)?;
        let length = u32::from_be_bytes(*length) as usize;
        if length > MESSAGE_MAX {
            return Err(Error::TooLarge(MESSAGE_MAX));
        }
        // Room is made as bytes arrive, not as they are announced.
        let mut message = first.to_vec();
        while message.len() < length {
            if !read_frame(&mut self.stream, &mut self.cipher, FRAME).await? {
                return Err(Error::Io("The connection broke within a message.".into()));
            }
            let size = self.open()?;
            if size == 0 {
                return Err(changed());
            }
            heard();
            message.extend_from_slice(&self.plain[..size]);
        }
        if message.len() > length {
            return Err(changed());
        }
        Ok(Some(message))
    }

    fn open(&mut self) -> Result<usize> {
        let size = self
            .keys
            .read_message(self.nonce, &self.cipher, &mut self.plain)
            .map_err(|_| changed())?;
        self.nonce += 1;
        Ok(size)
    }
}

async fn write_frame(stream: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> Result<()> {
    let length = u16::try_from(frame.len()).map_err(|_| Error::TooLarge(NOISE_MAX))?;
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend_from_slice(frame);
    stream.write_all(&bytes).await?;
    stream.flush().await?;
    Ok(())
}

/// False at the end of the stream.
async fn read_frame(
    stream: &mut (impl AsyncRead + Unpin),
    frame: &mut Vec<u8>,
    most: usize,
) -> Result<bool> {
    let mut length = [0; 2];
    let mut got = 0;
    while got < length.len() {
        match stream.read(&mut length[got..]).await? {
            0 if got == 0 => return Ok(false),
            0 => return Err(Error::Io("The connection broke within a frame.".into())),
            count => got += count,
        }
    }
    let length = usize::from(u16::from_be_bytes(length));
    if length > most {
        return Err(Error::Io("The other node speaks something else.".into()));
    }
    frame.resize(length, 0);
    stream.read_exact(frame).await?;
    Ok(true)
}

fn other_token(_: snow::Error) -> Error {
    Error::Refused("The other node has another token, or is none of ours.".into())
}

fn late() -> Error {
    Error::Io("The other node took too long for the handshake.".into())
}

fn changed() -> Error {
    Error::Io("What came is not what the other node sent; the connection is given up.".into())
}

// By value, as `map_err` hands it on.
#[expect(clippy::needless_pass_by_value, reason = "the signature of map_err")]
fn failed(error: snow::Error) -> Error {
    Error::Internal(format!("Noise: {error}"))
}

#[cfg(test)]
mod tests;
