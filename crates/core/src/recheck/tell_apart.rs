//! What a check that went wrong looks like (rows D7, D8, G9): a forged document, somebody else's genuine document, a taken
//! account, or a shop that changed hands. They are kept apart because what follows is not the same: the first two are the
//! person's doing, in the third the owner is the victim, the fourth breaks the rules of the marketplace and nothing else.
//!
//! | document | face and portrait | identity | face and every baseline | finding |
//! |---|---|---|---|---|
//! | contradicts itself | | | | `document_forged` |
//! | sound | differ | the owner's, or first time | the same, or none there | `identity_borrowed` |
//! | sound | differ, or not compared | the owner's | differ from all | `account_taken_over` |
//! | sound | the same | another one | differ from all | `shop_transferred` |
//!
//! Nothing here refuses anybody: each is for a person to decide, with its evidence beside it, whatever else failed
//! ([`SUSPICIONS`]). Where nobody was verified before, the first two can be told; but a retake often mends what looks like
//! them, so a person is only asked once it was retaken ([`Traces::is_retaken_first`]).

use serde::Serialize;

use crate::id::SessionId;
use crate::see::{Band, FaceMatch};
use crate::verification::ReasonCode;

/// The face of now, compared with that of one earlier verification.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// The verification.
    pub session: SessionId,
    /// What comparing gave.
    pub face: FaceMatch,
}

/// Everything that a finding rests on.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Traces {
    /// What of the document contradicts itself, as reasons.
    pub document: Vec<ReasonCode>,
    /// The face of now and the portrait on the document; `None` when they were not compared.
    pub portrait: Option<FaceMatch>,
    /// Whether the identity is the one that the shop had; `None` when it had none, or this one was not read.
    pub same_identity: Option<bool>,
    /// The face of now and every past baseline, the oldest first.
    pub baselines: Vec<Compared>,
    /// Whether the device is one that was seen with this shop before; `None` when that is not known.
    pub known_device: Option<bool>,
}

/// What is told of who operates, in a decision and to whoever reviews it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Operator {
    /// How much speaks for a shop that changed hands, 0 to 1 ([`Traces::transfer_score`]); of shops alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_score: Option<f32>,
    /// What that rests on.
    #[serde(flatten)]
    pub traces: Traces,
}

impl Operator {
    /// Of a shop.
    pub fn of_shop(traces: Traces) -> Self {
        Self { transfer_score: Some(traces.transfer_score()), traces }
    }

    /// Of a sub-account.
    pub const fn of_staff(traces: Traces) -> Self {
        Self { transfer_score: None, traces }
    }
}

/// The four: what goes to a person although something fails too, because no better picture answers it.
pub const SUSPICIONS: [ReasonCode; 4] = [
    ReasonCode::DocumentForged,
    ReasonCode::IdentityBorrowed,
    ReasonCode::AccountTakenOver,
    ReasonCode::ShopTransferred,
];

/// Reasons that speak of a document that was made or altered, not of a bad photo of a good one: a check digit alone is
/// more often misread than forged.
const FORGED: [ReasonCode; 2] = [ReasonCode::DocumentFieldsInconsistent, ReasonCode::MrzMismatch];

impl Traces {
    /// Which of the four it looks like; `None` when nothing is odd, or not enough is known to say so.
    pub fn finding(&self) -> Option<ReasonCode> {
        if self.document.iter().any(|code| FORGED.contains(code)) {
            return Some(ReasonCode::DocumentForged);
        }
        let differs = |m: &FaceMatch| m.band == Band::Different;
        let stranger = self.is_stranger();
        let (on_card, own_card) = (
            self.portrait.as_ref().is_some_and(differs),
            self.portrait.is_some_and(|m| m.band == Band::Same),
        );
        match (self.same_identity, stranger) {
            (Some(true), true) if !own_card => Some(ReasonCode::AccountTakenOver),
            (Some(false), true) if own_card => Some(ReasonCode::ShopTransferred),
            (_, _) if on_card => Some(ReasonCode::IdentityBorrowed),
            _ => None,
        }
    }

    /// Whether the person is asked for better pictures before anybody is suspected: nobody was verified before, something
    /// `fails`, and they handed in fewer times than `after`.
    pub const fn is_retaken_first(&self, fails: bool, submissions: usize, after: u32) -> bool {
        self.baselines.is_empty() && fails && submissions < after as usize
    }

    /// Whether a sub-account has several faces (row E16): the one of now differs from every baseline of who is bound.
    pub fn several_faces(&self) -> Option<ReasonCode> {
        self.is_stranger().then_some(ReasonCode::SeveralFacesOnAccount)
    }

    /// Whether the face of now is that of a baseline.
    pub fn is_familiar(&self) -> bool {
        self.baselines.iter().any(|b| b.face.band == Band::Same)
    }

