//! Who may do what: API keys and people at the console.

use std::collections::BTreeSet;
use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use jiff::ToSpan as _;
use shiren_core::id::{ApiKeyId, SignInId, UserId};
use shiren_core::verification::program::Mode;
use shiren_vault::Purpose;

use crate::context::{App, hash};
use crate::error::Error;
use crate::record::{ApiKey, Role, Scope, SignIn, User};
use crate::sessions::invalid;

/// Shortest password, in characters (NIST SP 800-63B-4, 3.1.1.2: 15 for a single factor).
const PASSWORD: usize = 15;
/// Hours for which somebody stays signed in at the console.
const SIGN_IN_HOURS: i64 = 12;

impl App {
    /// Makes an API key; gives its secret, which is not shown again.
    ///
    /// # Errors
    /// When the name is empty or too long.
    pub async fn create_api_key(
        &self,
        name: &str,
        mode: Mode,
        scopes: BTreeSet<Scope>,
    ) -> Result<(ApiKey, String), Error> {
        if !(1..=100).contains(&name.chars().count()) {
            return Err(invalid("name", "1 to 100 characters"));
        }
        let now = self.now();
        let (secret, hash) = self.secret(&format!("sk_{}_", mode.name()));
        let key = ApiKey {
            id: ApiKeyId::new(now, self.ten()),
            name: name.to_owned(),
            mode,
            scopes,
            created_at: now,
            revoked_at: None,
        };
        let mut tx = self.store.begin().await?;
        tx.insert_api_key(&key, hash).await?;
        tx.commit().await?;
        Ok((key, secret))
    }

    /// The key of a secret. What another process revoked opens for a second still (`known_keys.rs`).
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when there is none, or it was revoked.
    pub async fn authenticate(&self, secret: &str) -> Result<Arc<ApiKey>, Error> {
        let (hash, now) = (hash(secret), self.world_now());
        if let Some(key) = self.known_keys.find(&hash, now) {
            return Ok(key);
        }
        let key = self.store.reader().await?.api_key(hash).await?;
        let key = Arc::new(key.filter(|k| k.revoked_at.is_none()).ok_or(Error::Unauthenticated)?);
        self.known_keys.keep(hash, &key, now);
        Ok(key)
    }

