//! 居民身份证 of 85.6 × 54 mm (GA 448: ID-1 of ISO/IEC 7810), front and back.

use image::RgbImage;
use shiren_core::identity::Sex;
use shiren_core::identity::validity::ValidTo;

use super::ground::Ground;
use super::{INK, mark};
use crate::Specimen;
use crate::canvas::{Canvas, Colour, Type};
use crate::font::Fonts;

const WIDTH: f32 = 85.6;
const HEIGHT: f32 = 54.0;
/// 508 dpi: 1712 × 1080 pixels.
const PX_PER_MM: f32 = 20.0;
const LABEL: Colour = [62, 110, 165];

/// Width of an address line in full-width characters; the real card breaks after eleven.
const ADDRESS_LINE: usize = 11;

/// The side with the portrait; an empty frame without one.
pub fn id_front(fonts: &Fonts, s: &Specimen, portrait: Option<&RgbImage>) -> RgbImage {
    let mut c = Canvas::new(WIDTH, HEIGHT, PX_PER_MM);
    let ground = Ground {
        left: [224, 236, 245],
        right: [240, 228, 233],
        lines: [150, 190, 215],
        spacing: 1.5,
        rosette: (30.0, 30.0, 17.0),
    };
    ground.paint(&mut c, WIDTH);
    let label = Type::new(&fonts.sans, 2.75, LABEL);
    let value = Type { tracking: 0.15, ..Type::new(&fonts.sans, 3.5, INK) };
    let pair = |c: &mut Canvas, x: f32, y: f32, name: &str, text: &str| {
        c.text(x, y + 0.5, label, name);
        c.text(x + 7.7, y, value, text);
    };
    pair(&mut c, 6.3, 6.2, "姓名", &s.name);
    pair(&mut c, 6.3, 13.0, "性别", if s.sex == Sex::Male { "男" } else { "女" });
    pair(&mut c, 22.6, 13.0, "民族", &s.ethnicity);
    pair(&mut c, 6.3, 19.8, "出生", &s.birth_date.year().to_string());
    for (x, text) in [(26.3, s.birth_date.month()), (34.7, s.birth_date.day())] {
        c.text(x, 19.8, value, &text.to_string());
    }
    for (x, unit) in [(22.9, "年"), (30.9, "月"), (39.3, "日")] {
        c.text(x, 20.3, label, unit);
    }
    c.text(6.3, 27.1, label, "住址");
    for (i, line) in address_lines(&s.address).iter().enumerate() {
        c.text(14.0, 26.6 + 4.8 * i as f32, Type { em: 3.3, ..value }, line);
    }
    c.text(6.3, 45.3, label, "公民身份号码");
    c.grid(27.8, 48.0, 2.78, &fonts.ocr_b, INK, &s.id_number);
    match portrait {
        Some(p) => c.paste(p, 54.0, 7.0, 26.0, 32.0),
        None => {
            c.paint(
                |x, y, p| {
                    if (54.0..80.0).contains(&x) && (7.0..39.0).contains(&y) { [226, 232, 240] } else { p }
                },
            )
        }
    }
    mark(&mut c, fonts, 53.6, 39.9, 3.6);
    c.finish()
}

/// The side with the authority and the validity. Where the real card has the national emblem stands a rosette.
pub fn id_back(fonts: &Fonts, s: &Specimen) -> RgbImage {
    let mut c = Canvas::new(WIDTH, HEIGHT, PX_PER_MM);
    let ground = Ground {
        left: [243, 230, 228],
        right: [226, 238, 244],
        lines: [205, 165, 160],
        spacing: 1.4,
        rosette: (15.5, 15.0, 9.5),
    };
    ground.paint(&mut c, WIDTH);
    let title = |em, tracking| Type { tracking, ..Type::new(&fonts.bold, em, INK) };
    c.text(31.5, 6.6, title(5.2, 0.9), "中华人民共和国");
    c.text(30.5, 14.6, title(7.8, 1.5), "居民身份证");
    let (label, value) = (Type::new(&fonts.sans, 2.9, INK), Type::new(&fonts.sans, 3.2, INK));
    c.text(19.0, 38.2, label, "签发机关");
    c.text(33.0, 38.0, value, &s.authority);
    c.text(19.0, 45.0, label, "有效期限");
    c.text(33.0, 44.8, value, &validity(s));
    mark(&mut c, fonts, 46.0, 28.0, 4.4);
    c.finish()
}

/// Breaks an address where the card does; digits and letters are half as wide as characters.
fn address_lines(address: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut halves = 0;
    for c in address.chars() {
        halves += if c.is_ascii() { 1 } else { 2 };
        if halves > 2 * ADDRESS_LINE {
            halves = if c.is_ascii() { 1 } else { 2 };
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    lines
}

/// `2024.05.01-2044.05.01` or `2024.05.01-长期`.
fn validity(s: &Specimen) -> String {
    let dotted = |d: jiff::civil::Date| format!("{:04}.{:02}.{:02}", d.year(), d.month(), d.day());
    match s.valid_to {
        ValidTo::On(end) => format!("{}-{}", dotted(s.valid_from), dotted(end)),
        ValidTo::LongTerm => format!("{}-长期", dotted(s.valid_from)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_breaks_after_eleven_characters_and_digits_count_half() {
        let lines = address_lines("浙江省杭州市西湖区明湖北路276号18栋605室");
        assert_eq!(lines, ["浙江省杭州市西湖区明湖", "北路276号18栋605室"]);
    }
}
