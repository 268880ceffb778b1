//! The short URLs that LanceDB's own users write for tables in an object store, spelled out as the address of
//! one: a host, the bucket behind it, options.

/// Schemes of short URLs: `s3://bucket/folder`.
const SHORT: [&str; 3] = ["s3", "gs", "az"];
/// The region that S3 means where none is named.
const REGION: &str = "us-east-1";

/// A short URL (`s3://bucket/folder?region=R`, `gs://bucket/folder`, `az://container/folder?account=A`) as the
/// address that it stands for; `None` for any other text. With `endpoint=http://HOST:PORT` the store is that one.
pub fn spelled_out(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = SHORT.into_iter().find(|short| scheme.eq_ignore_ascii_case(short))?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let given: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let option = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let (start, host) = match (option("endpoint"), scheme) {
        (Some(endpoint), _) => match endpoint.split_once("://") {
            Some(("http", host)) => ("lance+http", host.trim_end_matches('/').to_owned()),
            Some((_, host)) => ("lance+https", host.trim_end_matches('/').to_owned()),
            None => ("lance+https", endpoint.to_owned()),
        },
        (None, "gs") => ("lance+https", "storage.googleapis.com".to_owned()),
        (None, "az") => ("lance+https", format!("{}.blob.core.windows.net", option("account").unwrap_or_default())),
        (None, _) => ("lance+https", format!("s3.{}.amazonaws.com", option("region").unwrap_or(REGION))),
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("store", scheme);
    query.extend_pairs(given.iter().filter(|(name, _)| !matches!(name.as_str(), "endpoint" | "store")));
    Some(format!("{start}://{host}/{}?{}", path.trim_matches('/'), query.finish()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn short_urls_are_spelled_out() {
        let out = |text| spelled_out(text).unwrap();
        assert_eq!(
            out("s3://b/x?region=eu-west-1"),
            "lance+https://s3.eu-west-1.amazonaws.com/b/x?store=s3&region=eu-west-1"
        );
        assert_eq!(out("gs://b/x"), "lance+https://storage.googleapis.com/b/x?store=gs");
        assert_eq!(out("az://c?account=acc"), "lance+https://acc.blob.core.windows.net/c?store=az&account=acc");
        assert_eq!(out("s3://b?endpoint=http%3A%2F%2F127.0.0.1:9000"), "lance+http://127.0.0.1:9000/b?store=s3");
        assert_eq!((spelled_out("lance:///x"), spelled_out("x")), (None, None));
    }
}
