//! Specimens for people who try the product without a Chinese ID card.

use std::sync::Arc;

use jiff::civil::Date;
use shiren_app::port::{SpecimenCard, Specimens};
use shiren_core::see::{DocumentKind, Eyes, SeeError};
use shiren_core::verification::ReasonCode;
use shiren_specimen::{FaceBox, Fonts, Scene, Specimen, draw, jpeg, photograph, portrait};
use shiren_vision::picture::{Limits, Picture};

/// As good phones write JPEG.
const QUALITY: u8 = 92;

/// Draws marked cards and photographs them.
pub(super) struct Drawer {
    fonts: Fonts,
    eyes: Arc<dyn Eyes>,
}

impl Drawer {
    /// `None` when the machine has no fonts for it.
    pub(super) fn new(eyes: Arc<dyn Eyes>) -> Option<Self> {
        let fonts =
            Fonts::find(None).inspect_err(|e| tracing::warn!(%e, "no specimens can be drawn")).ok()?;
        Some(Self { fonts, eyes })
    }
}

impl Specimens for Drawer {
    fn draw(&self, selfie: &[u8], seed: u64, today: Date) -> Result<SpecimenCard, SeeError> {
        let no_face =
            || SeeError::Picture { code: ReasonCode::FaceNotFound, detail: "no face to draw".into() };
        let (x, y, width, height) = self.eyes.read_face(selfie)?.ok_or_else(no_face)?.region.bounds();
        let photo = Picture::decode(selfie, &Limits::default())?.into_rgb();
        let face = portrait(&photo, Some(FaceBox { x, y, width, height }));
        let person = Specimen::random(seed, today);
        let taken = |kind, number: u64| {
            let card = draw::document(&self.fonts, &person, kind, Some(&face));
            let seed = seed.wrapping_add(number);
            let failed = |e: &dyn std::fmt::Display| SeeError::Model {
                model: "specimen".into(),
                detail: e.to_string(),
            };
            jpeg(&photograph(&[&card], &Scene::casual(seed, true), seed).picture, QUALITY)
                .map_err(|e| failed(&e))
        };
        Ok(SpecimenCard {
            front: taken(DocumentKind::CnIdFront, 1)?,
            back: taken(DocumentKind::CnIdBack, 2)?,
        })
    }
}
