//! Whether 32 bytes are a point of Ed25519 that can be somebody's key: the cryptographic library takes any.

use crate::KeyError;

/// A point of the curve (RFC 8032 §5.1.3) that is not of small order.
///
/// # Errors
///
/// [`KeyError::Malformed`] if it is no point of the curve, [`KeyError::Weak`] if its order divides eight: for
/// such a key signatures can be made that verify over anything.
pub(crate) fn check(point: &[u8; 32]) -> Result<(), KeyError> {
    let mut y = *point;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    if SMALL_ORDER.contains(&y) {
        return Err(KeyError::Weak);
    }
    let number = Field::from_bytes(&y);
    if number.to_bytes() == y && has_x(number) { Ok(()) } else { Err(KeyError::Malformed) }
}

/// Whether there is an `x` for this `y`: x² = (y² − 1) / (d·y² + 1) with d = −121665/121666. The quotient is a
/// square if and only if (y² − 1) · (121666 − 121665·y²) · 121666 is one.
fn has_x(y: Field) -> bool {
    let square = y.times(y);
    let numerator = square.minus(Field::ONE);
    let denominator = Field::small(121_666).minus(Field::small(121_665).times(square));
    numerator.times(denominator).times(Field::small(121_666)).is_square()
}

/// A number modulo p = 2^255 − 19 in five digits of 51 bits and a little more, the lowest first.
#[derive(Clone, Copy)]
struct Field([u64; 5]);

impl Field {
    const ONE: Self = Self::small(1);

    const fn small(number: u64) -> Self {
        Self([number, 0, 0, 0, 0])
    }

    /// Little-endian, below 2^255.
    fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut digits = [0; 5];
        for (index, byte) in bytes.iter().enumerate() {
            for bit in 0..8 {
                let at = 8 * index + bit;
                if let Some(digit) = digits.get_mut(at / 51) {
                    *digit |= u64::from(byte >> bit & 1) << (at % 51);
                }
            }
        }
        Self(digits)
    }

    /// Little-endian, below p.
    fn to_bytes(self) -> [u8; 32] {
        let Self(reduced) = self.carried().carried();
        // p is taken away if the number is not below it: then adding 19 carries out of the last digit.
        let carry = reduced.iter().fold(19, |carry, digit| (digit + carry) >> 51);
        let mut carry = 19 * carry;
        let mut bytes = [0; 32];
        for (index, digit) in reduced.into_iter().enumerate() {
            let sum = digit + carry;
            carry = sum >> 51;
            for bit in 0..51 {
                let at = 51 * index + bit;
                if let Some(byte) = bytes.get_mut(at / 8) {
                    *byte |= u8::from(sum >> bit & 1 == 1) << (at % 8);
                }
            }
        }
        bytes
    }

    fn minus(self, other: Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, other.carried().0);
        // 16·p, so that no digit falls below zero.
        let (low, high) = ((1 << 55) - 304, (1 << 55) - 16);
        Self([a0 + low - b0, a1 + high - b1, a2 + high - b2, a3 + high - b3, a4 + high - b4]).carried()
    }

    fn times(self, other: Self) -> Self {
        let [a0, a1, a2, a3, a4] = self.0.map(u128::from);
        let [b0, b1, b2, b3, b4] = other.0.map(u128::from);
        // A carry out of the last digit is worth 19 in the first.
        let products = [
            a0 * b0 + 19 * (a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1),
            a0 * b1 + a1 * b0 + 19 * (a2 * b4 + a3 * b3 + a4 * b2),
            a0 * b2 + a1 * b1 + a2 * b0 + 19 * (a3 * b4 + a4 * b3),
            a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + 19 * (a4 * b4),
            a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0,
        ];
        let mut carry = 0;
        let [d0, rest @ ..] = products.map(|product| {
            let sum = product + carry;
            carry = sum >> 51;
            sum as u64 & MASK
        });
        let [d1, d2, d3, d4] = rest;
        let first = u128::from(d0) + 19 * carry;
        Self([first as u64 & MASK, d1 + (first >> 51) as u64, d2, d3, d4])
    }

    /// Each digit below 2^51 and a little more.
    fn carried(self) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        let [c0, c1, c2, c3, c4] = self.0.map(|digit| digit >> 51);
        Self([(a0 & MASK) + 19 * c4, (a1 & MASK) + c0, (a2 & MASK) + c1, (a3 & MASK) + c2, (a4 & MASK) + c3])
    }

    /// Euler's criterion: the power (p − 1) / 2 = 2^254 − 10 is 1, or the number is 0.
    fn is_square(self) -> bool {
        let power = (0..254).rev().fold(Self::ONE, |power, bit| {
            let square = power.times(power);
            if bit == 0 || bit == 3 { square } else { square.times(self) }
        });
        power.to_bytes() == Self::ONE.to_bytes() || self.to_bytes() == Self::small(0).to_bytes()
    }
}

const MASK: u64 = (1 << 51) - 1;

/// The `y` of the eight points whose order divides eight.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    with_first(1, 0, 0),
    with_first(0xec, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

const fn with_first(first: u8, between: u8, last: u8) -> [u8; 32] {
    let b = between;
    [first, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, last]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, SigningKey};

    /// `y` with this lowest byte and nothing above.
    fn low(first: u8) -> [u8; 32] {
        with_first(first, 0, 0)
    }

    #[test]
    fn every_key_that_is_made_is_a_point() {
        for _ in 0..200 {
            let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
            let x = key.public_jwk().to_json()["x"].as_str().map(crate::base64url::decode).unwrap().unwrap();
            let point: [u8; 32] = x.try_into().unwrap();
            assert_eq!(check(&point), Ok(()), "{point:02x?}");
        }
    }

    #[test]
    fn points_are_told_from_what_lies_off_the_curve() {
        // Worked out with whole numbers by the formula of RFC 8032 §5.1.3.
        for first in [3, 4, 5, 6, 9, 10, 14, 15, 16, 18, 19, 21, 23, 24, 25, 26, 27, 28, 29, 30, 32, 33, 35, 37, 39] {
            assert_eq!(check(&low(first)), Ok(()), "{first}");
        }
        for first in [2, 7, 8, 11, 12, 13, 17, 20, 22, 31, 34, 36, 38] {
            assert_eq!(check(&low(first)), Err(KeyError::Malformed), "{first}");
        }
    }

    #[test]
    fn a_point_of_small_order_is_weak_whatever_its_sign() {
        for mut point in SMALL_ORDER {
            assert_eq!(check(&point), Err(KeyError::Weak));
            point[31] |= 0x80;
            assert_eq!(check(&point), Err(KeyError::Weak));
        }
    }

    #[test]
    fn a_number_that_is_not_below_p_is_no_point() {
        // p, which would be 0, and p + 3, which would be 3: a point.
        for first in [0xed, 0xf0] {
            let point = with_first(first, 0xff, 0x7f);
            assert_eq!(check(&point), Err(KeyError::Malformed), "{first}");
        }
    }
}
