//! Fingerprint, memory tier, single flight and the revocation table.
