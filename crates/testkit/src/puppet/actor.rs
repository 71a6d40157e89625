//! How the puppet moves.

use fastrand::Rng;
use shiren_core::see::liveness::{Challenge, HandSign};

/// How the puppet is at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// True degrees; positive towards the image's right.
    pub yaw: f32,
    /// True degrees; positive down.
    pub pitch: f32,
    /// 1 as in the portrait, 0 shut.
    pub eyes: f32,
    /// 0 as in the portrait, 1 wide open.
    pub mouth: f32,
    /// Pixels by which the head is moved.
    pub shift: (f32, f32),
    /// A hand that makes a sign.
    pub sign: Option<RaisedHand>,
}

/// A hand on its way beside the face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RaisedHand {
    /// What it shows.
    pub sign: HandSign,
    /// Which of the pictures that show it, counted around.
    pub picture: u64,
    /// 0 below the frame, 1 beside the face.
    pub height: f32,
}

/// As in the portrait.
pub const CALM: Pose = Pose { yaw: 0.0, pitch: 0.0, eyes: 1.0, mouth: 0.0, shift: (0.0, 0.0), sign: None };

/// Someone who sways, blinks by themselves and does what they are told after a moment: a function of the seed
/// and of what was asked.
pub struct Actor {
    rng: Rng,
    sway: [f32; 4],
    next_blink_ms: u64,
    action: Option<Action>,
}

#[derive(Clone, Copy)]
struct Action {
    what: Challenge,
    from_ms: u64,
    rise_ms: u64,
    hold_ms: u64,
    extent: f32,
    picture: u64,
}

impl Action {
    fn until_ms(&self) -> u64 {
        self.from_ms + 2 * self.rise_ms + self.hold_ms
    }

    /// 0 at rest, 1 at its height.
    fn height(&self, at_ms: u64) -> f32 {
        let end = self.until_ms();
        if at_ms <= self.from_ms || at_ms >= end {
            return 0.0;
        }
        let edge = (at_ms - self.from_ms).min(end - at_ms) as f32 / self.rise_ms.max(1) as f32;
        let t = edge.min(1.0);
        t * t * (3.0 - 2.0 * t)
    }
}

impl Actor {
    /// Someone.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let sway = std::array::from_fn(|_| rng.f32() * std::f32::consts::TAU);
        let next_blink_ms = rng.u64(800..4_000);
        Self { rng, sway, next_blink_ms, action: None }
    }

    /// Whether nothing is being done, nor about to be.
    pub fn is_at_rest(&self, at_ms: u64) -> bool {
        self.action.is_none_or(|a| at_ms >= a.until_ms())
    }

    /// Was told to do something, and will, after 350 to 700 ms.
    pub fn hear(&mut self, what: Challenge, at_ms: u64) {
        let hold_ms = match what {
            Challenge::Blink => self.rng.u64(700..1_000),
            _ if what.sign().is_some() => self.rng.u64(1_000..1_600),
            _ => self.rng.u64(350..700),
        };
        self.action = Some(Action {
            what,
            from_ms: at_ms + self.rng.u64(350..700),
            rise_ms: if what == Challenge::Blink { 120 } else { self.rng.u64(300..500) },
            hold_ms,
            extent: 0.9 + 0.3 * self.rng.f32(),
            picture: self.rng.u64(..),
        });
    }

    /// How they are now. Times must not run backwards.
    pub fn pose(&mut self, at_ms: u64) -> Pose {
        let wave = |i: usize, seconds: f32| {
            (at_ms as f32 / 1e3 / seconds * std::f32::consts::TAU + self.sway[i]).sin()
        };
        let mut pose = Pose {
            yaw: 1.2 * wave(0, 3.7),
            pitch: 0.8 * wave(1, 2.9),
            shift: (3.0 * wave(2, 5.3), 2.0 * wave(3, 4.1)),
            ..CALM
        };
        if at_ms >= self.next_blink_ms {
            // Shut for 100 to 150 ms, as people's eyes are.
            pose.eyes = 0.0;
            if at_ms >= self.next_blink_ms + 120 {
                self.next_blink_ms = at_ms + self.rng.u64(2_000..5_000);
            }
        }
        if let Some(action) = self.action {
            let height = action.height(at_ms) * action.extent;
            match action.what {
                Challenge::TurnLeft => pose.yaw += 32.0 * height,
                Challenge::TurnRight => pose.yaw -= 32.0 * height,
                Challenge::Nod => pose.pitch += 19.0 * height,
                Challenge::Blink => pose.eyes = pose.eyes.min((1.0 - height).max(0.0)),
                Challenge::OpenMouth => pose.mouth = height.min(1.1),
                hand => {
                    pose.sign = hand.sign().map(|sign| RaisedHand {
                        sign,
                        picture: action.picture,
                        height: action.height(at_ms),
                    });
                }
            }
        }
        pose
    }
}
