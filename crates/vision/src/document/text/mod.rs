//! Text in a picture: where its lines are, and what they say.

pub mod decode;
pub mod detect;
pub mod direction;
pub mod recognise;
mod tensor;
