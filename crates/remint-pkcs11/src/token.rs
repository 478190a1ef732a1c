use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use remint_jwt::Jwk;

use crate::scheme::Scheme;
use crate::{Pin, Pkcs11Error, public};

/// One private key of one token, and the sessions that are open with it. All of it blocks.
pub(crate) struct Token {
    pub(crate) module: Pkcs11,
    pub(crate) label: String,
    pub(crate) pin: Pin,
    pub(crate) key: Vec<Attribute>,
    pub(crate) scheme: Scheme,
    /// Sessions that nobody uses just now.
    pub(crate) idle: Mutex<Vec<Open>>,
    /// One login at a time: a wrong PIN is tried once and not by everyone.
    pub(crate) login: Mutex<()>,
    pub(crate) pin_refused: AtomicBool,
}

/// A session that is logged in, and the key in it.
pub(crate) struct Open {
    session: Session,
    key: ObjectHandle,
}

impl Token {
    /// Signs in a session that is open already, and else, or if that fails, in a new one.
    pub(crate) fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, Pkcs11Error> {
        let data = self.scheme.prepare(signing_input);
        // Not in the condition: the lock would be held while the token works.
        let idle = self.idle().pop();
        if let Some(open) = idle {
            match open.session.sign(&self.scheme.mechanism(), open.key, &data) {
                Ok(signature) => return Ok(self.done(open, signature)),
                // What ended this one (a restart, a token that was taken out) has ended all.
                Err(_) => drop(std::mem::take(&mut *self.idle())),
            }
        }
        let open = self.open()?;
        let signature = open.session.sign(&self.scheme.mechanism(), open.key, &data)?;
        Ok(self.done(open, signature))
    }

    /// The public key of the pair, as the token has it.
    pub(crate) fn public(&self) -> Result<Jwk, Pkcs11Error> {
        let open = self.open()?;
        let object = self.find(&open.session, ObjectClass::PUBLIC_KEY, "public")?;
        let jwk = public::read(&open.session, object, self.scheme)?;
        self.idle().push(open);
        Ok(jwk)
    }

    fn done(&self, open: Open, signature: Vec<u8>) -> Vec<u8> {
        self.idle().push(open);
        signature
    }

    fn open(&self) -> Result<Open, Pkcs11Error> {
        let session = self.module.open_ro_session(self.slot()?)?;
        self.log_in(&session)?;
        let key = self.find(&session, ObjectClass::PRIVATE_KEY, "private")?;
        Ok(Open { session, key })
    }

    fn slot(&self) -> Result<Slot, Pkcs11Error> {
        let mut found = Vec::new();
        for slot in self.module.get_slots_with_token()? {
            // A slot whose token was taken out in between is none of ours.
            if self.module.get_token_info(slot).is_ok_and(|token| token.label() == self.label) {
                found.push(slot);
            }
        }
        match *found {
            [slot] => Ok(slot),
            _ => Err(Pkcs11Error::Token { count: found.len() }),
        }
    }

    /// The login is the whole process's, and lasts for as long as one of its sessions is open.
    fn log_in(&self, session: &Session) -> Result<(), Pkcs11Error> {
        let _one_at_a_time = self.login.lock().unwrap_or_else(PoisonError::into_inner);
        if self.pin_refused.load(Ordering::Relaxed) {
            return Err(Pkcs11Error::Pin);
        }
        match session.login(UserType::User, Some(self.pin.secret())) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(Error::Pkcs11(reason, _)) if is_refusal(&reason) => {
                self.pin_refused.store(true, Ordering::Relaxed);
                Err(Pkcs11Error::Pin)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn find(&self, session: &Session, class: ObjectClass, kind: &'static str) -> Result<ObjectHandle, Pkcs11Error> {
        let mut template = vec![Attribute::Class(class), self.scheme.key_type()];
        template.extend(self.key.iter().cloned());
        let found = session.find_objects(&template)?;
        match *found {
            [key] => Ok(key),
            _ => Err(Pkcs11Error::Key { kind, count: found.len() }),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Open>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("label", &self.label).field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// Whether another attempt with the same PIN can only do harm.
const fn is_refusal(reason: &RvError) -> bool {
    matches!(
        reason,
        RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange | RvError::PinExpired | RvError::PinLocked
    )
}
