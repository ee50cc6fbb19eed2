//! The channel over real sockets: who has another token gets nothing, and nothing that happens to bytes on their way goes
//! unnoticed.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::DuplexStream;
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn secret(word: &str) -> Secret {
    Secret::derive(word.repeat(32).as_bytes()).unwrap()
}

async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (one, other) = tokio::join!(TcpStream::connect(address), listener.accept());
    (one.unwrap(), other.unwrap().0)
}

async fn pair() -> (Channel<TcpStream>, Channel<TcpStream>) {
    let (one, other) = sockets().await;
    let key = secret("a");
    let (one, other) = tokio::join!(connect(one, &key), accept(other, &key));
    (one.unwrap(), other.unwrap())
}

#[tokio::test]
async fn messages_of_all_sizes_arrive_in_both_directions() {
    let ((mut to, mut back), (mut answer, mut from)) = pair().await;
    let room = PIECE - TAG - LENGTH;
    let sizes = [0, 1, room - 1, room, room + 1, 3 * NOISE_MAX, 5 << 20];
    let echo = async {
        while let Some(message) = from.receive(|| ()).await.unwrap() {
            answer.send(&message).await.unwrap();
        }
        answer.close().await;
    };
    let ask = async {
        for size in sizes {
            let message: Vec<u8> = (0..=255).cycle().take(size).collect();
            let (sent, came) = tokio::join!(to.send(&message), back.receive(|| ()));
            sent.unwrap();
            assert_eq!(came.unwrap().unwrap(), message);
        }
        to.close().await;
        assert_eq!(back.receive(|| ()).await.unwrap(), None);
    };
    tokio::join!(echo, ask);
}

#[tokio::test]
async fn who_has_another_token_is_told_so_and_gets_no_data() {
    let (one, mut other) = sockets().await;
    let theirs = secret("b");
    let serve = async {
        // Counts what the one that accepts sends.
        let (inner, outer) = tokio::io::duplex(1 << 16);
        let accepted = accept(inner, &theirs);
        let forward = forward(outer, &mut other);
        let (accepted, sent) = tokio::join!(accepted, forward);
        drop(other);
        (accepted.err().unwrap(), sent)
    };
    let ours = secret("a");
    let (connected, (error, sent)) = tokio::join!(connect(one, &ours), serve);
    assert!(matches!(error, Error::Refused(text) if text.contains("another token")));
    assert_eq!(sent, 0, "bytes went to somebody without the token");
    let error = connected.err().unwrap().to_string();
    assert!(error.contains("same token"), "{error}");
}

/// Hands the first message on, and counts what comes back until the other side ends.
async fn forward(mut inner: DuplexStream, socket: &mut TcpStream) -> usize {
    let mut frame = Vec::new();
    assert!(read_frame(socket, &mut frame, FRAME).await.unwrap());
    write_frame(&mut inner, &frame).await.unwrap();
    let mut back = Vec::new();
    inner.read_to_end(&mut back).await.unwrap()
}

#[tokio::test]
async fn a_silent_handshake_is_given_up() {
    let key = secret("a");
    let (one, other) = tokio::io::duplex(100);
    let short = Duration::from_millis(50);
    let begun = std::time::Instant::now();
    let error = accept_within(short, one, &key).await;
    let error = error.err().unwrap().to_string();
    assert!(error.contains("too long"), "{error}");
    assert!(connect(other, &key).await.is_err());
    let (one, _other) = tokio::io::duplex(100);
    let error = connect_within(short, one, &key).await;
    let error = error.err().unwrap().to_string();
    assert!(error.contains("too long"), "{error}");
    assert!(begun.elapsed() >= 2 * short);
}

#[tokio::test]
async fn what_is_no_handshake_is_refused() {
    for bytes in [
        &b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"[..],
        &[0, 0],
        &[0, 48],
    ] {
        let (mut one, other) = sockets().await;
        let write = async {
            one.write_all(bytes).await.unwrap();
            one.shutdown().await.unwrap();
        };
        let key = secret("a");
        let (result, ()) = tokio::join!(accept(other, &key), write);
        assert!(result.is_err());
    }
}

/// The bytes of a handshake and of some messages, as they stand on the wire after the handshake.
async fn recorded() -> (Vec<Vec<u8>>, Receiver<DuplexStream>, DuplexStream) {
    // One stream is the wire of which the frames are taken; the other is what the receiver reads.
    let (ours, mut wire) = tokio::io::duplex(1 << 20);
    let (mut feed, theirs) = tokio::io::duplex(1 << 20);
    let key = secret("a");
    let middle = async {
        let mut frame = Vec::new();
        read_frame(&mut wire, &mut frame, FRAME).await.unwrap();
        write_frame(&mut feed, &frame).await.unwrap();
        read_frame(&mut feed, &mut frame, FRAME).await.unwrap();
        write_frame(&mut wire, &frame).await.unwrap();
    };
    let (sender, receiver, ()) = tokio::join!(connect(ours, &key), accept(theirs, &key), middle);
    let (mut sender, _back) = sender.unwrap();
    let mut frames = Vec::new();
    for number in 0..4_u8 {
        sender.send(&[number; 100]).await.unwrap();
        let mut frame = Vec::new();
        read_frame(&mut wire, &mut frame, FRAME).await.unwrap();
        frames.push(frame);
    }
    (frames, receiver.unwrap().1, feed)
}

