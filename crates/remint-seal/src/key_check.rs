use std::fmt;

/// Tells two cluster secrets apart, and nothing else about them: 16 bytes of HKDF-SHA-256. It is public.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyCheck(pub(crate) [u8; 16]);

impl KeyCheck {
    pub(crate) const LEN: usize = 16;
}

/// 32 hexadecimal digits, for logs.
impl fmt::Display for KeyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyCheck({self})")
    }
}
