use remint::HttpClient;
use remint_keyset::{HttpFetch, Url};

use super::section::Section;

/// `[leaked_keys]`: whose reports of keys that were found in public are believed; nobody's if it is
/// empty.
pub(super) fn read(mut section: Section<'_, '_>, http: &HttpClient) -> Option<Url> {
    let uri = section.or("public_keys_uri", GITHUB.to_owned());
    let url = Url::parse(&uri).ok().filter(|url| http.permits(url));
    if url.is_none() && !uri.is_empty() {
        let message = "`leaked_keys.public_keys_uri`: an https address (or of this machine), or \"\" for no reports";
        section.problem(&uri.origin, message);
    }
    section.finish();
    url
}

const GITHUB: &str = "https://api.github.com/meta/public_keys/secret_scanning";
