//! A passport's data page of 125 × 88 mm (ICAO 9303-4, TD3), issued by the Utopia of ICAO's own specimens.

use image::RgbImage;

use super::ground::Ground;
use super::{INK, labelled, mark, spelled, zone};
use crate::Specimen;
use crate::canvas::{Canvas, Type, mix};
use crate::font::Fonts;
use crate::mrz;

const WIDTH: f32 = 125.0;
const HEIGHT: f32 = 88.0;
/// 1750 × 1232 pixels.
const PX_PER_MM: f32 = 14.0;

/// The data page; an empty frame without a portrait.
pub fn passport(fonts: &Fonts, s: &Specimen, portrait: Option<&RgbImage>) -> RgbImage {
    let mut c = Canvas::new(WIDTH, HEIGHT, PX_PER_MM);
    let ground = Ground {
        left: [232, 240, 230],
        right: [244, 236, 224],
        lines: [165, 195, 170],
        spacing: 1.8,
        rosette: (88.0, 38.0, 26.0),
    };
    ground.paint(&mut c, WIDTH);
    c.text(6.0, 3.2, Type::new(&fonts.bold, 4.6, INK), "护照 PASSPORT");
    c.text(44.0, 4.2, Type::new(&fonts.sans, 3.2, INK), "乌托邦 UTOPIA");
    mark(&mut c, fonts, 84.0, 3.4, 4.6);
    let field = |c: &mut Canvas, x, y, label: &str, value: &str| labelled(c, fonts, (x, y), label, value);
    field(&mut c, 46.0, 11.5, "类型/Type", "P");
    field(&mut c, 62.0, 11.5, "国家码/Country code", &s.state);
    field(&mut c, 92.0, 11.5, "护照号/Passport No.", &s.passport_number);
    field(&mut c, 46.0, 19.5, "姓/Surname", &s.surname);
    field(&mut c, 46.0, 27.5, "名/Given names", &s.given_names);
    field(&mut c, 46.0, 35.5, "性别/Sex", s.sex.code());
    field(&mut c, 62.0, 35.5, "国籍/Nationality", "UTOPIAN");
    field(&mut c, 92.0, 35.5, "出生日期/Date of birth", &spelled(s.birth_date));
    field(&mut c, 46.0, 43.5, "签发日期/Date of issue", &spelled(s.passport_issued));
    field(&mut c, 92.0, 43.5, "有效期至/Date of expiry", &spelled(s.passport_expiry));
    field(&mut c, 46.0, 51.5, "签发机关/Authority", "PASSPORT OFFICE");
    if !s.personal_number.is_empty() {
        field(&mut c, 92.0, 51.5, "个人编号/Personal No.", &s.personal_number);
    }
    match portrait {
        Some(p) => c.paste(p, 6.0, 14.0, 35.0, 45.0),
        None => {
            c.paint(
                |x, y, p| {
                    if (6.0..41.0).contains(&x) && (14.0..59.0).contains(&y) { [230, 234, 230] } else { p }
                },
            )
        }
    }
    // The zone lies on white; its lines are 44 × 2.54 = 111.8 mm long.
    c.paint(|_, y, p| if y > HEIGHT - 23.2 { mix(p, [255; 3], 0.6) } else { p });
    zone(&mut c, fonts, 6.6, HEIGHT - 7.6, &mrz::td3(s));
    c.finish()
}
