//! Finds the addresses of a name, and gives only those that may be called to whoever connects.
//!
//! The client connects to what it is given here and asks nobody else, so that there is no moment between looking
//! and connecting in which the name could come to stand for another address.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{Rules, allowed};

/// The addresses of a name, later.
pub(super) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Who knows the addresses of names.
pub(super) trait Lookup: Send + Sync {
    fn lookup(&self, name: String) -> Found;
}

/// The system: its hosts file and its name servers.
pub(super) struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: String) -> Found {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Passes on what the rules allow.
pub(super) struct GuardedResolver {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) rules: Rules,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, rules) = (Arc::clone(&self.lookup), self.rules);
        Box::pin(async move {
            let found = lookup.lookup(name.as_str().to_owned()).await?;
            let addresses = allowed(name.as_str(), found, rules)?;
            // Port 0 stands for the one in the URL.
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
