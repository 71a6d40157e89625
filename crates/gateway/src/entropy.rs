//! Randomness of the operating system.

use shiren_app::port::Entropy;

/// Gives what the operating system's generator gives.
#[derive(Clone, Copy, Debug)]
pub struct SystemEntropy(());

/// The operating system gives no randomness; nothing can be started without.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no randomness: {0}")]
pub struct NoEntropy(getrandom::Error);

impl SystemEntropy {
    /// Tries it once, so that a machine without randomness is noticed at the start and not at the first secret.
    pub fn new() -> Result<Self, NoEntropy> {
        getrandom::fill(&mut [0; 32]).map_err(NoEntropy)?;
        Ok(Self(()))
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // It worked at the start and cannot cease to. If it does, going on would mean secrets of zeros.
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_fillings_are_equal() {
        let entropy = SystemEntropy::new().unwrap();
        let (mut one, mut other) = ([0; 32], [0; 32]);
        entropy.fill(&mut one);
        entropy.fill(&mut other);
        assert_ne!(one, other);
        assert_ne!(one, [0; 32]);
    }
}