/// What the receiver makes of these frames: all messages before the first error, and whether there was one.
async fn received(
    mut receiver: Receiver<DuplexStream>,
    mut feed: DuplexStream,
    bytes: &[u8],
) -> (Vec<u8>, bool) {
    feed.write_all(bytes).await.unwrap();
    drop(feed);
    let mut firsts = Vec::new();
    loop {
        match receiver.receive(|| ()).await {
            Ok(Some(message)) => firsts.push(message[0]),
            Ok(None) => return (firsts, false),
            Err(_) => return (firsts, true),
        }
    }
}

fn stream(frames: &[&Vec<u8>]) -> Vec<u8> {
    let frame = |frame: &&Vec<u8>| {
        let length = u16::try_from(frame.len()).unwrap().to_be_bytes();
        [&length[..], frame].concat()
    };
    frames.iter().flat_map(frame).collect()
}

#[tokio::test]
async fn frames_that_are_repeated_reordered_or_left_out_end_the_channel() {
    let cases: [(&[usize], &[u8], bool); 5] = [
        (&[0, 1, 2, 3], &[0, 1, 2, 3], false),
        (&[0, 0, 1, 2], &[0], true),
        (&[1, 0, 2, 3], &[], true),
        (&[0, 2, 3], &[0], true),
        (&[0, 1], &[0, 1], false),
    ];
    for (order, expected, fails) in cases {
        let (frames, receiver, feed) = recorded().await;
        let bytes = stream(&order.iter().map(|at| &frames[*at]).collect::<Vec<_>>());
        let (came, failed) = received(receiver, feed, &bytes).await;
        assert_eq!((came.as_slice(), failed), (expected, fails), "{order:?}");
    }
}

#[tokio::test]
async fn what_was_said_in_another_channel_is_nothing_in_this_one() {
    let (old, _, _) = recorded().await;
    let (_, receiver, feed) = recorded().await;
    let bytes = stream(&[&old[0]]);
    assert_eq!(received(receiver, feed, &bytes).await, (vec![], true));
}

#[tokio::test]
async fn any_of_500_flipped_bits_is_noticed() {
    for flip in 0..500_usize {
        let (frames, receiver, feed) = recorded().await;
        let mut bytes = stream(&frames.iter().collect::<Vec<_>>());
        // Spread over lengths, text and tags of all four frames.
        let bit = flip * 7919 % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let whole = bit / 8 / (2 + LENGTH + 100 + TAG);
        let (came, failed) = received(receiver, feed, &bytes).await;
        assert!(failed, "bit {bit}");
        assert!(came.len() <= whole, "bit {bit}");
    }
}

#[tokio::test]
async fn a_stream_that_ends_within_a_frame_is_an_error() {
    let (frames, _, _) = recorded().await;
    let length = stream(&[&frames[0]]).len();
    for cut in 1..length {
        let (frames, receiver, feed) = recorded().await;
        let bytes = stream(&[&frames[0]]);
        assert_eq!(
            received(receiver, feed, &bytes[..cut]).await,
            (vec![], true)
        );
    }
}

#[tokio::test]
async fn a_message_announced_too_large_is_refused_and_a_cut_one_is_an_error() {
    let ((mut to, _), (_, mut from)) = pair().await;
    let large = u32::try_from(MESSAGE_MAX + 1).unwrap().to_be_bytes();
    to.seal(&large).unwrap();
    to.flush().await.unwrap();
    let error = from.receive(|| ()).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge(_)));

    let ((mut to, _back), (_, mut from)) = pair().await;
    to.seal(&[0, 0, 1, 0, 7]).unwrap();
    to.flush().await.unwrap();
    to.close().await;
    let error = from.receive(|| ()).await.unwrap_err().to_string();
    assert!(error.contains("within a message"), "{error}");

    // Nothing of a message may come without an end.
    let ((mut to, _back), (_, mut from)) = pair().await;
    to.seal(&[0, 0, 1, 0, 7]).unwrap();
    to.seal(&[]).unwrap();
    to.flush().await.unwrap();
    assert!(from.receive(|| ()).await.is_err());
    assert!(to.send(&vec![0; MESSAGE_MAX + 1]).await.is_err());
}

#[tokio::test]
async fn every_part_of_a_message_is_a_sign_of_life() {
    let ((mut to, _back), (_, mut from)) = pair().await;
    let heard = AtomicUsize::new(0);
    let message = vec![1; 10 * PIECE];
    let (sent, came) = tokio::join!(
        to.send(&message),
        from.receive(|| {
            heard.fetch_add(1, Ordering::Relaxed);
        })
    );
    sent.unwrap();
    assert_eq!(came.unwrap().unwrap().len(), message.len());
    assert_eq!(heard.into_inner(), 11);
}

#[tokio::test]
async fn who_takes_nothing_is_given_up() {
    let (one, other) = tokio::io::duplex(1 << 10);
    let key = secret("a");
    let (one, other) = tokio::join!(connect(one, &key), accept(other, &key));
    let (mut to, _) = one.unwrap();
    to.patience = Duration::from_millis(50);
    let _kept = other.unwrap();
    let error = to.send(&[0; 1 << 12]).await.unwrap_err().to_string();
    assert!(error.contains("takes nothing"), "{error}");
}

#[test]
fn a_token_is_what_stands_in_its_file_without_the_space_around_it() {
    let token = "0123456789abcdef0123456789abcdef";
    let key = |text: &str| Secret::derive(text.as_bytes()).unwrap().0;
    assert_eq!(key(token), key(&format!("{token}\n")));
    assert_ne!(key(token), key(&token.replace('0', "1")));
    assert!(matches!(Secret::derive(b"secret\n"), Err(Error::Config(_))));
}
