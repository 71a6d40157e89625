//! A visa of 120 × 80 mm (ICAO 9303-7, MRV-A), of Utopia.

use image::RgbImage;

use super::ground::Ground;
use super::{INK, labelled, mark, spelled, zone};
use crate::Specimen;
use crate::canvas::{Canvas, Type, mix};
use crate::font::Fonts;
use crate::mrz;

const WIDTH: f32 = 120.0;
const HEIGHT: f32 = 80.0;
/// 1680 × 1120 pixels.
const PX_PER_MM: f32 = 14.0;

/// The sticker; an empty frame without a portrait.
pub fn visa(fonts: &Fonts, s: &Specimen, portrait: Option<&RgbImage>) -> RgbImage {
    let mut c = Canvas::new(WIDTH, HEIGHT, PX_PER_MM);
    let ground = Ground {
        left: [228, 238, 240],
        right: [240, 232, 240],
        lines: [160, 185, 200],
        spacing: 1.6,
        rosette: (80.0, 34.0, 22.0),
    };
    ground.paint(&mut c, WIDTH);
    c.text(6.0, 3.0, Type::new(&fonts.bold, 4.6, INK), "签证 VISA");
    c.text(36.0, 4.0, Type::new(&fonts.sans, 3.2, INK), "乌托邦 UTOPIA");
    mark(&mut c, fonts, 78.0, 3.2, 4.6);
    let field = |c: &mut Canvas, x, y, label: &str, value: &str| labelled(c, fonts, (x, y), label, value);
    field(&mut c, 42.0, 12.0, "签证号/Visa No.", &s.visa_number);
    field(&mut c, 80.0, 12.0, "入境次数/Entries", "MULTIPLE");
    field(&mut c, 42.0, 20.0, "生效日期/Valid from", &spelled(s.visa_from));
    field(&mut c, 80.0, 20.0, "有效期至/Valid until", &spelled(s.visa_expiry));
    field(&mut c, 42.0, 28.0, "姓/Surname", &s.surname);
    field(&mut c, 80.0, 28.0, "名/Given names", &s.given_names);
    field(&mut c, 42.0, 36.0, "护照号/Passport No.", &s.passport_number);
    field(&mut c, 80.0, 36.0, "国籍/Nationality", &s.state);
    field(&mut c, 42.0, 44.0, "性别/Sex", s.sex.code());
    field(&mut c, 80.0, 44.0, "出生日期/Date of birth", &spelled(s.birth_date));
    match portrait {
        Some(p) => c.paste(p, 6.0, 12.0, 31.0, 39.0),
        None => {
            c.paint(
                |x, y, p| {
                    if (6.0..37.0).contains(&x) && (12.0..51.0).contains(&y) { [230, 234, 238] } else { p }
                },
            )
        }
    }
    // The zone lies on white; its lines are 44 × 2.54 = 111.8 mm long.
    c.paint(|_, y, p| if y > HEIGHT - 22.0 { mix(p, [255; 3], 0.6) } else { p });
    zone(&mut c, fonts, 4.1, HEIGHT - 7.0, &mrz::mrv_a(s));
    c.finish()
}
