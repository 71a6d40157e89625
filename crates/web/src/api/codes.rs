//! Every code that a problem can have, with when. [`Problem::new`](super::Problem::new) holds the code to this list in
//! debug builds, so that every test that provokes a problem also asks whether it is described.

use shiren_core::verification::ReasonCode;

/// Codes of requests, in the order of their names.
pub(crate) const PROBLEMS: &[(&str, &str)] = &[
    ("account_mismatch", "Another account opened the link, or the sub-account is another one's."),
    (
        "address_not_allowed",
        "The address is one that must not be called: not https, or inside a private network.",
    ),
    ("aftersales_firm", "What was handed in stays as it is."),
    ("aftersales_message", "This verdict needs a message to the buyer."),
    ("aftersales_no_video", "The file is no video that is taken."),
    ("aftersales_not_taken", "Nobody took the request, and this is done by who did."),
    ("aftersales_state", "The request's state does not lead there."),
    ("aftersales_taken", "Another reviewer has it before them."),
    ("aftersales_too_many_files", "There are as many files as there may be."),
    ("assertion_algorithm", "The account assertion is signed by an algorithm that is not taken."),
    ("assertion_audience", "The account assertion is meant for somebody else."),
    ("assertion_expired", "The account assertion is too old."),
    ("assertion_issuer", "The account assertion comes from somebody else."),
    ("assertion_key_unknown", "The account assertion names a key that is not known."),
    ("assertion_lives_too_long", "The account assertion would be good for too long."),
    ("assertion_mode", "The account assertion belongs to the other mode."),
    ("assertion_not_yet_valid", "The account assertion is not good yet."),
    ("assertion_replayed", "The account assertion was used before."),
    ("assertion_signature", "The account assertion is not signed by its key."),
    ("assertion_unreadable", "The account assertion cannot be read."),
    ("assistance_not_allowed", "The program does not let somebody help."),
    ("attempts_exhausted", "It was tried as often as the program allows."),
    ("ban_ended", "The ban is over already."),
    ("body", "The body cannot be read."),
    ("busy", "Too much is done at once: again after `Retry-After` seconds."),
    ("capture_refused", "The capture is over; a new one can be begun."),
    ("case_decided", "The case is decided already."),
    ("case_not_checked", "The checks could not be made, so it cannot be approved."),
    ("case_same_reviewer", "Two people must decide, and this is the one who did."),
    ("clock_advancing", "The clock is being turned."),
    ("clock_backwards", "Clocks only go forwards."),
    ("clock_deleted", "The clock was deleted and stands still."),
    ("clock_name_unsound", "The clock's name is too long or has control characters."),
    ("clock_too_far", "Further than a clock is turned at once."),
    ("conflict", "It was changed meanwhile."),
    ("consent_missing", "The person has not agreed yet."),
    ("content_type", "The body is not of a type that is taken here."),
    ("deposit_amount", "The amount is not positive, or above the limit."),
    ("deposit_insufficient", "There is less in the deposit."),
    ("deposit_overflow", "The deposit would be larger than money is counted."),
    ("deposit_reference", "The movement's reference is empty, too long or has control characters."),
    ("deposit_reference_used", "The reference stands for another movement."),
    ("deposit_refunded", "The deposit was refunded: nothing moves any more."),
    ("endpoint_disabled", "The endpoint takes no webhooks: enable it first."),
    ("endpoint_enabled", "The endpoint takes webhooks already."),
    ("exists", "There is one of this id."),
    ("forbidden", "Whoever asks may not do this."),
    ("form_expired", "The form of the page is too old."),
    ("idempotency_key_reused", "The key was sent with another request."),
    ("internal", "Something is broken on our side."),
    ("invalid", "A value is not as it must be; `field` says which."),
    ("json_syntax", "The body is no JSON."),
    ("link_expired", "The link is too old."),
    ("link_number", "The number on the other screen is another one."),
    ("link_used", "The link opened once."),
    ("material_missing", "Something that must be handed in is missing; `missing` says what."),
    ("method_missing", "No method is chosen yet."),
    ("method_not_allowed", "This cannot be done here; `Allow` says what can."),
    ("method_unknown", "The program has no such method."),
    ("not_found", "There is no such thing in the key's mode."),
    ("nothing_decided", "There is nothing to decide."),
    (
        "nothing_to_export",
        "Nothing personal is kept for the account: it was erased, or nobody ever verified.",
    ),
    ("outside_promotion", "Temporary accounts are made and work only in their window."),
    ("penalty_made_good", "The penalty was made good already."),
    ("penalty_reference_used", "The reference stands for another penalty."),
    ("phone_unverified", "The phone was not proved by a code."),
    ("recheck_already_asked", "A re-check for an action is asked for already."),
    ("recheck_does_not_count", "The verification does not count as a re-check."),
    ("recheck_missed", "A re-check was missed: that one comes first."),
    ("recheck_too_late", "The re-check was due before."),
    ("request_timeout", "The request took too long."),
    ("rollout_status", "The rollout's status does not allow it."),
    ("scope_missing", "The key lacks the scope."),
    ("session_busy", "The session does something else just now."),
    ("session_ended", "The session is over."),
    ("session_expired", "The session's time is over."),
    ("session_not_in_review", "No person looks at the session."),
    ("session_not_open", "It is not the person's turn."),
    ("session_not_processing", "The session is not being checked."),
    ("session_redacted", "Everything personal of the session was erased."),
    ("shop_closed", "The shop is closed."),
    ("shop_never_open", "The shop never opened."),
    ("shop_permanently_closed", "The shop is closed for ever."),
    ("shop_verification_counted", "The verification counted already."),
    ("staff_already_asked", "The sub-account was asked already."),
    ("staff_being_reviewed", "Another session of the sub-account is being looked at."),
    ("staff_disabled", "The sub-account works no more."),
    ("staff_exempt", "The sub-account's shop type need not verify."),
    ("staff_name_immutable", "A sub-account's name cannot be changed."),
    ("staff_name_unsound", "The name is empty, too long or has control characters."),
    ("staff_no_lifts_left", "The freeze was lifted as often as it may be."),
    ("staff_nobody_bound", "Nobody is bound to the sub-account."),
    ("staff_not_asked", "The sub-account was not asked."),
    ("staff_not_being_reviewed", "The session of the sub-account is not being looked at."),
    ("staff_not_frozen", "The sub-account is not frozen."),
    ("staff_quota_full", "The shop has as many sub-accounts as it may have."),
    ("staff_temporary", "A temporary sub-account needs no verification."),
    (
        "staff_temporary_role",
        "Users of temporary sub-accounts cannot have this role; the sentence says which they can.",
    ),
    ("staff_user_immutable", "The user cannot be changed after passing: unbind first."),
    ("stale", "It was changed since the version that was sent."),
    ("step_unknown", "The program has no such step."),
    ("storage_full", "No space is left."),
    ("test_mode_only", "Only in test mode."),
    ("too_large", "The body is too large."),
    ("too_many", "There are as many as there may be."),
    ("too_many_links", "Too many links in a short time: again after `Retry-After` seconds."),
    ("too_many_messages", "Too many messages in a short time: again after `Retry-After` seconds."),
    ("too_many_requests", "Too many requests: again after `Retry-After` seconds."),
    ("too_many_tries", "Too many tries: again after `Retry-After` seconds."),
    ("unauthenticated", "There is no key, or it is not known or revoked."),
    ("upload_broken_off", "The piece did not come whole."),
    ("upload_checksum", "What came is not what was announced."),
    ("upload_content_type", "A piece is sent with the content type of pieces."),
    ("upload_offset", "The piece does not begin where the upload stands."),
    ("upload_piece", "The piece is empty or longer than what was announced."),
    ("upload_too_large", "The file is larger than files may be."),
];

/// Whether a code is described: one of a request, or of what a person brought.
pub(super) fn is_described(code: &str) -> bool {
    PROBLEMS.binary_search_by_key(&code, |(name, _)| name).is_ok() || code.parse::<ReasonCode>().is_ok()
}

/// Every code, each once, in the order of their names.
pub(super) fn all() -> Vec<&'static str> {
    let mut all: Vec<&str> =
        PROBLEMS.iter().map(|(name, _)| *name).chain(ReasonCode::ALL.iter().map(|c| c.name())).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_names_each_once() {
        assert!(PROBLEMS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
