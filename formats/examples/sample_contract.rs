//! Writes the sample contract: `cargo run -p kapok-formats --features draw --example sample_contract -- OUT.pdf`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "contract.pdf".to_owned());
    std::fs::write(path, kapok_formats::sample::contract()?)?;
    Ok(())
}
