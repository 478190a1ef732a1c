//! RSA moduli that can be factored because of how they were made.

/// Whether the modulus (big-endian) has a factor below 168, or the marks of ROCA (CVE-2017-15361): modulo each
/// small prime it is a power of 65537. One sound modulus in some 2^28 has those marks, too.
pub(crate) fn is_weak(modulus: &[u8]) -> bool {
    let mut all_powers = true;
    for prime in PRIMES {
        let residue = modulus.iter().fold(0, |residue, byte| ((residue << 8) + u32::from(*byte)) % prime);
        if residue == 0 {
            return true;
        }
        all_powers = all_powers && is_power(residue, prime);
    }
    all_powers
}

/// Whether a residue is a power of 65537 modulo the prime.
fn is_power(residue: u32, prime: u32) -> bool {
    let generator = 65537 % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == residue {
            return true;
        }
        power = power * generator % prime;
    }
    false
}

/// The odd primes of the primorial on which RSALib builds keys of 512 bits; longer keys use more.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// 65537 to this power, which is a power of 65537 modulo every prime.
    fn marked(exponent: u32) -> Vec<u8> {
        (0..exponent).fold(vec![1], |power, _| times(&power, 65537))
    }

    fn times(number: &[u8], factor: u32) -> Vec<u8> {
        let mut product = Vec::new();
        let mut carry = 0_u32;
        for byte in number.iter().rev() {
            carry += u32::from(*byte) * factor;
            product.push((carry % 256) as u8);
            carry /= 256;
        }
        while carry > 0 {
            product.push((carry % 256) as u8);
            carry /= 256;
        }
        product.reverse();
        product
    }

    /// 2^2048 + 1, whose smallest factor is 319,489.
    fn unmarked() -> Vec<u8> {
        let mut number = vec![0; 257];
        (number[0], number[256]) = (1, 1);
        number
    }

    #[test]
    fn a_modulus_with_the_marks_of_roca_is_weak() {
        for exponent in [64, 127, 128] {
            assert!(is_weak(&marked(exponent)), "{exponent}");
        }
        assert!(!is_weak(&unmarked()));
    }

    #[test]
    fn a_modulus_with_a_small_factor_is_weak() {
        for prime in PRIMES {
            assert!(is_weak(&times(&unmarked(), prime)), "{prime}");
        }
        assert!(!is_weak(&times(&unmarked(), 173)));
    }
}
