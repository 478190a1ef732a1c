//! The internal token: claims, minting, published key set, rotation with overlap.
