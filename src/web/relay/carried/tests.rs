//! What travels arrives as it was, and nothing else does.

use actix_http::HttpMessage;
use actix_web::test::TestRequest;

use super::*;

fn question(headers: &[(&str, &str)]) -> Question {
    let mut request = TestRequest::post().uri("/s/7/comments?a=b");
    for header in headers {
        request = request.append_header(*header);
    }
    let word = Carried {
        client: Client {
            address: "2001:db8::7".parse().unwrap(),
            secure: true,
        },
        cross_site: false,
    };
    Question::of(request.to_request().head(), word, [7; 16]).unwrap()
}

#[test]
fn a_request_arrives_with_what_is_on_the_list_and_nothing_else() {
    let sent = question(&[
        ("cookie", "a=b"),
        ("cookie", "c=d"),
        ("host", "site.example"),
        ("sec-fetch-site", "same-origin"),
        ("connection", "close, x-evil"),
        ("x-forwarded-for", "6.6.6.6"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=6.6.6.6"),
        ("content-length", "3"),
        ("transfer-encoding", "chunked"),
        ("authorization", "Bearer x"),
        ("x-evil", "1"),
    ]);
    let got = Question::decode(&sent.encode()).unwrap();
    assert_eq!((&got.method, &got.target), (&sent.method, &sent.target));
    assert_eq!((got.word, got.key), (sent.word, sent.key));
    let mut names: Vec<&str> = got.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["cookie", "host", "sec-fetch-site"]);
    let cookies: Vec<_> = got.headers.get_all("cookie").collect();
    assert_eq!(cookies, ["a=b", "c=d"]);
    let request = got.into_request(b"x=y".to_vec());
    assert_eq!(request.peer_addr().unwrap().ip(), sent.word.client.address);
    assert_eq!(request.extensions().get::<Carried>(), Some(&sent.word));
}

#[test]
fn another_nodes_bytes_are_read_with_the_same_list() {
    let mut sent = question(&[]);
    for name in ["x-forwarded-for", "content-encoding", "connection"] {
        let value = HeaderValue::from_static("x");
        sent.headers.append(HeaderName::from_static(name), value);
    }
    let got = Question::decode(&sent.encode()).unwrap();
    assert_eq!(got.headers.len(), 0);
    let reply = Reply {
        status: StatusCode::OK,
        headers: vec![(header::CONTENT_LENGTH, HeaderValue::from_static("9"))],
        position: Position::default(),
    };
    assert!(Reply::decode(&reply.encode()).unwrap().headers.is_empty());
}

#[test]
fn an_answer_arrives_with_each_of_its_cookies() {
    let mut response = Response::with_body(StatusCode::SEE_OTHER, ());
    for (name, value) in [
        ("set-cookie", "a=b; Path=/"),
        ("set-cookie", "c=d; Path=/"),
        ("location", "/s/7"),
        ("connection", "close"),
        ("date", "now"),
    ] {
        let value = HeaderValue::from_static(value);
        let headers = response.headers_mut();
        headers.append(HeaderName::from_static(name), value);
    }
    let position = Position { epoch: 3, txid: 41 };
    let got = Reply::decode(&Reply::of(&response, position).encode()).unwrap();
    assert_eq!(
        (got.status, got.position),
        (StatusCode::SEE_OTHER, position)
    );
    let cookies = got
        .headers
        .iter()
        .filter(|(name, _)| name == header::SET_COOKIE);
    let cookies: Vec<_> = cookies.map(|(_, value)| value.to_str().unwrap()).collect();
    assert_eq!(cookies, ["a=b; Path=/", "c=d; Path=/"]);
    assert_eq!(got.headers.len(), 3);
}

#[test]
fn a_client_of_the_old_internet_stays_one() {
    let mut sent = question(&[]);
    sent.word.client.address = "192.0.2.7".parse().unwrap();
    sent.word.client.secure = false;
    sent.word.cross_site = true;
    assert_eq!(Question::decode(&sent.encode()).unwrap().word, sent.word);
}

/// Every cut and every changed byte: it is understood or not, and never more than that.
#[test]
fn hostile_bytes_are_no_request_or_a_harmless_one() {
    let question = question(&[("cookie", "a=b"), ("host", "site.example")]).encode();
    let reply = Reply {
        status: StatusCode::OK,
        headers: vec![(header::SET_COOKIE, HeaderValue::from_static("a=b"))],
        position: Position::default(),
    };
    let reply = reply.encode();
    assert!(Question::decode(&[]).is_none() && Reply::decode(&[]).is_none());
    for bytes in [&question, &reply] {
        for end in 0..bytes.len() {
            let (_, _) = (
                Question::decode(&bytes[..end]),
                Reply::decode(&bytes[..end]),
            );
        }
        for at in 0..bytes.len() {
            for value in 0..=u8::MAX {
                let mut bytes = bytes.clone();
                bytes[at] = value;
                if let Some(question) = Question::decode(&bytes) {
                    assert!(question.target.path().starts_with('/'));
                    let _ = question.into_request(Vec::new());
                }
                let _ = Reply::decode(&bytes);
            }
        }
    }
    let mut long = question.clone();
    long.resize(MOST_HEAD + 2, 0);
    assert!(Question::decode(&long).is_none());
    let mut many = reply;
    for _ in 0..=MOST_HEADERS {
        put(&mut many, b"x-y");
        put(&mut many, b"");
    }
    assert!(Reply::decode(&many).is_none());
}
