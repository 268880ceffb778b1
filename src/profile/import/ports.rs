//! The ports that a service of a compose file publishes, in each of the spellings of its reference.

use std::net::IpAddr;

use serde_json::Value;

/// Where a port of a container is reached on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The address, without brackets.
    pub host: String,
    /// The port there.
    pub port: u16,
}

/// Where the service's own `port` is published; `None` where it is not, or on a port that changes.
pub fn published(ports: &Value, port: u16, expand: &dyn Fn(&str) -> String) -> Option<Published> {
    ports.as_array()?.iter().find_map(|entry| match entry {
        Value::String(text) => short(&expand(text), port),
        // `6334` alone: a port of the machine that docker chooses.
        Value::Object(fields) => {
            let text = |name: &str| match fields.get(name)? {
                Value::String(text) => Some(expand(text)),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            let target: u16 = text("target")?.parse().ok()?;
            let tcp = text("protocol").is_none_or(|protocol| protocol == "tcp");
            let published: u16 = text("published")?.parse().ok()?;
            (target == port && tcp).then(|| Published { host: host(text("host_ip").as_deref()), port: published })
        }
        _ => None,
    })
}

/// `[HOST:]PUBLISHED:TARGET[/tcp]`, both of which may be ranges.
fn short(text: &str, port: u16) -> Option<Published> {
    let (text, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    if protocol != "tcp" {
        return None;
    }
    let (rest, target) = text.rsplit_once(':')?;
    let (address, published) = match rest.rsplit_once(':') {
        Some((address, published)) => (Some(address), published),
        None => (None, rest),
    };
    let (first, last) = range(target)?;
    let (published, published_last) = range(published)?;
    let at = port.checked_sub(first).filter(|_| port <= last)?;
    let published = published.checked_add(at).filter(|published| *published <= published_last)?;
    Some(Published { host: host(address), port: published })
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

/// An address to connect to, where one to listen on is given.
fn host(given: Option<&str>) -> String {
    let given = given.unwrap_or_default().trim_matches(['[', ']']);
    match given.parse::<IpAddr>() {
        Ok(ip) if !ip.is_unspecified() => ip.to_string(),
        _ => "127.0.0.1".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_spelling_of_a_published_port_is_understood() {
        let at = |ports: Value| {
            let expand = |text: &str| text.replace("${PORT:-6334}", "7000");
            published(&ports, 6334, &expand).map(|p| format!("{}:{}", p.host, p.port))
        };
        let local = |port: u16| Some(format!("127.0.0.1:{port}"));
        assert_eq!(at(json!(["6333:6333", "16334:6334"])), local(16334));
        assert_eq!(at(json!(["127.0.0.1:6334:6334/tcp"])), local(6334));
        assert_eq!(at(json!(["0.0.0.0:1:6334"])), local(1));
        assert_eq!(at(json!(["192.168.1.5:1:6334"])).as_deref(), Some("192.168.1.5:1"));
        assert_eq!(at(json!(["[::1]:1:6334"])).as_deref(), Some("::1:1"));
        assert_eq!(at(json!(["${PORT:-6334}:6334"])), local(7000));
        assert_eq!(at(json!(["9000-9005:6330-6335"])), local(9004));
        assert_eq!(at(json!([{ "target": 6334, "published": "8000", "host_ip": "127.0.0.1" }])), local(8000));
        assert_eq!(at(json!([{ "target": 6334, "published": 8000, "protocol": "udp" }])), None);
        for none in [
            json!(["6334"]),
            json!([6334]),
            json!(["6334:6333"]),
            json!(["1:6334/udp"]),
            json!("6334:6334"),
            json!(["x:6334"]),
            json!(["70000:6334"]),
        ] {
            assert_eq!(at(none.clone()), None, "{none}");
        }
    }
}
