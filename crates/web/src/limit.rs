//! How often somebody may ask: by API key, and by address where there is no key. Counted in memory, by each server
//! for itself: it keeps one caller from crowding out the others, and is no accounting.

use std::convert::Infallible;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State as Shared};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use shiren_app::record::ApiKey;

use crate::api::Problem;
use crate::browser;
use crate::page::FailureKind;
use crate::state::{Site, State};

/// After so many requests those who have not come for long are forgotten.
const TIDY_EVERY: u32 = 4096;

/// How often somebody may ask.
#[derive(Clone, Debug, Default)]
pub struct Limiting {
    /// Requests per minute under one API key; without a limit when 0.
    pub per_key: u32,
    /// Requests per minute from one address to pages, and to the API without a key; without a limit when 0.
    pub per_address: u32,
    /// The header in which a proxy of the operator's own tells the client's address, as its last entry. Empty: the
    /// address that the connection comes from.
    pub client_address_header: String,
}

/// Who has asked how often.
pub struct Limits {
    keys: Option<Limit<String>>,
    addresses: Option<Limit<IpAddr>>,
}

impl Limits {
    pub(crate) fn new(limiting: &Limiting) -> Self {
        Self { keys: Limit::new(limiting.per_key), addresses: Limit::new(limiting.per_address) }
    }

    /// Counts a request under a key.
    pub(crate) fn key(&self, key: &ApiKey) -> Result<(), Problem> {
        self.keys.as_ref().map_or(Ok(()), |limit| limit.take(&key.id.to_string())).map_err(too_many)
    }

    /// Counts a request from an address; one that is not known is not counted.
    pub(crate) fn address(&self, client: Client) -> Result<(), Problem> {
        match (&self.addresses, client.0) {
            (Some(limit), Some(address)) => limit.take(&network(address)).map_err(too_many),
            _ => Ok(()),
        }
    }
}

/// A minute's worth may come at once; then it flows.
struct Limit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    counted: AtomicU32,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(per_minute: u32) -> Option<Self> {
        let limiter = RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(per_minute)?));
        Some(Self { limiter, clock: DefaultClock::default(), counted: AtomicU32::new(0) })
    }

    fn take(&self, who: &K) -> Result<(), Duration> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(who).map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}

fn too_many(wait: Duration) -> Problem {
    let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "too many requests in a minute")
        .fix("Wait as long as `Retry-After` says.")
        .retry_after(seconds)
}

/// Where a request comes from, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl Client {
    pub(crate) fn of(headers: &HeaderMap, extensions: &Extensions, site: &Site) -> Self {
        let peer = || extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let name = site.limiting.client_address_header.as_str();
        let told = (!name.is_empty()).then(|| last_entry(headers, name)).flatten();
        Self(told.or_else(peer))
    }
}

impl FromRequestParts<State> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, &parts.extensions, &state.site))
    }
}

/// What stands before the last entry came from the client itself, and may be a lie.
fn last_entry(headers: &HeaderMap, name: &str) -> Option<IpAddr> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    let entry = value.rsplit(',').next()?.trim();
    entry.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|a| a.ip()))
}

/// Who has one IPv6 address has a /64 full of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// The name under which a client's failed sign-ins are counted.
pub(crate) fn counted_as(client: Client) -> Option<String> {
    client.0.map(|address| network(address).to_string())
}

/// Stands before pages: a browser gets a page, everybody else a problem.
pub(crate) async fn pages(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let client = Client::of(request.headers(), request.extensions(), &state.site);
    let Err(problem) = state.limits.address(client) else { return next.run(request).await };
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok());
    if !accepts.is_some_and(|types| types.contains("text/html")) {
        return problem.into_response();
    }
    let mut page = browser::failure(&state, request.headers(), request.uri(), FailureKind::Busy);
    *page.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    page.headers_mut().insert(header::RETRY_AFTER, problem.retry_after.unwrap_or(1).into());
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_minute() {
        let limit = Limit::<&str>::new(3).unwrap();
        assert!((0..3).all(|_| limit.take(&"a").is_ok()));
        let wait = limit.take(&"a").unwrap_err();
        assert!(wait <= Duration::from_secs(20), "{wait:?}");
        assert!(limit.take(&"b").is_ok());
        assert!(Limit::<&str>::new(0).is_none(), "0 is no limit");
    }

    #[test]
    fn only_what_the_own_proxy_wrote_is_believed() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "6.6.6.6, 198.51.100.7".parse().unwrap());
        let client = |header: &str, peer: Option<&str>| {
            let limiting = Limiting { client_address_header: header.to_owned(), ..Limiting::default() };
            let site = Site { limiting, ..Site::default() };
            let mut extensions = Extensions::new();
            if let Some(peer) = peer {
                extensions.insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
            }
            Client::of(&headers, &extensions, &site).0.map(|a| a.to_string())
        };
        let peer = Some("127.0.0.1:5");
        assert_eq!(client("x-forwarded-for", peer).as_deref(), Some("198.51.100.7"));
        assert_eq!(client("", peer).as_deref(), Some("127.0.0.1"));
        assert_eq!(client("x-real-ip", peer).as_deref(), Some("127.0.0.1"));
        assert_eq!(client("", None), None);
    }

    #[test]
    fn a_whole_network_of_addresses_is_one_client() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:198.51.100.7"), "198.51.100.7");
    }
}
