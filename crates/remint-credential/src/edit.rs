use http::{HeaderName, HeaderValue};

/// One change of a request's headers.
///
/// The changes of one request never both set and remove a name, so that the order in which a surface makes
/// sets and removals does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit<'e> {
    /// This value takes the place of all lines with the name.
    Set(&'e HeaderName, &'e HeaderValue),
    /// A further line. It comes after a [`Edit::Set`] of the same name.
    Append(&'e HeaderName, &'e HeaderValue),
    /// All lines with this name go, in whatever case.
    Remove(&'e [u8]),
}
