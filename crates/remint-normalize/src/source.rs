/// Where the tokens of a line come from.
#[derive(Debug)]
pub(crate) enum Source<L, R> {
    /// The line authenticates and mints by itself.
    Local(L),
    /// A server authenticates and mints.
    Remote(R),
}
