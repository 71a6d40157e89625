//! Files that people and attackers send instead of a photo of their card.

use shiren_core::verification::ReasonCode;
use shiren_core::verification::ReasonCode as R;

use crate::pictures::{self, Jpeg, SamplingFactor};
use crate::png::{self, Png};

/// What opening a file comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// It is refused with this code.
    No(ReasonCode),
    /// It is opened, and this is told about it.
    Telling(ReasonCode),
    /// It is opened; that it shows no document is for others to say.
    Yes,
}

/// One of them.
pub struct BadFile {
    /// A file name, often a lie.
    pub name: &'static str,
    /// Its contents.
    pub bytes: Vec<u8>,
    /// What opening it comes to.
    pub opens: Opens,
}

/// All of them; some 52 MB, made in well under a second.
pub fn corpus() -> Vec<BadFile> {
    let file = |name, bytes: &[u8], opens| BadFile { name, bytes: bytes.to_vec(), opens };
    let scene = pictures::scene(320, 240, 7);
    let jpeg = Jpeg::default().write(&scene);
    let png = Png::default().write(&scene);
    let webp = pictures::webp(&scene);
    let cmyk = Jpeg { sampling: SamplingFactor::R_4_4_4, ..Jpeg::default() }.write_ink(&scene, false);
    let deep = Png { depth: 16, ..Png::default() }.write(&scene);
    let photo = |p| Jpeg::default().write(&p);
    let mut huge = jpeg.clone();
    huge.resize(50_000_000, 0x55);
    vec![
        file("nothing.jpg", b"", Opens::No(R::PictureEmpty)),
        file("text.jpg", b"my ID card is at home", Opens::No(R::PictureFormatUnknown)),
        file("cut.jpg", &jpeg[..jpeg.len() / 2], Opens::No(R::PictureBroken)),
        file("cut.png", &png[..png.len() / 2], Opens::No(R::PictureBroken)),
        file("cut.webp", &webp[..webp.len() / 2], Opens::No(R::PictureBroken)),
        file("first-bytes.jpg", &jpeg[..3], Opens::No(R::PictureBroken)),
        file("bomb.png", &png::bomb(20_000), Opens::No(R::PictureTooManyPixels)),
        file("huge.jpg", &huge, Opens::No(R::PictureTooLarge)),
        file("moving.png", &png::animation(3), Opens::No(R::PictureAnimated)),
        file("moving.gif", &gif(2), Opens::No(R::PictureAnimated)),
        file("still.gif", &gif(1), Opens::No(R::PictureFormatUnknown)),
        file("print.jpg", &cmyk, Opens::Telling(R::PictureCmyk)),
        file("deep.png", &deep, Opens::Telling(R::PictureDeepColour)),
        file(
            "drawing.jpg",
            b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            Opens::No(R::PictureVector),
        ),
        file(
            "page.jpg",
            b"\n<!DOCTYPE html><html><body onload=alert(1)></body></html>",
            Opens::No(R::PictureWebPage),
        ),
        file("archive.jpg", b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0", Opens::No(R::PictureArchive)),
        file("document.jpg", b"%PDF-1.7\n1 0 obj\n", Opens::No(R::PicturePdf)),
        file("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Opens::No(R::PictureHeic)),
        file("phone.avif", b"\0\0\0\x1Cftypavif\0\0\0\0mif1avif", Opens::No(R::PictureHeic)),
        file("film.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isommp42", Opens::No(R::PictureFormatUnknown)),
        file(
            "thumbnail.png",
            &Png::default().write(&pictures::scene(31, 40, 1)),
            Opens::No(R::PictureTooSmall),
        ),
        file("noise.jpg", &photo(pictures::noise(1280, 800, 3)), Opens::Yes),
        file("cat.jpg", &photo(pictures::cat(1280, 960)), Opens::Yes),
        file("black.jpg", &photo(pictures::plain(1280, 800, [0; 3])), Opens::Yes),
        file("white.jpg", &photo(pictures::plain(1280, 800, [255; 3])), Opens::Yes),
    ]
}

/// A GIF of one pixel in each frame (the well-known smallest one, its frame repeated).
fn gif(frames: usize) -> Vec<u8> {
    let mut file = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF".to_vec();
    for _ in 0..frames {
        file.extend(b"\x21\xF9\x04\x01\x0A\0\x01\0\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0");
    }
    file.push(0x3B);
    file
}
