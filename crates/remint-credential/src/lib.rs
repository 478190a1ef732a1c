//! Finds exactly one credential in a set of HTTP headers.
