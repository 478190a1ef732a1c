/// Feeds each part to a hash, its length before it (8 bytes, big-endian): no two lists of parts feed the same
/// bytes.
///
/// What is stored by such a digest is found again by it, so these bytes never change.
///
/// ```
/// use remint_core::length_prefixed;
///
/// let mut fed = Vec::new();
/// length_prefixed([&b"ab"[..], b"c"], |bytes| fed.extend_from_slice(bytes));
/// assert_eq!(fed, b"\0\0\0\0\0\0\0\x02ab\0\0\0\0\0\0\0\x01c");
/// ```
pub fn length_prefixed<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>, mut feed: impl FnMut(&[u8])) {
    for part in parts {
        let part = part.as_ref();
        feed(&(part.len() as u64).to_be_bytes());
        feed(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(parts: &[&str]) -> Vec<u8> {
        let mut fed = Vec::new();
        length_prefixed(parts, |bytes| fed.extend_from_slice(bytes));
        fed
    }

    #[test]
    fn parts_are_not_joined() {
        let lists: [&[&str]; 7] = [&["ab", "c"], &["a", "bc"], &["abc"], &["abc", ""], &["", "abc"], &[], &[""]];
        for (nth, one) in lists.iter().enumerate() {
            for other in &lists[nth + 1..] {
                assert_ne!(fed(one), fed(other), "{one:?} {other:?}");
            }
        }
        assert!(fed(&[]).is_empty());
    }
}
