//! Envoy's `x-forwarded-client-cert`: `By=…;Hash=…;Subject="…",By=…;Hash=…`, one element for each proxy.

/// `Hash` of the last element: the certificate that the peer of the last proxy proved to hold.
///
/// What stands to the left may be of the client's making. It is read by the same rules, so that no quote in
/// it can change what the last element is: whatever leaves that open is refused.
pub(super) fn hash(text: &str) -> Option<[u8; 32]> {
    let mut hash = None;
    for pair in pairs(split(text, b',')?.pop()?)? {
        let (name, value) = pair.split_once('=')?;
        if name.eq_ignore_ascii_case("hash") && hash.replace(sha256(value)?).is_some() {
            return None;
        }
    }
    hash
}

fn pairs(element: &str) -> Option<Vec<&str>> {
    split(element.trim_matches([' ', '\t']), b';')
}

/// What the separator parts, if it stands outside of quoted strings. `None` if a quoted string does not end,
/// or a backslash stands where it escapes nothing.
fn split(text: &str, separator: u8) -> Option<Vec<&str>> {
    let (mut parts, mut begin, mut quoted) = (Vec::new(), 0, false);
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => {
                bytes.next().filter(|(_, escaped)| matches!(escaped, b'"' | b'\\'))?;
            }
            b'\\' => return None,
            byte if byte == separator && !quoted => {
                parts.push(text.get(begin..at)?);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(begin..)?);
    (!quoted).then_some(parts)
}

/// Sixty-four hexadecimal digits.
fn sha256(text: &str) -> Option<[u8; 32]> {
    let (digits, rest) = text.as_bytes().as_chunks::<2>();
    if digits.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, [high, low]) in hash.iter_mut().zip(digits) {
        *byte = hex(*high)? << 4 | hex(*low)?;
    }
    Some(hash)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| digit.try_into().ok())
}
