//! API keys that were looked up a moment ago: a caller of many requests is not read from the store for each of them.
//! Looking a key up was a quarter of what retrieving a session took (`docs/measurements.md`).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};

use crate::record::{ApiKey, SecretHash};

/// For so long a key is believed unasked. A key that another process revokes (`shiren admin revoke-key`) opens for so
/// long still; one that this process revokes is forgotten at once.
const BELIEVED: SignedDuration = SignedDuration::from_secs(1);

/// Keys that were good, and when that was read. Never more than there are keys: only those that exist get in.
#[derive(Default)]
pub(crate) struct KnownKeys(RwLock<HashMap<SecretHash, (Arc<ApiKey>, Timestamp)>>);

impl KnownKeys {
    /// The key of this hash, if it was good a moment before `now`.
    pub(crate) fn find(&self, hash: &SecretHash, now: Timestamp) -> Option<Arc<ApiKey>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (key, read) = known.get(hash)?;
        let age = now.duration_since(*read);
        (!age.is_negative() && age < BELIEVED).then(|| Arc::clone(key))
    }

    /// Remembers a key that was good at `read`.
    pub(crate) fn keep(&self, hash: SecretHash, key: &Arc<ApiKey>, read: Timestamp) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(hash, (Arc::clone(key), read));
    }

    /// All are looked up again.
    pub(crate) fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shiren_core::id::ApiKeyId;
    use shiren_core::verification::program::Mode;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    #[test]
    fn a_key_is_believed_for_a_second_and_not_before_it_was_read() {
        let known = KnownKeys::default();
        let key = ApiKey {
            id: ApiKeyId::new(at(0), [0; 10]),
            name: "a".into(),
            mode: Mode::Test,
            scopes: BTreeSet::new(),
            created_at: at(0),
            revoked_at: None,
        };
        let hash = SecretHash([7; 32]);
        assert!(known.find(&hash, at(0)).is_none());
        known.keep(hash, &Arc::new(key), at(5_000));
        let found = |ms| known.find(&hash, at(ms)).is_some();
        assert_eq!([4_999, 5_000, 5_999, 6_000].map(found), [false, true, true, false]);
        assert!(known.find(&SecretHash([8; 32]), at(5_000)).is_none());
        known.forget();
        assert!(!found(5_000));
    }
}
