//! Checks a credential once and exchanges it for one internal token.
