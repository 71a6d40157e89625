//! A residence permit in the size of a card with a zone of three lines (ICAO 9303-5, TD1), of Utopia.

use image::RgbImage;

use super::ground::Ground;
use super::{INK, labelled, mark, spelled, zone};
use crate::Specimen;
use crate::canvas::{Canvas, Type, mix};
use crate::font::Fonts;
use crate::mrz;

const WIDTH: f32 = 85.6;
const HEIGHT: f32 = 54.0;
/// 1712 × 1080 pixels.
const PX_PER_MM: f32 = 20.0;

/// Printed zone, portrait and machine-readable zone on one side; an empty frame without a portrait.
pub fn permit(fonts: &Fonts, s: &Specimen, portrait: Option<&RgbImage>) -> RgbImage {
    let mut c = Canvas::new(WIDTH, HEIGHT, PX_PER_MM);
    let ground = Ground {
        left: [236, 232, 244],
        right: [226, 240, 240],
        lines: [175, 170, 205],
        spacing: 1.3,
        rosette: (28.0, 18.0, 12.0),
    };
    ground.paint(&mut c, WIDTH);
    c.text(4.7, 2.4, Type::new(&fonts.bold, 3.4, INK), "居留许可 RESIDENCE PERMIT");
    mark(&mut c, fonts, 34.5, 27.0, 3.4);
    let field = |c: &mut Canvas, x, y, label: &str, value: &str| labelled(c, fonts, (x, y), label, value);
    field(&mut c, 4.7, 7.2, "姓/Surname", &s.surname);
    field(&mut c, 32.0, 7.2, "名/Given names", &s.given_names);
    field(&mut c, 4.7, 13.4, "性别/Sex", s.sex.code());
    field(&mut c, 16.0, 13.4, "国籍/Nationality", &s.state);
    field(&mut c, 38.0, 13.4, "出生日期/Date of birth", &spelled(s.birth_date));
    field(&mut c, 4.7, 19.6, "证件号码/Permit No.", &s.permit_number);
    field(&mut c, 38.0, 19.6, "有效期至/Date of expiry", &spelled(s.permit_expiry));
    match portrait {
        Some(p) => c.paste(p, 63.0, 3.0, 19.5, 24.0),
        None => {
            c.paint(
                |x, y, p| {
                    if (63.0..82.5).contains(&x) && (3.0..27.0).contains(&y) { [232, 232, 240] } else { p }
                },
            )
        }
    }
    // The zone lies on white; its lines are 30 × 2.54 = 76.2 mm long.
    c.paint(|_, y, p| if y > HEIGHT - 22.0 { mix(p, [255; 3], 0.6) } else { p });
    zone(&mut c, fonts, 4.7, HEIGHT - 4.6, &mrz::td1(s));
    c.finish()
}
