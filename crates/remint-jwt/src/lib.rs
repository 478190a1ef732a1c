//! JWS and JWK as strict as RFC 8725 asks.
