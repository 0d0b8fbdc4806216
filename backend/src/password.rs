//! Password hashes. A hash carries its own cost, so the cost can be raised without a migration.

use crate::http::limits::LONGEST_PASSWORD;
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq;

/// Example accounts publish their password, so their hashes need to be quick rather than hard.
const EXAMPLE_COST: Cost = Cost {
    memory_kib: 1024,
    passes: 1,
};
const LENGTH: usize = 32;

#[derive(Clone, Copy)]
struct Cost {
    memory_kib: u32,
    passes: u32,
}

/// Hashes the password of an example account.
pub(crate) fn hash_example(password: &str) -> Option<String> {
    let mut salt = [0u8; 16];
    getrandom::fill(&mut salt).ok()?;
    let hash = derive(password, &salt, EXAMPLE_COST)?;
    Some(format!(
        "argon2id${}${}${}${}",
        EXAMPLE_COST.memory_kib,
        EXAMPLE_COST.passes,
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(hash),
    ))
}

/// Whether the password belongs to the stored hash. A hash that can't be read fits nothing.
pub(crate) fn matches(password: &str, stored: &str) -> bool {
    let Some((cost, salt, expected)) = read(stored) else {
        return false;
    };
    match derive(password, &salt, cost) {
        Some(actual) => actual.ct_eq(expected.as_slice()).into(),
        None => false,
    }
}

/// Costs as much as a real comparison, so that the time does not tell which logins exist.
pub(crate) fn waste_the_same_time(password: &str) {
    let _ = derive(password, &[0; 16], EXAMPLE_COST);
}

fn derive(password: &str, salt: &[u8], cost: Cost) -> Option<[u8; LENGTH]> {
    if password.chars().count() > LONGEST_PASSWORD {
        return None;
    }
    let parameters = Params::new(cost.memory_kib, cost.passes, 1, Some(LENGTH)).ok()?;
    let mut out = [0u8; LENGTH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(password.as_bytes(), salt, &mut out)
        .ok()?;
    Some(out)
}

fn read(stored: &str) -> Option<(Cost, Vec<u8>, Vec<u8>)> {
    let mut parts = stored.strip_prefix("argon2id$")?.split('$');
    let cost = Cost {
        memory_kib: parts.next()?.parse().ok()?,
        passes: parts.next()?.parse().ok()?,
    };
    let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    let hash = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    Some((cost, salt, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_fits_its_hash() {
        let stored = hash_example("casement").expect("the system has randomness");
        assert!(matches("casement", &stored));
        assert!(!matches("Casement", &stored));
        assert!(!matches("casement", "argon2id$1024$1$broken"));
    }

    #[test]
    fn an_enormous_password_is_refused_instead_of_hashed() {
        let stored = hash_example("casement").expect("the system has randomness");
        assert!(!matches(&"x".repeat(5_000_000), &stored));
    }
}
