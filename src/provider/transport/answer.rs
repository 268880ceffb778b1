//! What the first bytes of an answer tell: whose server it is, whether it is a proxy or a gateway that
//! answers in its place, whether the answer came whole. [`super::probe`] asks; here is only reading.

use super::probe::Speaks;
use super::recognise;

/// What an HTTP answer has that only a proxy writes, in small letters.
const PROXY_MARKS: [&str; 7] = [
    "proxy authentication required",
    "proxy-authenticate:",
    "x-squid-error:",
    "server: squid",
    "server: zscaler",
    "proxy-agent:",
    "server: bluecoat",
];
/// What a proxy writes, and a gateway in front of a server that is well, too.
const PASSED_ON: &str = "via: 1.1 ";
/// Statuses of a gateway whose server does not answer: bad gateway, unavailable, timeout.
const BEHIND_IS_DOWN: [&str; 3] = ["502", "503", "504"];
/// Statuses that a server behind a gateway gives to a GET of the root that has no key.
const OF_THE_SERVER: [&str; 3] = ["401", "403", "404"];
/// Longest line of a server that goes into an error.
const MOST_WORDS: usize = 80;

/// Whether no more of the answer is needed: a whole line as Redis answers, or the first frame of HTTP/2. Both keep the
/// connection open, so nobody need wait for its end.
pub(super) fn is_enough(answer: &[u8]) -> bool {
    matches!(answer, [b'-' | b'+', .., b'\r', b'\n']) || is_settings(answer)
}

/// A SETTINGS frame on stream 0: the server side of HTTP/2 speaks first.
fn is_settings(answer: &[u8]) -> bool {
    matches!(answer, [_, _, _, 0x04, _, 0, 0, 0, 0, ..])
}

/// Web servers answer plain text on a TLS port in plain text.
pub(super) fn wants_tls(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer).to_ascii_lowercase();
    text.starts_with("http/1")
        && (text.contains("http request to an https") || text.contains("request was sent to https"))
}

/// Whether the answer keeps us out without a key.
pub(super) fn wants_key(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    text.starts_with("HTTP/1.") && matches!(text.split_whitespace().nth(1), Some("401" | "403"))
}

/// What the first bytes of an answer to a GET of the root tell.
pub(super) fn name(answer: &[u8]) -> Speaks {
    if is_settings(answer) {
        return Speaks::Http2;
    }
    let text = String::from_utf8_lossy(answer);
    if !text.starts_with("HTTP/1.") {
        return by_greeting(answer, &text).map_or(Speaks::Unknown, Speaks::Other);
    }
    if text.contains("qdrant - vector search engine") || text.contains("\"title\":\"qdrant") {
        return Speaks::QdrantRest;
    }
    if text.contains("MongoDB over HTTP") {
        return Speaks::Other("a MongoDB server");
    }
    recognise::by_root(&text).map_or_else(|| Speaks::Http(header(&text, "server")), Speaks::Of)
}

/// Who speaks first, whatever is asked, and says who it is.
fn by_greeting(answer: &[u8], text: &str) -> Option<&'static str> {
    // A packet of MySQL: its length in three bytes, number 0, then version 10 of the protocol, or an error.
    if let [_, _, 0, 0, 0x0a | 0xff, ..] = answer {
        return Some("a MySQL or MariaDB server");
    }
    let greetings =
        [("SSH-", "an SSH server"), ("* OK", "a mail server (IMAP)"), ("+OK", "a mail server (POP3)"), ("220", "")];
    match greetings.into_iter().find(|(beginning, _)| text.starts_with(beginning))? {
        (_, "") if text.to_ascii_lowercase().contains("smtp") => Some("a mail server (SMTP)"),
        (_, "") => Some("an FTP or mail server"),
        (_, who) => Some(who),
    }
}

