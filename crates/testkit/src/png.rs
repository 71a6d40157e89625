//! PNG files of every kind, written by hand because encoders write only sensible ones.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use image::RgbImage;

/// The eight bytes that every PNG starts with.
pub const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

/// Channels as PNG's header numbers them.
#[derive(Clone, Copy, Debug)]
pub enum Colour {
    /// One channel.
    Grey = 0,
    /// Three.
    Rgb = 2,
    /// An index into a palette of 256 greys, of which index 0 is transparent.
    Palette = 3,
    /// Four, alpha last.
    Rgba = 6,
}

/// How a PNG is written.
#[derive(Clone, Debug)]
pub struct Png {
    /// Channels.
    pub colour: Colour,
    /// 8 or 16 bits a channel.
    pub depth: u8,
    /// Adam7.
    pub interlaced: bool,
    /// Chunks between header and data.
    pub extra: Vec<(&'static [u8; 4], Vec<u8>)>,
}

impl Default for Png {
    fn default() -> Self {
        Self { colour: Colour::Rgb, depth: 8, interlaced: false, extra: Vec::new() }
    }
}

impl Png {
    /// Writes a picture. Grey and palette take the green channel; alpha is opaque left of the middle, and
    /// transparent right of it.
    pub fn write(&self, picture: &RgbImage) -> Vec<u8> {
        let (w, h) = picture.dimensions();
        let mut raw = Vec::new();
        // Start and step of Adam7's seven passes, (x, y).
        const PASSES: [((u32, u32), (usize, usize)); 7] = [
            ((0, 0), (8, 8)),
            ((4, 0), (8, 8)),
            ((0, 4), (4, 8)),
            ((2, 0), (4, 4)),
            ((0, 2), (2, 4)),
            ((1, 0), (2, 2)),
            ((0, 1), (1, 2)),
        ];
        let whole = [((0, 0), (1, 1))];
        let passes: &[_] = if self.interlaced { &PASSES } else { &whole };
        for &((x0, y0), (dx, dy)) in passes {
            if x0 >= w {
                continue;
            }
            for y in (y0..h).step_by(dy) {
                raw.push(0);
                for x in (x0..w).step_by(dx) {
                    self.pixel(&mut raw, picture.get_pixel(x, y).0, x < w / 2);
                }
            }
        }
        let mut file = SIGNATURE.to_vec();
        push(&mut file, b"IHDR", &header(w, h, self.depth, self.colour, self.interlaced));
        for (kind, data) in &self.extra {
            push(&mut file, kind, data);
        }
        if let Colour::Palette = self.colour {
            push(&mut file, b"PLTE", &(0..=255).flat_map(|g| [g; 3]).collect::<Vec<u8>>());
            push(&mut file, b"tRNS", &[0]);
        }
        push(&mut file, b"IDAT", &deflate(&raw));
        push(&mut file, b"IEND", &[]);
        file
    }

    fn pixel(&self, raw: &mut Vec<u8>, [r, g, b]: [u8; 3], opaque: bool) {
        let channels: &[u8] = match self.colour {
            Colour::Grey | Colour::Palette => &[g],
            Colour::Rgb => &[r, g, b],
            Colour::Rgba => &[r, g, b, if opaque { 255 } else { 0 }],
        };
        for c in channels {
            raw.push(*c);
            if self.depth == 16 {
                raw.push(*c);
            }
        }
    }
}

/// A picture of `side` × `side` black pixels of one bit, as small as it gets: 20,000 make some 50 KB.
pub fn bomb(side: u32) -> Vec<u8> {
    let mut file = SIGNATURE.to_vec();
    push(&mut file, b"IHDR", &header(side, side, 1, Colour::Grey, false));
    let row = vec![0; 1 + side.div_ceil(8) as usize];
    let mut z = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..side {
        z.write_all(&row).expect("writes to memory");
    }
    push(&mut file, b"IDAT", &z.finish().expect("writes to memory"));
    push(&mut file, b"IEND", &[]);
    file
}

/// An animation of `frames` black frames of 64 × 64 pixels.
pub fn animation(frames: u32) -> Vec<u8> {
    let mut control = frames.to_be_bytes().to_vec();
    control.extend([0; 4]);
    let frame = |sequence: u32| {
        let mut f = sequence.to_be_bytes().to_vec();
        f.extend([64u32, 64, 0, 0].map(u32::to_be_bytes).concat());
        f.extend([0, 1, 0, 10, 0, 0]);
        f
    };
    let pixels = deflate(&[0; 64 * 65]);
    let mut file = SIGNATURE.to_vec();
    push(&mut file, b"IHDR", &header(64, 64, 8, Colour::Grey, false));
    push(&mut file, b"acTL", &control);
    push(&mut file, b"fcTL", &frame(0));
    push(&mut file, b"IDAT", &pixels);
    for i in 1..frames {
        push(&mut file, b"fcTL", &frame(2 * i - 1));
        push(&mut file, b"fdAT", &[&(2 * i).to_be_bytes()[..], &pixels].concat());
    }
    push(&mut file, b"IEND", &[]);
    file
}

/// Appends a chunk with its length and checksum.
pub fn push(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(kind);
    file.extend(data);
    file.extend(crc.sum().to_be_bytes());
}

fn header(w: u32, h: u32, depth: u8, colour: Colour, interlaced: bool) -> Vec<u8> {
    let mut data = [w.to_be_bytes(), h.to_be_bytes()].concat();
    data.extend([depth, colour as u8, 0, 0, u8::from(interlaced)]);
    data
}

fn deflate(raw: &[u8]) -> Vec<u8> {
    let mut z = ZlibEncoder::new(Vec::new(), Compression::default());
    z.write_all(raw).and_then(|()| z.finish()).expect("writes to memory")
}
