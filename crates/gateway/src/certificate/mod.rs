//! TLS certificates: the operator's own, or one that the server makes for itself.
//!
//! Browsers give the camera to pages that came over TLS only, also on the local network. So a phone can be tried
//! without a public name: it warns once, and whoever installs the certificate on it is not warned again.

mod made;
mod names;

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

pub use made::self_signed;
pub use names::{Names, local_addresses};

/// A certificate with those above it, and its key, in PEM. They fit together.
#[derive(Clone)]
pub struct CertifiedPem {
    /// The server's certificate first.
    pub chain: Vec<u8>,
    /// The private key.
    pub key: Zeroizing<Vec<u8>>,
}

/// Why there is no certificate to serve with.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It is no name and no address.
    #[error("{0:?} is neither a host name nor an address")]
    Name(String),
    /// There is no name to make a certificate for.
    #[error("a certificate needs at least one name or address")]
    NoNames,
    /// What was read is no certificate.
    #[error("there is no certificate in PEM form in the file of certificates")]
    NoCertificate,
    /// What was read is no key. Does not say what it was.
    #[error("there is no unencrypted private key in PEM form in the file of the key")]
    NoKey,
    /// Certificate and key cannot be used, or do not belong together.
    #[error("certificate and key cannot be used: {0}")]
    Unfit(rustls::Error),
    /// It could not be made.
    #[error("the certificate could not be made: {0}")]
    NotMade(rcgen::Error),
}

impl CertifiedPem {
    /// From the operator's files.
    pub fn load(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let pem = Self { chain: read(chain)?, key: Zeroizing::new(read(key)?) };
        // Better to be told at the start than by the first visitor.
        pem.server_config()?;
        Ok(pem)
    }

    /// What a server serves with: TLS 1.2 and 1.3, HTTP/1.1.
    pub fn server_config(&self) -> Result<ServerConfig, CertificateError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.chain)
            .collect::<Result<_, _>>()
            .map_err(|_| CertificateError::NoCertificate)?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| CertificateError::NoKey)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(CertificateError::Unfit)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(CertificateError::Unfit)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

impl fmt::Debug for CertifiedPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertifiedPem(…)")
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(path).map_err(|error| io_error(path, error))
}

fn io_error(path: &Path, error: io::Error) -> CertificateError {
    CertificateError::Io { path: path.to_owned(), error }
}
