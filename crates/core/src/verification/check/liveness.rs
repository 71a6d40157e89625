//! What a live capture showed of the person, and what speaks against it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Check;
use crate::see::liveness::{Challenge, ColourProof};
use crate::verification::program::CheckKind;
use crate::verification::{Finding, ReasonCode, Severity};

/// A live capture that was finished: kept with the picture that was chosen from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiveProof {
    /// What was asked for and done, in order.
    pub challenges: Vec<Challenge>,
    /// Wrong and missing actions on the way.
    pub retries: u8,
    /// Frames that were looked at.
    pub frames: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Over the capture's nonce and every frame in order, in hexadecimal: each value is the SHA-256 of the one before
    /// and the frame's bytes.
    pub chain_sha256: String,
    /// What was noticed and did not stop it.
    pub signals: Vec<ReasonCode>,
    /// How many of its frames the comparison of faces rests on; 0 when on the picture alone.
    #[serde(default)]
    pub pooled: u8,
    /// What was seen of the screen's colours, where some were shown.
    #[serde(default)]
    pub colours: Option<ColourProof>,
    /// How live a network for presentation attacks found the best frame, in thousandths, where one is installed.
    #[serde(default)]
    pub passive_milli: Option<u16>,
}

/// The check of a step that was captured live.
pub fn liveness(step: &str, proof: &LiveProof) -> Check {
    let finding = |code: &ReasonCode| Finding::new(*code, weight(*code));
    let check = Check::new(CheckKind::Liveness, &[step], proof.signals.iter().map(finding).collect());
    Check { live: Some(proof.clone()), ..check }
}

/// What a signal weighs where the program says nothing: none of them proves an attack by itself.
const fn weight(signal: ReasonCode) -> Severity {
    match signal {
        ReasonCode::VirtualCamera
        | ReasonCode::CameraInjected
        | ReasonCode::FramesReplayed
        | ReasonCode::PresentationAttackSuspected => Severity::Review,
        ReasonCode::LivenessReplayed => Severity::Fail,
        _ => Severity::Info,
    }
}
