//! Test mode's offer for people without a Chinese ID card.

/// A specimen can be drawn from the person's own selfie.
#[derive(Clone, Debug)]
pub struct Specimen {
    /// The selfie's step, when it has to be taken first; `None` when it is there.
    pub first: Option<String>,
}