    fn is_stranger(&self) -> bool {
        !self.baselines.is_empty() && self.baselines.iter().all(|b| b.face.band == Band::Different)
    }

    /// How much speaks for a shop that changed hands, 0 to 1: how far the face of now lies from the nearest past baseline
    /// (two thirds), whether the identity is another one, and whether the device is (a sixth each). A number to sort
    /// by; it was measured on nobody and decides nothing.
    pub fn transfer_score(&self) -> f32 {
        let far = |b: &Compared| match b.face.band {
            Band::Same => 0.0,
            Band::Uncertain => 0.5,
            Band::Different => 1.0,
        };
        let nearest = self
            .baselines
            .iter()
            .map(far)
            .fold(None, |least: Option<f32>, f| Some(least.map_or(f, |l| l.min(f))));
        let odd = |known: Option<bool>| if known == Some(false) { 1.0 } else { 0.0 };
        (4.0 * nearest.unwrap_or(0.0) + odd(self.same_identity) + odd(self.known_device)) / 6.0
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn face(band: Band) -> FaceMatch {
        FaceMatch { score: 0.0, band, fmr: 0.1 }
    }

    fn compared(band: Band) -> Compared {
        Compared { session: SessionId::new(Timestamp::UNIX_EPOCH, [1; 10]), face: face(band) }
    }

    #[test]
    fn the_four_are_told_apart_in_every_combination_of_traces() {
        use Band::{Different, Same, Uncertain};
        use ReasonCode::{AccountTakenOver, DocumentForged, IdentityBorrowed, ShopTransferred};
        let portraits = [None, Some(Same), Some(Uncertain), Some(Different)];
        let identities = [None, Some(true), Some(false)];
        let baselines: [&[Band]; 6] =
            [&[], &[Same], &[Uncertain], &[Different], &[Different, Same], &[Different, Different]];
        for portrait in portraits {
            for same_identity in identities {
                for baseline in baselines {
                    let traces = Traces {
                        portrait: portrait.map(face),
                        same_identity,
                        baselines: baseline.iter().copied().map(compared).collect(),
                        ..Traces::default()
                    };
                    let stranger = !baseline.is_empty() && baseline.iter().all(|b| *b == Different);
                    let expected = match (portrait, same_identity, stranger) {
                        (Some(Same), Some(true), _) => None,
                        (_, Some(true), true) => Some(AccountTakenOver),
                        (Some(Same), Some(false), true) => Some(ShopTransferred),
                        (Some(Different), _, _) => Some(IdentityBorrowed),
                        _ => None,
                    };
                    assert_eq!(traces.finding(), expected, "{traces:?}");
                    let several = stranger.then_some(ReasonCode::SeveralFacesOnAccount);
                    assert_eq!(traces.several_faces(), several, "whatever card and portrait say");
                    assert_eq!(traces.is_familiar(), baseline.contains(&Same));
                    let forged = Traces { document: vec![ReasonCode::MrzMismatch], ..traces };
                    assert_eq!(forged.finding(), Some(DocumentForged));
                }
            }
        }
    }

    #[test]
    fn a_bad_photo_of_a_good_document_is_no_forgery() {
        let traces = Traces { document: vec![ReasonCode::PhotoBlurred], ..Traces::default() };
        assert_eq!(traces.finding(), None);
    }

    #[test]
    fn better_pictures_are_asked_for_before_anybody_unknown_is_suspected() {
        let (unknown, known) =
            (Traces::default(), Traces { baselines: vec![compared(Band::Different)], ..Traces::default() });
        for (traces, fails, submissions, retaken) in [
            (&unknown, true, 1, true),
            (&unknown, true, 2, false),
            (&unknown, false, 1, false),
            (&known, true, 1, false),
        ] {
            assert_eq!(traces.is_retaken_first(fails, submissions, 2), retaken, "{fails} {submissions}");
        }
    }

    #[test]
    fn the_score_grows_with_everything_that_is_odd_and_one_familiar_face_lowers_it() {
        let with = |bands: &[Band], same_identity, known_device| Traces {
            baselines: bands.iter().copied().map(compared).collect(),
            same_identity,
            known_device,
            ..Traces::default()
        };
        let score = |t: Traces| t.transfer_score();
        assert_eq!(score(with(&[], None, None)), 0.0);
        assert_eq!(score(with(&[Band::Different], Some(false), Some(false))), 1.0);
        assert!(score(with(&[Band::Different], None, None)) > score(with(&[Band::Uncertain], None, None)));
        assert!(
            score(with(&[Band::Different], None, None))
                > score(with(&[Band::Different, Band::Same], None, None))
        );
        assert!(score(with(&[Band::Same], None, Some(false))) > 0.0);
    }
}
