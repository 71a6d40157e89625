//! What is kept of a picture.

use shiren_app::port::{Kept, Pictures};
use shiren_core::see::SeeError;
use shiren_vision::picture::{Limits, metadata};

/// Keeps pictures without their metadata.
pub(super) struct Keeper;

impl Pictures for Keeper {
    fn keep(&self, picture: &[u8]) -> Result<Kept, SeeError> {
        let kept = metadata::keep(picture, &Limits::default())?;
        Ok(Kept { bytes: kept.bytes, media_type: kept.media_type, size: kept.size })
    }
}
