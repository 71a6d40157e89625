//! Draws the frames of a moving test subject, for browser tests: ten a second, at rest and for each action.
//!
//! `cargo run -p shiren-vision --example draw_puppet -- PORTRAIT FOLDER`: `calm-00.jpg` …, `nod-00.jpg` …
//!
//! The models are those below `$SHIREN_MODELS`.

use std::error::Error;
use std::fs;
use std::path::Path;

use shiren_core::see::liveness::Challenge;
use shiren_testkit::puppet::{CALM, Pose, Puppet};
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

/// Frames at rest.
const CALM_FRAMES: u64 = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(portrait), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("PORTRAIT FOLDER".into());
    };
    let eyes = LocalEyes::new(Library::open(&default_root()?, 2)?, Limits::default());
    let picture = Picture::decode(&fs::read(portrait)?, &Limits::default())?.into_rgb();
    let faces = eyes.open_faces()?.find(&picture)?;
    let face = faces.first().ok_or("no face")?;
    let points: Vec<[f32; 3]> = face.points().iter().map(|p| [p.x, p.y, p.z]).collect();
    let puppet = Puppet::new(&picture, &points, 640, 480);
    fs::create_dir_all(&folder)?;
    let draw = |name: &str, number: u64, pose: &Pose| {
        let noise = number + 100 * name.bytes().map(u64::from).sum::<u64>();
        fs::write(Path::new(&folder).join(format!("{name}-{number:02}.jpg")), puppet.jpeg(pose, noise))
    };
    for n in 0..CALM_FRAMES {
        let sway = (n as f32 / CALM_FRAMES as f32 * std::f32::consts::TAU).sin();
        draw("calm", n, &Pose { yaw: 1.2 * sway, pitch: 0.6 * sway, ..CALM })?;
    }
    for challenge in Challenge::OF_FACES {
        // Up, held, and down again.
        let heights = [0.3, 0.7, 1.0, 1.05, 1.1, 1.1, 1.1, 1.1, 1.05, 1.0, 0.7, 0.3];
        for (n, height) in (0..).zip(heights) {
            draw(challenge.name(), n, &posed(challenge, height))?;
        }
    }
    Ok(())
}

/// The puppet while it acts: 1 is what the action asks for, and more.
fn posed(challenge: Challenge, height: f32) -> Pose {
    match challenge {
        Challenge::TurnLeft => Pose { yaw: 32.0 * height, ..CALM },
        Challenge::TurnRight => Pose { yaw: -32.0 * height, ..CALM },
        Challenge::Nod => Pose { pitch: 19.0 * height, ..CALM },
        Challenge::Blink => Pose { eyes: (1.0 - height).max(0.0), ..CALM },
        Challenge::OpenMouth => Pose { mouth: height.min(1.0), ..CALM },
        // Hands are not drawn.
        _ => CALM,
    }
}
