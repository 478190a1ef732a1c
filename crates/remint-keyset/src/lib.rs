//! Remote key sets that stay usable.
