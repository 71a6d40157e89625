//! Pictures without any model or file behind them, and their encodings.

use image::{Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};

pub use jpeg_encoder::SamplingFactor;

/// A colourful, slightly noisy picture in which every corner looks different, so that a wrong turn shows.
pub fn scene(width: u32, height: u32, seed: u64) -> RgbImage {
    let mut rng = fastrand::Rng::with_seed(seed);
    let phase = rng.f32() * 6.0;
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let wave = ((u * 9.0 + phase).sin() * (v * 7.0).cos() * 25.0) as i32;
        let noise = rng.i32(-3..=3);
        let channel = |base: f32| (base as i32 + wave + noise).clamp(0, 255) as u8;
        Rgb([channel(30.0 + 200.0 * u), channel(30.0 + 200.0 * v), channel(220.0 - 90.0 * (u + v))])
    })
}

/// Every pixel of one colour.
pub fn plain(width: u32, height: u32, colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(colour))
}

/// Independent random values in every channel.
pub fn noise(width: u32, height: u32, seed: u64) -> RgbImage {
    let mut rng = fastrand::Rng::with_seed(seed);
    RgbImage::from_fn(width, height, |_, _| Rgb([rng.u8(..), rng.u8(..), rng.u8(..)]))
}

/// A cat on a rug: a photograph of neither a person nor a document.
pub fn cat(width: u32, height: u32) -> RgbImage {
    let inside = |x: f32, y: f32, cx: f32, cy: f32, rx: f32, ry: f32| {
        ((x - cx) / rx).powi(2) + ((y - cy) / ry).powi(2) < 1.0
    };
    RgbImage::from_fn(width, height, |px, py| {
        let (x, y) = (px as f32 / width as f32, py as f32 / height as f32);
        let ear = |tip: f32| y > 0.12 && y < 0.38 && (x - tip).abs() < (y - 0.12) * 0.45;
        let eye = |cx: f32| inside(x, y, cx, 0.42, 0.045, 0.055);
        let pupil = |cx: f32| inside(x, y, cx, 0.42, 0.012, 0.05);
        let whisker = (0.52..0.60).contains(&y)
            && (x - 0.5).abs() > 0.08
            && (x - 0.5).abs() < 0.3
            && ((y - 0.56) * 60.0 + (x - 0.5) * 20.0).sin().abs() < 0.12;
        let fur = |shade: f32| {
            let stripe = 18.0 * (x * 60.0 + (y * 40.0).sin()).sin();
            Rgb([205.0, 130.0, 60.0].map(|c: f32| (c * shade + stripe).clamp(0.0, 255.0) as u8))
        };
        if pupil(0.42) || pupil(0.58) || whisker {
            Rgb([20, 20, 20])
        } else if eye(0.42) || eye(0.58) {
            Rgb([120, 190, 60])
        } else if inside(x, y, 0.5, 0.52, 0.03, 0.02) {
            Rgb([230, 140, 150])
        } else if inside(x, y, 0.5, 0.45, 0.2, 0.19) || ear(0.37) || ear(0.63) {
            fur(1.0)
        } else if inside(x, y, 0.5, 0.85, 0.28, 0.3) {
            fur(0.9)
        } else {
            Rgb([90, 60 + ((x * 30.0).sin() * 12.0) as u8, 70 + ((y * 25.0).cos() * 12.0) as u8])
        }
    })
}

/// How a JPEG is written.
#[derive(Clone, Debug)]
pub struct Jpeg {
    /// 1 to 100.
    pub quality: u8,
    /// Several scans instead of one.
    pub progressive: bool,
    /// How much smaller the chroma planes are.
    pub sampling: SamplingFactor,
    /// Blocks between two restart markers; 0 for none.
    pub restart: u16,
    /// A TIFF block for an EXIF segment.
    pub exif: Option<Vec<u8>>,
}

impl Default for Jpeg {
    fn default() -> Self {
        Self { quality: 92, progressive: false, sampling: SamplingFactor::R_4_2_0, restart: 0, exif: None }
    }
}

impl Jpeg {
    fn encoder<'a>(&self, out: &'a mut Vec<u8>) -> Encoder<&'a mut Vec<u8>> {
        let mut e = Encoder::new(out, self.quality);
        e.set_progressive(self.progressive);
        e.set_sampling_factor(self.sampling);
        e.set_restart_interval(self.restart);
        if let Some(tiff) = &self.exif {
            e.add_exif_metadata(tiff).expect("a short TIFF block");
        }
        e
    }

    /// Writes a colour picture.
    pub fn write(&self, picture: &RgbImage) -> Vec<u8> {
        self.write_as(picture.as_raw(), picture.dimensions(), ColorType::Rgb)
    }

    /// Writes one grey channel.
    pub fn write_grey(&self, picture: &RgbImage) -> Vec<u8> {
        let grey: Vec<u8> = picture.pixels().map(|p| p.0[1]).collect();
        self.write_as(&grey, picture.dimensions(), ColorType::Luma)
    }

    /// Writes four ink channels, stored inverted under Adobe's marker; `ycck` rotates three of them.
    pub fn write_ink(&self, picture: &RgbImage, ycck: bool) -> Vec<u8> {
        let ink: Vec<u8> = picture.pixels().flat_map(|p| [255 - p[0], 255 - p[1], 255 - p[2], 0]).collect();
        let kind = if ycck { ColorType::CmykAsYcck } else { ColorType::Cmyk };
        self.write_as(&ink, picture.dimensions(), kind)
    }

    fn write_as(&self, data: &[u8], (w, h): (u32, u32), kind: ColorType) -> Vec<u8> {
        let mut out = Vec::new();
        self.encoder(&mut out).encode(data, w as u16, h as u16, kind).expect("sides below 65,536");
        out
    }
}

/// A lossless WebP.
pub fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    let (w, h) = picture.dimensions();
    image_webp::WebPEncoder::new(&mut out)
        .encode(picture.as_raw(), w, h, image_webp::ColorType::Rgb8)
        .expect("sides below 16,384");
    out
}

/// A little-endian TIFF block with an orientation, a camera's name, a maker note and a place.
pub fn telling_exif(orientation: u8) -> Vec<u8> {
    let mut t = b"II\x2A\0\x08\0\0\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut e = Vec::new();
        e.extend(tag.to_le_bytes());
        e.extend(kind.to_le_bytes());
        e.extend(count.to_le_bytes());
        e.extend(value.to_le_bytes());
        e
    };
    // Offsets: directory 0 at 8 with four entries ends at 62; EXIF directory at 62 ends at 80;
    // GPS directory at 80 ends at 98; then the texts.
    t.extend(4u16.to_le_bytes());
    t.extend(entry(0x010F, 2, 16, 98)); // Make
    t.extend(entry(0x0112, 3, 1, u32::from(orientation)));
    t.extend(entry(0x8769, 4, 1, 62)); // EXIF
    t.extend(entry(0x8825, 4, 1, 80)); // GPS
    t.extend([0; 4]);
    t.extend(1u16.to_le_bytes());
    t.extend(entry(0x927C, 7, 16, 114)); // MakerNote
    t.extend([0; 4]);
    t.extend(1u16.to_le_bytes());
    t.extend(entry(0x001D, 2, 16, 130)); // GPSDateStamp
    t.extend([0; 4]);
    t.extend(b"TellTaleCameras\0TellTaleSecrets\0TellTalePlaces!\0");
    t
}