    /// All keys, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        Ok(self.store.snapshot().await?.api_keys().await?)
    }

    /// Gives a key more scopes, or takes some away: those made before a scope existed lack it. In the audit log with what
    /// changed; another process goes by it within a second.
    ///
    /// # Errors
    /// When there is no such key, it was revoked, nothing is asked, or nothing would be left that it may do.
    pub async fn change_key_scopes(
        &self,
        id: &ApiKeyId,
        add: &BTreeSet<Scope>,
        remove: &BTreeSet<Scope>,
    ) -> Result<ApiKey, Error> {
        if add.is_empty() && remove.is_empty() {
            return Err(invalid("scopes", "say which to add or to remove"));
        }
        let mut tx = self.store.begin().await?;
        let key = tx.change_key_scopes(id, add, remove).await?.ok_or(Error::NotFound("API key"))?;
        if key.scopes.is_empty() {
            return Err(invalid("scopes", "nothing would be left: revoke the key instead"));
        }
        let signed =
            |sign: char, of: &BTreeSet<Scope>| of.iter().map(|s| format!("{sign}{}", s.name())).collect();
        let changed: [Vec<String>; 2] = [signed('+', add), signed('-', remove)];
        let object = id.as_str();
        self.audit(
            tx.as_mut(),
            "command line",
            "api_key.scopes_changed",
            object,
            &changed.concat().join(" "),
        )
        .await?;
        tx.commit().await?;
        self.known_keys.forget();
        Ok(key)
    }

    /// Revokes a key, from now on.
    ///
    /// # Errors
    /// When there is none, or it was revoked before.
    pub async fn revoke_api_key(&self, id: &ApiKeyId) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if !tx.revoke_api_key(id, self.now()).await? {
            return Err(Error::NotFound("API key"));
        }
        // The answers that it could still ask for.
        self.shred(tx.as_mut(), id.as_str(), &[Purpose::Secret]).await?;
        tx.commit().await?;
        self.known_keys.forget();
        Ok(())
    }

    /// Adds somebody who works at the console.
    ///
    /// # Errors
    /// When the login is taken or the password too short.
    pub async fn create_user(&self, login: &str, password: &str, role: Role) -> Result<User, Error> {
        let sound = (1..=100).contains(&login.chars().count()) && !login.chars().any(char::is_whitespace);
        if !sound {
            return Err(invalid("login", "1 to 100 characters without spaces"));
        }
        let now = self.now();
        let password = self.hashed(password)?;
        let id = UserId::new(now, self.ten());
        let user = User { id, login: login.to_owned(), password, role, created_at: now, disabled_at: None };
        let mut tx = self.store.begin().await?;
        tx.insert_user(&user).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Gives somebody another password.
    ///
    /// # Errors
    /// When there is nobody of that login, or the password is too short.
    pub async fn set_password(&self, login: &str, password: &str) -> Result<(), Error> {
        let password = self.hashed(password)?;
        let mut tx = self.store.begin().await?;
        let mut user = tx.user_by_login(login).await?.ok_or(Error::NotFound("user"))?;
        user.value.password = password;
        tx.save_user(&user).await?;
        Ok(tx.commit().await?)
    }

    /// All users, by login.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        Ok(self.store.snapshot().await?.users().await?)
    }

    /// Signs somebody in; gives the secret for the cookie. Takes as long for an unknown login as for a wrong
    /// password. `from` names where they come from.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when login and password do not fit; [`Error::TooManyTries`] after too many that
    /// failed for this login or from there, whether these fit or not.
    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
        from: Option<&str>,
    ) -> Result<(User, String), Error> {
        let began = self.now();
        let who: Vec<String> = [Some(format!("login {login}")), from.map(|from| format!("from {from}"))]
            .into_iter()
            .flatten()
            .collect();
        let too_many = |wait: jiff::SignedDuration| {
            Error::TooManyTries(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1))
        };
        self.attempts.begin(&who, began).map_err(too_many)?;
        let signed_in = self.check_in(login, password).await;
        if !matches!(signed_in, Err(Error::Unauthenticated)) {
            self.attempts.forgive(&who, began);
        }
        signed_in
    }

    async fn check_in(&self, login: &str, password: &str) -> Result<(User, String), Error> {
        let found = self.store.snapshot().await?.user_by_login(login).await?.map(|u| u.value);
        let user = found.filter(|u| u.disabled_at.is_none());
        let known = match &user {
            Some(user) => user.password.clone(),
            None => self.hashed(NOBODYS)?,
        };
        let password = password.to_owned();
        let fits = tokio::task::spawn_blocking(move || {
            let parsed = PasswordHash::new(&known);
            parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        });
        let fits = fits.await.map_err(|e| Error::Internal(e.to_string()))?;
        let user = user.filter(|_| fits).ok_or(Error::Unauthenticated)?;
        let now = self.now();
        let (cookie, hash) = self.secret("");
        let sign_in = SignIn {
            id: SignInId::new(now, self.ten()),
            user: user.id.clone(),
            created_at: now,
            expires_at: now.saturating_add(SIGN_IN_HOURS.hours()).unwrap_or(now),
        };
        let mut tx = self.store.begin().await?;
        tx.insert_sign_in(&sign_in, hash).await?;
        self.audit(
            tx.as_mut(),
            &crate::cases::user_actor(&user.id),
            "user.signed_in",
            user.id.as_str(),
            "work",
        )
        .await?;
        tx.commit().await?;
        Ok((user, cookie))
    }

    /// Who is signed in with this cookie.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when nobody is, or no longer.
    pub async fn signed_in(&self, cookie: &str) -> Result<(User, SignIn), Error> {
        let mut tx = self.store.snapshot().await?;
        let sign_in = tx.sign_in(hash(cookie)).await?.filter(|s| s.expires_at > self.now());
        let sign_in = sign_in.ok_or(Error::Unauthenticated)?;
        let user = tx.user(&sign_in.user).await?.map(|u| u.value).filter(|u| u.disabled_at.is_none());
        Ok((user.ok_or(Error::Unauthenticated)?, sign_in))
    }

    /// Signs somebody out.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out(&self, sign_in: &SignInId) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        tx.delete_sign_in(sign_in).await?;
        Ok(tx.commit().await?)
    }

    /// A password to be shown once: 100 bits, in groups that can be typed.
    pub fn pass_phrase(&self) -> String {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut bytes = [0; 20];
        self.entropy.fill(&mut bytes);
        let letters: Vec<char> = bytes.iter().map(|b| LETTERS[usize::from(b & 31)] as char).collect();
        letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    fn hashed(&self, password: &str) -> Result<String, Error> {
        if password.chars().count() < PASSWORD {
            return Err(invalid("password", format!("at least {PASSWORD} characters")));
        }
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        let internal = |e: argon2::password_hash::Error| Error::Internal(e.to_string());
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map_err(internal)?;
        Ok(hash.to_string())
    }
}

/// Hashed for a login that does not exist, so that it takes as long.
const NOBODYS: &str = "nobody has this password";
