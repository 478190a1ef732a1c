use remint_core::Network;
use remint_http_api::Read;
use serde_json::Value;

use super::list::list;
use super::text::NetworkText;
use super::unfit;

pub(crate) fn networks(value: Value) -> Read<Vec<Network>> {
    list(value, |item| NetworkText::text(item)?.parse().map_err(unfit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_spelled_as_the_standards_have_it() {
        for text in [
            "192.0.2.0/24",
            "10.0.0.1",
            "2001:db8::/32",
            "2001:DB8::1/64",
            "::1",
            "::",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
        ] {
            assert!(networks(vec![text].into()).is_ok(), "{text}");
        }
        for text in [
            "10.0.0.0/33",
            "10.0.0",
            "010.0.0.0",
            "1::2::3",
            "1:2:3:4:5:6:7:8:9",
            "::/129",
            "::ffff:10.0.0.0/104",
            "localhost",
        ] {
            assert!(networks(vec![text].into()).is_err(), "{text}");
        }
    }
}
