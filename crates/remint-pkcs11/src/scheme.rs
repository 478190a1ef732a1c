use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, KeyType};
use remint_jwt::Algorithm;
use sha2::{Digest as _, Sha256};

/// What an algorithm is in the words of PKCS #11.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Es256,
    Rs256,
    Ps256,
}

impl Scheme {
    pub(crate) const fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Es256 => Some(Self::Es256),
            Algorithm::Rs256 => Some(Self::Rs256),
            Algorithm::Ps256 => Some(Self::Ps256),
            _ => None,
        }
    }

    pub(crate) const fn algorithm(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::Es256,
            Self::Rs256 => Algorithm::Rs256,
            Self::Ps256 => Algorithm::Ps256,
        }
    }

    pub(crate) const fn is_ec(self) -> bool {
        matches!(self, Self::Es256)
    }

    /// The type of its keys.
    pub(crate) const fn key_type(self) -> Attribute {
        Attribute::KeyType(if self.is_ec() { KeyType::EC } else { KeyType::RSA })
    }

    /// What the token is to sign with. For ECDSA it is given the digest: every token can do that, few
    /// hash by themselves. The answer is `r ‖ s` either way.
    pub(crate) fn mechanism(self) -> Mechanism<'static> {
        match self {
            Self::Es256 => Mechanism::Ecdsa,
            Self::Rs256 => Mechanism::Sha256RsaPkcs,
            Self::Ps256 => Mechanism::Sha256RsaPkcsPss(PkcsPssParams {
                hash_alg: MechanismType::SHA256,
                mgf: PkcsMgfType::MGF1_SHA256,
                s_len: 32.into(),
            }),
        }
    }

    /// What it is to sign.
    pub(crate) fn prepare(self, signing_input: &[u8]) -> Vec<u8> {
        if self.is_ec() { Sha256::digest(signing_input).to_vec() } else { signing_input.to_vec() }
    }
}
