//! A tower layer that puts one internal token in place of any credential.
