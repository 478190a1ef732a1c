use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::KeyError;

/// The bytes of one `PRIVATE KEY` block (RFC 7468 §10).
pub(crate) fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let body = text.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).ok_or(KeyError::Malformed)?;
    let body: Zeroizing<String> = Zeroizing::new(body.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    STANDARD.decode(&*body).map(Zeroizing::new).map_err(|_| KeyError::Malformed)
}

/// One `PRIVATE KEY` block.
pub(crate) fn encode(der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(der));
    let mut text = Zeroizing::new(String::with_capacity(body.len() + body.len() / LINE + BEGIN.len() + END.len() + 4));
    text.push_str(BEGIN);
    for (index, character) in body.chars().enumerate() {
        if index % LINE == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push('\n');
    text.push_str(END);
    text.push('\n');
    text
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
const LINE: usize = 64;
