//! A token of its own for each test. One test at a time: the module has one login for a whole process.

use std::env;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::Attribute;
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use remint_jwt::Algorithm;
use remint_pkcs11::{Pin, Pkcs11Signer, Pkcs11SignerBuilder};
use tokio::sync::{Mutex, MutexGuard};

pub(crate) const PIN: &str = "pin-canary-1";
pub(crate) const OTHER_PIN: &str = "pin-canary-2";
pub(crate) const KEY: &str = "signing";

/// A token.
pub(crate) struct Hsm {
    pub(crate) label: String,
    _alone: MutexGuard<'static, ()>,
}

impl Hsm {
    /// Without a key.
    pub(crate) async fn empty() -> Self {
        static ALONE: Mutex<()> = Mutex::const_new(());
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let alone = ALONE.lock().await;
        start();
        let label = format!("remint-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let (module, officer) = (library(), AuthPin::from("officer-pin".to_owned()));
        let uninitialised = module.get_slots_with_token().unwrap().into_iter();
        let free = uninitialised.rev().find(|slot| !module.get_token_info(*slot).unwrap().token_initialized());
        let free = free.expect("SoftHSM always has one more slot");
        module.init_token(free, &officer, &label).unwrap();
        let hsm = Self { label, _alone: alone };
        let session = module.open_rw_session(hsm.slot()).unwrap();
        session.login(UserType::So, Some(&officer)).unwrap();
        session.init_pin(&pin(PIN)).unwrap();
        session.logout().unwrap();
        hsm
    }

    /// With a key for that algorithm, called [`KEY`].
    pub(crate) async fn with_key(algorithm: Algorithm) -> Self {
        let hsm = Self::empty().await;
        hsm.generate(algorithm, KEY, &[1]);
        hsm
    }

    pub(crate) fn generate(&self, algorithm: Algorithm, label: &str, id: &[u8]) {
        let mut public = vec![Attribute::Token(true), Attribute::Private(false), Attribute::Verify(true)];
        let mut private = vec![
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ];
        for template in [&mut public, &mut private] {
            template.extend([Attribute::Label(label.into()), Attribute::Id(id.into())]);
        }
        let mechanism = if algorithm == Algorithm::Es256 {
            public.push(Attribute::EcParams(P256.into()));
            Mechanism::EccKeyPairGen
        } else {
            public.extend([Attribute::ModulusBits(2048.into()), Attribute::PublicExponent(vec![1, 0, 1])]);
            Mechanism::RsaPkcsKeyPairGen
        };
        let session = self.session(PIN);
        session.generate_key_pair(&mechanism, &public, &private).unwrap();
    }

    pub(crate) fn builder(&self) -> Pkcs11SignerBuilder {
        Pkcs11Signer::builder(path(), &self.label, Pin::new(PIN)).key_label(KEY)
    }

    pub(crate) async fn signer(&self) -> Pkcs11Signer {
        self.builder().connect().await.unwrap()
    }

    /// A session that is logged in, with a signer or without.
    pub(crate) fn session(&self, with: &str) -> Session {
        let session = library().open_rw_session(self.slot()).unwrap();
        match session.login(UserType::User, Some(&pin(with))) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => session,
            Err(error) => panic!("{error}"),
        }
    }

    fn slot(&self) -> Slot {
        let module = library();
        let slots = module.get_slots_with_initialized_token().unwrap();
        slots.into_iter().find(|slot| module.get_token_info(*slot).unwrap().label() == self.label).unwrap()
    }
}

/// Starts the module, if it is not running.
pub(crate) fn start() {
    match library().initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => panic!("{error}"),
    }
}

/// Ends the module, as its host does that goes away: sessions and logins are gone.
pub(crate) fn end() {
    library().finalize().unwrap();
}

pub(crate) fn path() -> String {
    env::var("REMINT_E2E_PKCS11").expect("REMINT_E2E_PKCS11: the tests of PKCS #11 are run by `cargo xtask test`")
}

pub(crate) fn pin(text: &str) -> AuthPin {
    AuthPin::from(text.to_owned())
}

/// Loaded once: a library that is unloaded forgets that it was started.
fn library() -> Pkcs11 {
    static LOADED: OnceLock<Pkcs11> = OnceLock::new();
    LOADED.get_or_init(|| Pkcs11::new(path()).unwrap()).clone()
}

/// The object identifier of the curve in DER.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
