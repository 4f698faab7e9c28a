//! Draws a seal into a file, to look at: `draw_seal OUT.png NAME [TITLE] [CODE]`; OUT.svg gives SVG, a NAME of 2 or 3
//! characters the square seal of a person. Prints the time of the fastest of 50 drawings.
// A measurement reads the clock; the library itself never does.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use kapok_formats::draw::{
    DrawError, NameSealDesign, SealDesign, company_seal, company_seal_svg, name_seal, name_seal_svg,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(out), Some(name)) = (arguments.next(), arguments.next()) else {
        return Err("usage: draw_seal OUT.png NAME [TITLE] [CODE]".into());
    };
    let (title, code) = (arguments.next().filter(|t| !t.is_empty()), arguments.next());
    let design = SealDesign {
        title,
        code,
        ..SealDesign::company(&name)
    };
    let mut best = f64::INFINITY;
    let mut file = Vec::new();
    for _ in 0..50 {
        let started = std::time::Instant::now();
        file = draw(&out, &name, &design)?;
        best = best.min(started.elapsed().as_secs_f64() * 1000.0);
    }
    println!("{best:.2} ms at best, {} bytes", file.len());
    std::fs::write(out, file)?;
    Ok(())
}

fn draw(out: &str, name: &str, design: &SealDesign) -> Result<Vec<u8>, DrawError> {
    let is_person = name.chars().count() < 4;
    match (out.ends_with(".svg"), is_person) {
        (false, false) => Ok(company_seal(design)?.png),
        (false, true) => Ok(name_seal(&NameSealDesign::person(name))?.png),
        (true, false) => Ok(company_seal_svg(design)?.into_bytes()),
        (true, true) => Ok(name_seal_svg(&NameSealDesign::person(name))?.into_bytes()),
    }
}
