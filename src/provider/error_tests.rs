use super::*;

#[test]
fn a_cause_that_ends_its_own_sentence_gets_no_second_point() {
    let cause = || "Permission denied. ".to_owned();
    let address = || "db:1".to_owned();
    for error in [
        ProviderError::Unauthorized { address: address(), cause: cause() },
        ProviderError::BadRequest { cause: cause(), mend: "Correct it.".to_owned() },
        ProviderError::TunnelRefused { host: address(), cause: cause() },
        ProviderError::Server { address: address(), cause: cause() },
        ProviderError::Unsupported { product: "x", reason: cause() },
        ProviderError::NoSecret { cause: cause() },
    ] {
        let text = error.to_string();
        assert!(text.contains("Permission denied.") && !text.contains(".."), "{text}");
        assert!(!text.contains(". ."), "{text}");
    }
}
