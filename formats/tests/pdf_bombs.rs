//! Files that unpack to far more than they are: refused quickly, without memory for what is in them.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that meets the unexpected must panic; a time limit reads the clock"
)]

use flate2::Compression;
use flate2::write::ZlibEncoder;
use hayro_syntax::Pdf;
use kapok_formats::pdf::{Document, PdfError, check_opening, check_page};
use std::io::Write;
use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;
/// More than any page or object stream may hold.
const HUGE: usize = 300 * MIB;
/// What a refusal may cost, in memory and, in an unoptimised build on a busy machine, in time.
const MEMORY: usize = 64 * MIB;
const TIME: Duration = Duration::from_secs(10);

fn deflated(byte: u8, size: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let part = vec![byte; MIB];
    for _ in 0..size / MIB {
        encoder.write_all(&part).unwrap();
    }
    encoder.finish().unwrap()
}

fn again(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<<{entries}/Length {}>>stream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// Objects 1, 2, … with a cross-reference table; 1 is the catalog, 2 the page tree, 3 the page, 4 its content.
fn file(content: Vec<u8>, resources: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<<{resources}>>>>"
    );
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        page.into_bytes(),
        content,
    ];
    objects.extend_from_slice(more);
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, body) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.extend(format!("{} 0 obj\n", index + 1).bytes());
        out.extend(body);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    let size = objects.len() + 1;
    out.extend(table.bytes());
    out.extend(
        format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").bytes(),
    );
    out
}

/// Catalog and page tree lie in object stream 3, which is of `size` bytes and does not say what it is.
fn in_object_stream(kind: &str, filter: &str, data: &[u8]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let container = out.len();
    out.extend(b"3 0 obj\n");
    out.extend(stream(&format!("{kind}/N 2/First 8/Filter{filter}"), data));
    out.extend(b"\nendobj\n");
    let start = out.len();
    let mut rows = vec![0u8; 7];
    for (index, kind) in [(0u16, 2u8), (1, 2)] {
        rows.push(kind);
        rows.extend(3u32.to_be_bytes());
        rows.extend(index.to_be_bytes());
    }
    for offset in [container, start] {
        rows.push(1);
        rows.extend(u32::try_from(offset).unwrap().to_be_bytes());
        rows.extend([0, 0]);
    }
    out.extend(b"4 0 obj\n");
    out.extend(stream("/Type/XRef/W[1 4 2]/Size 5/Root 1 0 R", &rows));
    out.extend(format!("\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

/// Spaces in LZW: each code stands for the longest string so far, and once the table is full the last one is repeated.
fn lzw(repeated: usize) -> Vec<u8> {
    let (mut out, mut bits, mut count, mut width) = (Vec::new(), 0u32, 0, 9);
    let codes = [256, 32].into_iter().chain(258..4096);
    for (index, code) in codes.chain(std::iter::repeat_n(4095, repeated)).enumerate() {
        bits = bits << width | code;
        count += width;
        while count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
        bits &= (1 << count) - 1;
        // Codes grow one entry early (ISO 32000-2 § 7.4.4.3).
        width = match 257 + index {
            0..511 => 9,
            511..1023 => 10,
            1023..2047 => 11,
            _ => 12,
        };
    }
    out.push((bits << (8 - count)) as u8);
    out
}

fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<usize>().ok());
    kib.unwrap_or(0) * 1024
}

fn page(bytes: &[u8]) -> Result<(), PdfError> {
    check_opening(bytes)?;
    let pdf = Pdf::new(bytes.to_vec()).unwrap();
    check_page(pdf.pages().first().unwrap())
}

/// One test in this file: memory is counted for the whole process.
#[test]
fn bombs_are_refused_quickly_and_in_little_memory() {
    let huge = deflated(b' ', HUGE);
    let flate = "/Filter/FlateDecode";
    let image = "/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8";
    let form = |entries: &str, data: &[u8]| {
        let object = stream(entries, data);
        file(stream("", b"/X Do"), "/XObject<</X 5 0 R>>", &[object])
    };
    let inline = [
        b"BI /W 9 /H 9 /BPC 8 /CS /G /F /Fl ID ".as_slice(),
        &huge,
        b" EI",
    ]
    .concat();
    let lzw = lzw(MIB);
    let pages = [
        ("content", file(stream(flate, &huge), "", &[])),
        (
            "content in content",
            file(
                stream("/Filter[/FlateDecode/FlateDecode]", &again(&huge)),
                "",
                &[],
            ),
        ),
        ("form", form(&format!("/Subtype/Form{flate}"), &huge)),
        (
            "small picture, much data",
            form(&format!("{image}/Width 9/Height 9{flate}"), &huge),
        ),
        (
            "large picture, no data",
            form(&format!("{image}/Width 30000/Height 30000"), b""),
        ),
        (
            "fax",
            form(
                &format!(
                    "{image}/Width 9/Height 9000/Filter/CCITTFaxDecode/DecodeParms<</Columns 90000>>"
                ),
                b"",
            ),
        ),
        ("picture in the content", file(stream("", &inline), "", &[])),
        (
            "run lengths",
            file(
                stream("/Filter/RunLengthDecode", &[129, 32].repeat(3 * MIB)),
                "",
                &[],
            ),
        ),
        ("lzw", file(stream("/Filter/LZWDecode", &lzw), "", &[])),
        (
            "predictor",
            file(
                stream(
                    &format!("{flate}/DecodeParms<</Predictor 12/Columns 2000000000>>"),
                    &again(b"q Q"),
                ),
                "",
                &[],
            ),
        ),
    ];
    let files = [
        ("object stream", in_object_stream("", "/FlateDecode", &huge)),
        (
            "object stream as a picture",
            in_object_stream("/Subtype/Image", "/FlateDecode", &huge),
        ),
        (
            "object stream twice packed",
            in_object_stream("/Type/ObjStm", "[/FlateDecode/Fl]", &again(&huge)),
        ),
        (
            "object stream whose filter is elsewhere",
            in_object_stream("/Type/ObjStm", " 9 0 R", &huge),
        ),
    ];
    // The same codes without the many repetitions are read as they are meant: this is what would be unpacked.
    let few = stream("/Filter/LZWDecode", &self::lzw(2));
    let few =
        <hayro_syntax::object::Stream<'_> as hayro_syntax::object::FromBytes<'_>>::from_bytes(&few);
    let few = few.unwrap().decoded_data().unwrap().into_owned();
    assert!(few.len() > 7 * MIB && few.iter().all(|byte| *byte == b' '));
    let before = memory();
    for (name, bytes) in &pages {
        let started = Instant::now();
        assert_eq!(page(bytes), Err(PdfError::Unpacked), "{name}");
        assert!(started.elapsed() < TIME, "{name}");
        assert!(
            Document::open(bytes).is_ok(),
            "{name}: only drawing unpacks pages"
        );
    }
    for (name, bytes) in &files {
        let started = Instant::now();
        let refused = Document::open(bytes).err().unwrap();
        let known = matches!(
            refused,
            PdfError::Unpacked | PdfError::Damaged("a stream's filter")
        );
        assert!(known, "{name}: {refused:?}");
        assert_eq!(check_opening(bytes), Err(refused), "{name}");
        assert!(started.elapsed() < TIME, "{name}");
    }
    let grown = memory() - before;
    assert!(grown <= MEMORY, "{} MiB", grown / MIB);
}
