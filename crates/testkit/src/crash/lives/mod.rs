//! The lifecycles that are lived through.

mod aftersales;
mod recheck;
mod shop;
mod staff;
mod verification;

use super::life::Life;

/// One verification.
pub const VERIFICATION: &dyn Life = &verification::Verification;
/// A shop with a deposit, from its registration to its end.
pub const SHOP: &dyn Life = &shop::ShopLife;

/// Sub-accounts, asked and frozen by time.
pub const STAFF: &dyn Life = &staff::StaffLife;

/// A buyer's request, and reviews that come too late.
pub const AFTERSALES: &dyn Life = &aftersales::AfterSalesLife;

/// Re-checks that a rollout asks for.
pub const RECHECK: &dyn Life = &recheck::RecheckLife;

/// All, so that a child finds the one that it lives.
pub const LIVES: [&dyn Life; 5] = [VERIFICATION, SHOP, STAFF, AFTERSALES, RECHECK];
