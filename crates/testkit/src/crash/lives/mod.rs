//! The lifecycles that are lived through.

mod aftersales;
mod ending;
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

/// A shop that is closed for ever.
pub const ENDING: &dyn Life = &ending::EndingLife;

/// All, so that a child finds the one that it lives.
pub const LIVES: [&dyn Life; 6] = [VERIFICATION, SHOP, STAFF, AFTERSALES, RECHECK, ENDING];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shiren_app::job::Job;

    use super::*;
    use crate::crash::ground::jobs_of;

    #[test]
    fn every_kind_of_job_is_done_in_a_life() {
        let done: BTreeSet<&str> = LIVES.into_iter().flat_map(jobs_of).collect();
        assert_eq!(done, Job::KINDS.into_iter().collect());
    }
}
