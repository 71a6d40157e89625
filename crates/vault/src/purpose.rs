//! What keys are for.

use std::fmt;

/// What a data key is for: each can be shredded by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Name, number, dates: the identity record.
    Identity,
    /// Face templates.
    Face,
    /// Face templates of a shop's owner, kept to tell later whether they still operate it.
    Baseline,
    /// Pictures.
    Evidence,
    /// Secrets of the operator's own systems: webhook secrets.
    Secret,
}

impl Purpose {
    /// All, in the order of their declaration.
    pub const ALL: [Self; 5] = [Self::Identity, Self::Face, Self::Baseline, Self::Evidence, Self::Secret];

    /// The name used in stores and audit logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Face => "face",
            Self::Baseline => "baseline",
            Self::Evidence => "evidence",
            Self::Secret => "secret",
        }
    }

    /// The purpose of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_is_found_by_its_name() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::named(purpose.name()), Some(purpose));
        }
        assert_eq!(Purpose::named("anything"), None);
    }
}
