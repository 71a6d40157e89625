//! 营业执照 of 297 × 210 mm: the duplicate (副本) of the form in use since 2019. Where the real one has the national
//! emblem stands a rosette, and the square beside the code is no QR code.

use image::RgbImage;
use jiff::civil::Date;
use shiren_core::identity::validity::ValidTo;

use super::ground::Ground;
use super::{INK, RED, mark};
use crate::Specimen;
use crate::canvas::{Canvas, Colour, Type, mix};
use crate::font::Fonts;

const WIDTH: f32 = 297.0;
const HEIGHT: f32 = 210.0;
/// 2376 × 1680 pixels.
const PX_PER_MM: f32 = 8.0;
const FRAME: Colour = [176, 140, 90];

/// Labels and values of the left and the right column, and where they stand.
const LEFT: (f32, f32) = (26.0, 54.0);
const RIGHT: (f32, f32) = (164.0, 192.0);
const FIRST_ROW: f32 = 84.0;
const ROW: f32 = 13.0;
/// Full-width characters of a line of the business scope, and of the address.
const SCOPE_LINE: usize = 22;
const ADDRESS_LINE: usize = 17;

/// The sheet.
pub fn business_licence(fonts: &Fonts, s: &Specimen) -> RgbImage {
    let company = &s.company;
    let mut c = Canvas::new(WIDTH, HEIGHT, PX_PER_MM);
    let ground = Ground {
        left: [250, 244, 230],
        right: [247, 240, 226],
        lines: [236, 222, 196],
        spacing: 3.4,
        rosette: (WIDTH / 2.0, 30.0, 14.0),
    };
    ground.paint(&mut c, WIDTH);
    frame(&mut c);
    let plain = |em| Type::new(&fonts.sans, em, INK);
    c.text(104.0, 44.0, Type { tracking: 7.0, ..Type::new(&fonts.bold, 17.0, INK) }, "营业执照");
    c.text(138.0, 64.5, plain(6.0), "（副　本）");
    c.text(26.0, 44.0, plain(4.4), "统一社会信用代码");
    c.text(26.0, 51.5, Type { tracking: 0.3, ..Type::new(&fonts.bold, 5.2, INK) }, &company.credit_code);
    square(&mut c, &company.credit_code, (244.0, 34.0), 28.0);
    mark(&mut c, fonts, 196.0, 66.0, 6.0);
    let row = |n: u8| FIRST_ROW + ROW * f32::from(n);
    let pair = |c: &mut Canvas, (label_x, value_x): (f32, f32), y, label: &str, value: &str| {
        spread(c, fonts, label_x, y, label);
        c.text(value_x, y, plain(4.6), value);
    };
    pair(&mut c, LEFT, row(0), "名称", &company.name);
    pair(&mut c, LEFT, row(1), "类型", &company.kind);
    pair(&mut c, LEFT, row(2), "法定代表人", &s.name);
    spread(&mut c, fonts, LEFT.0, row(3), "经营范围");
    for (i, line) in wrapped(&company.scope, SCOPE_LINE).iter().enumerate() {
        c.text(LEFT.1, row(3) + 6.2 * i as f32, plain(4.2), line);
    }
    pair(&mut c, RIGHT, row(0), "注册资本", &company.capital);
    pair(&mut c, RIGHT, row(1), "成立日期", &written(company.established_on));
    let mut address = 2;
    if let Some(to) = company.term_to {
        let end = match to {
            ValidTo::On(end) => written(end),
            ValidTo::LongTerm => "长期".to_owned(),
        };
        let term = format!("{}至{end}", written(company.established_on));
        pair(&mut c, RIGHT, row(2), "营业期限", &term);
        address = 3;
    }
    spread(&mut c, fonts, RIGHT.0, row(address), "住所");
    for (i, line) in wrapped(&company.address, ADDRESS_LINE).iter().enumerate() {
        c.text(RIGHT.1, row(address) + 6.6 * f32::from(i as u8), plain(4.6), line);
    }
    seal(&mut c, fonts, (238.0, 168.0));
    c.text(176.0, 166.0, plain(4.6), "登记机关");
    c.text(214.0, 182.0, plain(4.6), &written(company.established_on));
    c.finish()
}

/// A label over the width of five characters, as the form has it.
fn spread(c: &mut Canvas, fonts: &Fonts, x: f32, y: f32, label: &str) {
    const EM: f32 = 4.6;
    let n = label.chars().count() as f32;
    let tracking = if n > 1.0 { (5.0 - n) * EM / (n - 1.0) } else { 0.0 };
    c.text(x, y, Type { tracking, ..Type::new(&fonts.sans, EM, [70, 60, 50]) }, label);
}

/// `2015年06月01日`.
fn written(day: Date) -> String {
    format!("{:04}年{:02}月{:02}日", day.year(), day.month(), day.day())
}

fn wrapped(text: &str, length: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(length).map(|line| line.iter().collect()).collect()
}

/// Two lines around the sheet.
fn frame(c: &mut Canvas) {
    let edge = |x: f32, y: f32| x.min(WIDTH - x).min(y).min(HEIGHT - y);
    c.paint(|x, y, p| {
        let to_edge = edge(x, y);
        if (11.0..12.6).contains(&to_edge) || (14.0..14.6).contains(&to_edge) { FRAME } else { p }
    });
}

/// Dots after the code's characters, in the square of a QR code; none can be scanned.
fn square(c: &mut Canvas, code: &str, (left, top): (f32, f32), side: f32) {
    const MODULES: f32 = 29.0;
    let bytes = code.as_bytes();
    let dark = |column: usize, row: usize| {
        let at = (column * 31 + row * 17) % bytes.len().max(1);
        (usize::from(bytes[at]) * (column + 3) + row * row * 7).is_multiple_of(2)
    };
    c.paint(|x, y, p| {
        let (u, v) = ((x - left) / side, (y - top) / side);
        if !(0.0..1.0).contains(&u) || !(0.0..1.0).contains(&v) {
            return p;
        }
        if dark((u * MODULES) as usize, (v * MODULES) as usize) { [30, 30, 34] } else { [250, 250, 250] }
    });
}

/// The round seal of an office that there is not.
fn seal(c: &mut Canvas, fonts: &Fonts, (x, y): (f32, f32)) {
    c.paint(|px, py, p| {
        let r = (px - x).hypot(py - y);
        if (18.0..19.2).contains(&r) { mix(p, RED, 0.75) } else { p }
    });
    c.text(x - 11.0, y - 3.0, Type::new(&fonts.bold, 4.4, RED), "样本专用章");
}
