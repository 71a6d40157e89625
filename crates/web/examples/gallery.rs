//! Writes every page with made-up data, in both languages, with its assets, into a folder to look at:
//! `cargo run -p shiren-web --example gallery -- OUT`, then serve `OUT` over HTTP.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use shiren_web::words::Language;
use shiren_web::{asset, page};

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::args().nth(1).ok_or("where to? name a folder")?);
    fs::create_dir_all(out.join("assets"))?;
    for file in asset::all() {
        fs::write(out.join(file.url.trim_start_matches('/')), &file.bytes)?;
    }
    for language in Language::ALL {
        for (name, html) in page::sample::all(language)? {
            fs::write(out.join(format!("{name}.{}.html", language.name())), html)?;
        }
    }
    println!("{}", out.display());
    Ok(())
}
