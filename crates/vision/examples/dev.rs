use shiren_vision::document::{
    outline,
    text::{detect, recognise::Recogniser},
};
use shiren_vision::pack::Library;
use shiren_vision::picture::warp::{Homography, Pyramid};
use std::time::Instant;
fn load(p: &str) -> image::RgbImage {
    let b = std::fs::read(p).unwrap();
    let mut d = zune_jpeg::JpegDecoder::new(std::io::Cursor::new(b));
    let v = d.decode().unwrap();
    let (w, h) = d.dimensions().unwrap();
    image::RgbImage::from_raw(w as u32, h as u32, v).unwrap()
}
fn main() {
    let lib = Library::open(std::path::Path::new("/tmp/models"), 1).unwrap();
    let det = lib.model("text-detector").unwrap();
    let rec = Recogniser::new(vec![lib.model("text-recogniser").unwrap()]).unwrap();
    for f in std::env::args().skip(1) {
        let t0 = Instant::now();
        let p = load(&f);
        let t1 = Instant::now();
        let pyr = Pyramid::new(&p, 0.18);
        let o = outline::find(&pyr);
        let t2 = Instant::now();
        print!(
            "{} decode {:.0} outline {:.0} ms n={} ",
            f.rsplit('/').next().unwrap(),
            (t1 - t0).as_secs_f32() * 1e3,
            (t2 - t1).as_secs_f32() * 1e3,
            o.len()
        );
        let Some(o) = o.first() else {
            println!("NONE");
            continue;
        };
        print!(
            "support {:.2} border {} w {:.0} h {:.0} ",
            o.support,
            o.sides_on_border,
            o.region.width(),
            o.region.height()
        );
        if std::env::var("OUT").is_ok() {
            println!();
            continue;
        }
        let (w, h) = (640u32, 416u32);
        let hm = Homography::from_rect(640., 403., &o.region).unwrap();
        let v = pyr.view(&hm, w, h, image::Rgb([128; 3]));
        let t3 = Instant::now();
        let ls = detect::lines(det.as_ref(), &v).unwrap();
        let t4 = Instant::now();
        let full: Vec<_> = ls.iter().map(|l| hm.apply_region(l)).collect();
        let r = rec.read(&pyr, &full).unwrap();
        let t5 = Instant::now();
        println!(
            "warp {:.0} det {:.0} rec {:.0}",
            (t3 - t2).as_secs_f32() * 1e3,
            (t4 - t3).as_secs_f32() * 1e3,
            (t5 - t4).as_secs_f32() * 1e3
        );
        for (l, r) in ls.iter().zip(&r) {
            let g = r.greedy();
            let (x, y, ww, hh) = l.bounds();
            println!(
                "   {:4.0} {:4.0} {:4.0} {:4.0}  {}  min {:.2}",
                x,
                y,
                ww,
                hh,
                g.iter().map(|g| g.char).collect::<String>(),
                g.iter().map(|g| g.probability).fold(1.0, f32::min)
            );
        }
    }
}
