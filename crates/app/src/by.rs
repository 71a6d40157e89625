//! How the log names who makes a change, and which way it came.

use shiren_core::account::Account;
use shiren_core::account::AccountKind;
use shiren_core::account::actor::Actor;
use shiren_core::account::shop::Shop;

use crate::cases::user_actor;
use crate::context::App;
use crate::error::Error;
use crate::port::Tx;

/// The actor of an entry of the log.
pub(crate) fn logged(by: &Actor) -> String {
    match by {
        Actor::User(id) => user_actor(id),
        Actor::Key(name) => format!("key:{name}"),
        Actor::Owner => "owner".to_owned(),
        Actor::Person => "person".to_owned(),
        Actor::Clock => "system".to_owned(),
    }
}

/// Which way a change came that has no purpose of its own.
pub(crate) const fn way(by: &Actor) -> &'static str {
    match by {
        Actor::User(_) => "at the console",
        _ => "by the API",
    }
}

impl App {
    /// Notes in the log what somebody did to a shop. Its mode stands in the purpose: the log names accounts as everywhere.
    pub(crate) async fn audit_shop(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        by: &Actor,
        (action, purpose): (&str, String),
    ) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Shop, id: shop.id.clone() }.to_string();
        self.audit(tx, &logged(by), action, &account, &format!("{}: {purpose}", shop.mode)).await
    }
}