/// An HTTP server whose answer is not a maker's own: whether it stands in the way of one. `ended` is whether the
/// other side ended the answer, so that no more would have come.
pub(super) fn between(speaks: Speaks, answer: &[u8], ended: bool) -> Speaks {
    let Speaks::Http(_) = speaks else { return speaks };
    let text = String::from_utf8_lossy(answer);
    if ended && is_cut(&text) {
        return Speaks::Cut;
    }
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let status = head.split(' ').nth(1).unwrap_or_default();
    if BEHIND_IS_DOWN.contains(&status) {
        return Speaks::Gateway(shown(head.lines().next().unwrap_or_default()));
    }
    let refused = status.starts_with(['4', '5']) && !OF_THE_SERVER.contains(&status);
    let is_mark = |line: &str| {
        let line = line.to_ascii_lowercase();
        PROXY_MARKS.iter().any(|mark| line.contains(mark)) || (refused && line.starts_with(PASSED_ON))
    };
    match head.lines().find(|line| is_mark(line)) {
        Some(line) => Speaks::Proxy(shown(line)),
        None => speaks,
    }
}

/// Whether an answer that ended is shorter than it says of itself.
fn is_cut(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return true };
    if header(head, "transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return !body.ends_with("0\r\n\r\n");
    }
    let length = header(head, "content-length").and_then(|length| length.parse::<usize>().ok());
    length.is_some_and(|length| body.len() < length)
}

fn shown(line: &str) -> String {
    line.trim().chars().filter(|c| !c.is_control()).take(MOST_WORDS).collect()
}

fn header(answer: &str, wanted: &str) -> Option<String> {
    answer
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim().chars().filter(|c| !c.is_control()).take(40).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_recognised_by_their_first_bytes() {
        assert_eq!(name(&[0, 0, 18, 4, 0, 0, 0, 0, 0, 0]), Speaks::Http2);
        let qdrant = b"HTTP/1.1 200 OK\r\n\r\n{\"title\":\"qdrant - vector search engine\",\"version\":\"1.18.3\"}";
        assert_eq!(name(qdrant), Speaks::QdrantRest);
        assert_eq!(name(b"HTTP/1.1 404 x\r\nServer: nginx\r\n\r\n"), Speaks::Http(Some("nginx".to_owned())));
        assert_eq!(
            name(b"-ERR wrong number of arguments for 'get' command\r\n"),
            Speaks::Unknown,
            "until it is pinged"
        );
        assert!(wants_key(b"HTTP/1.1 403 Forbidden\r\n\r\n") && wants_key(b"HTTP/1.1 401\r\n\r\n"));
        assert!(!wants_key(b"HTTP/1.1 404 401\r\n\r\n") && !wants_key(b"-NOAUTH 401\r\n"));
        assert!(wants_tls(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"));
    }

    #[test]
    fn who_greets_first_is_known_by_that() {
        assert_eq!(name(b"SSH-2.0-OpenSSH_9.6\r\n"), Speaks::Other("an SSH server"));
        assert_eq!(name(b"\x4a\0\0\0\x0a8.0.36\0"), Speaks::Other("a MySQL or MariaDB server"));
        assert_eq!(name(b"220 mx.test ESMTP\r\n"), Speaks::Other("a mail server (SMTP)"));
    }

    #[test]
    fn proxies_and_gateways_are_told_from_servers() {
        let of = |text: &str| between(Speaks::Http(None), text.as_bytes(), true);
        let squid = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n";
        assert!(matches!(of(squid), Speaks::Proxy(_)));
        let down = Speaks::Gateway("HTTP/1.1 502 Bad Gateway".to_owned());
        assert_eq!(of("HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\n\r\n"), down);
        for own in ["HTTP/1.1 404 Not Found\r\nVia: 1.1 google\r\n\r\n", "HTTP/1.1 200 OK\r\nVia: 1.1 google\r\n\r\n"] {
            assert_eq!(of(own), Speaks::Http(None), "{own}");
        }
        assert!(matches!(of("HTTP/1.1 400 Bad Request\r\nVia: 1.1 google\r\n\r\n"), Speaks::Proxy(_)));
    }

    #[test]
    fn an_answer_that_ends_before_its_end_is_cut() {
        let of = |text: &str, ended| between(Speaks::Http(None), text.as_bytes(), ended);
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":";
        assert_eq!(of(half, true), Speaks::Cut);
        assert_eq!(of(half, false), Speaks::Http(None), "only slow");
        assert_eq!(of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a", true), Speaks::Cut);
        assert_eq!(of("HTTP/1.1 200 O", true), Speaks::Cut);
        assert_eq!(of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", true), Speaks::Http(None));
        assert_eq!(of("HTTP/1.1 200 OK\r\n\r\nuntil the end", true), Speaks::Http(None));
    }
}
