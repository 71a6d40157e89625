//! The pictures given, read and hashed.

use std::path::PathBuf;

use shiren_core::verification::program::{Method, Step};
use shiren_core::verification::{Digest, Evidence};

use crate::exit::Failure;
use crate::picture_file;

/// One picture, and the step that it is for.
pub(super) struct Given {
    pub(super) step: Step,
    pub(super) bytes: Vec<u8>,
}

impl Given {
    pub(super) fn evidence(&self) -> Evidence {
        let sha256 = Digest(shiren_vision::pack::Digest::of(&self.bytes).bytes());
        Evidence { step: self.step.id.clone(), shot: self.step.shot, sha256, bytes: self.bytes.len() as u64 }
    }
}

/// Reads the pictures in the order of the method's steps.
pub(super) fn read(method: &Method, pictures: Vec<(String, PathBuf)>) -> Result<Vec<Given>, Failure> {
    let twice =
        pictures.iter().enumerate().find(|(i, (step, _))| pictures[..*i].iter().any(|(s, _)| s == step));
    if let Some((_, (step, _))) = twice {
        return Err(Failure::Usage(format!("there are two pictures for the step {step}")));
    }
    let mut given = Vec::new();
    for step in &method.steps {
        if let Some((_, file)) = pictures.iter().find(|(id, _)| *id == step.id) {
            given.push(Given { step: step.clone(), bytes: picture_file::read(file)? });
        }
    }
    Ok(given)
}
