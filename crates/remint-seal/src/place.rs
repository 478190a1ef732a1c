use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac::Context;
use remint_core::{SharedKey, Unavailable, UnavailableKind, length_prefixed};
use zeroize::Zeroizing;

use crate::{ClusterSecret, EntryParts};

/// Where an entry stands in the shared tier under one secret, and how its value is sealed.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    secret: &'a ClusterSecret,
    parts: EntryParts<'a>,
    name: SharedKey,
}

impl<'a> Place<'a> {
    pub(crate) fn new(secret: &'a ClusterSecret, parts: EntryParts<'a>) -> Self {
        Self { secret, parts, name: name(secret, &parts) }
    }

    /// The name that the value stands under.
    #[must_use]
    pub const fn name(&self) -> &SharedKey {
        &self.name
    }

    /// Seals a value: 29 bytes longer than it was.
    ///
    /// # Errors
    ///
    /// `Internal` if the cryptographic library fails.
    pub fn seal(&self, value: &[u8]) -> Result<Vec<u8>, Unavailable> {
        self.sealed(value).map_err(|e| Unavailable::new(UnavailableKind::Internal).with_source(e))
    }

    fn sealed(&self, value: &[u8]) -> Result<Vec<u8>, Unspecified> {
        // Room for the tag: a body that grows would leave a copy of the value behind.
        let mut body = Vec::with_capacity(value.len() + AES_256_GCM.tag_len());
        body.extend_from_slice(value);
        let nonce = self.key()?.seal_in_place_append_tag(Aad::from(self.associated()), &mut body)?;
        Ok([&[VERSION], nonce.as_ref().as_slice(), &body].concat())
    }

    /// Opens a value that was found under the [`name`](Self::name). `None` is a miss: a value of an unknown version, of
    /// another entry, or not as it was sealed.
    #[must_use]
    pub fn open(&self, value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = value.strip_prefix(&[VERSION])?.split_first_chunk::<NONCE_LEN>()?;
        let mut body = Zeroizing::new(body.to_vec());
        let key = self.key().ok()?;
        let opened = key.open_in_place(Nonce::from(nonce), Aad::from(self.associated()), &mut body).ok()?.len();
        body.truncate(opened);
        Some(body)
    }

    fn key(&self) -> Result<RandomizedNonceKey, Unspecified> {
        let mut input = Zeroizing::new(Vec::with_capacity(32 + self.parts.credential.len()));
        let slot = [self.parts.slot as u8];
        length_prefixed([&slot[..], self.parts.credential.as_bytes()], |bytes| input.extend_from_slice(bytes));
        let key = self.secret.value_key(&input, &[&[VERSION], &self.name.0])?;
        RandomizedNonceKey::new(&AES_256_GCM, &*key)
    }

    /// What the seal binds the value to.
    fn associated(&self) -> Vec<u8> {
        let mut associated = Vec::new();
        let parts = [&[VERSION][..], &self.name.0, self.parts.policy.as_bytes()];
        length_prefixed(parts, |bytes| associated.extend_from_slice(bytes));
        associated
    }
}

impl fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("parts", &self.parts).finish_non_exhaustive()
    }
}

fn name(secret: &ClusterSecret, parts: &EntryParts<'_>) -> SharedKey {
    let mut mac = Context::with_key(secret.name_key());
    let slot = [parts.slot as u8];
    let acts = [u8::from(parts.on_behalf_of.is_some())];
    let parts = [
        &slot[..],
        parts.credential.as_bytes(),
        parts.audience.as_bytes(),
        &acts,
        parts.on_behalf_of.unwrap_or_default().as_bytes(),
        parts.policy.as_bytes(),
    ];
    length_prefixed(parts, |bytes| mac.update(bytes));
    let mut name = [0; 32];
    for (to, from) in name.iter_mut().zip(mac.sign().as_ref()) {
        *to = *from;
    }
    SharedKey(name)
}

/// Of names, keys and layout. A change of any of them is another version.
const VERSION: u8 = 1;
