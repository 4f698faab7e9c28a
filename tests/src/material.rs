//! Material for tests: PDF files that nobody of ours wrote, and certificate chains made by openssl.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::judges::{JudgeError, SigningKey, openssl};

/// A plain PDF 1.7 with a cross-reference table, `pages` pages of one line each, and `padding` bytes in a stream that no
/// page shows (to give benchmarks their size).
pub fn plain_pdf(pages: usize, padding: usize) -> Vec<u8> {
    let kids: String = (0..pages).fold(String::new(), |mut kids, page| {
        let _ = write!(kids, "{} 0 R ", 4 + 2 * page);
        kids
    });
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for page in 0..pages {
        let text = format!("BT /F1 18 Tf 72 720 Td (Page {}) Tj ET", page + 1);
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * page
        ));
        objects.push(stream(&text));
    }
    if padding > 0 {
        objects.push(stream(&"0123456789abcdef".repeat(padding / 16 + 1)));
    }
    assemble(&objects)
}

/// A page with a text field `note` and two empty signature fields, `buyer` and `seller`.
pub fn form_pdf() -> Vec<u8> {
    let widget = |rest: &str| format!("<< /Type /Annot /Subtype /Widget /F 4 /P 4 0 R {rest} >>");
    let helvetica = "/DA (/Helv 12 Tf 0 g) /DR << /Font << /Helv 3 0 R >> >>";
    assemble(&[
        format!(
            "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R 7 0 R 8 0 R] {helvetica} >> >>"
        ),
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R \
         /Resources << /Font << /F1 3 0 R >> >> /Annots [6 0 R 7 0 R 8 0 R] >>"
            .to_owned(),
        stream("BT /F1 18 Tf 72 720 Td (Contract) Tj ET"),
        widget("/FT /Tx /T (note) /Rect [72 600 300 630]"),
        widget("/FT /Sig /T (buyer) /Rect [72 300 240 420]"),
        widget("/FT /Sig /T (seller) /Rect [320 300 360 420]"),
    ])
}

fn stream(content: &str) -> String {
    format!(
        "<< /Length {} >>\nstream\n{content}\nendstream",
        content.len()
    )
}

fn assemble(objects: &[String]) -> Vec<u8> {
    let mut pdf = String::from("%PDF-1.7\n%\u{e2}\u{e3}\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", pdf.len());
        let _ = write!(pdf, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = pdf.len();
    let size = objects.len() + 1;
    let _ = write!(
        pdf,
        "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    pdf.into_bytes()
}

/// A P-256 chain made by openssl: root, issuing CA, signer. Certificates in PEM, the key in PKCS #8 PEM.
pub struct Chain {
    /// The root.
    pub root: PathBuf,
    /// The issuing CA.
    pub issuer: PathBuf,
    /// The signer's certificate and key.
    pub signer: SigningKey,
}

/// Makes a chain in `folder`.
///
/// # Errors
/// What openssl says.
pub fn chain(folder: &Path) -> Result<Chain, JudgeError> {
    let path = |name: &str| folder.join(name).display().to_string();
    for name in ["root", "issuer", "signer"] {
        let key = path(&format!("{name}.key"));
        run(&[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            &key,
        ])?;
    }
    let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
    let below =
        "authorityKeyIdentifier=keyid\ncrlDistributionPoints=URI:http://127.0.0.1/test.crl\n";
    let signer = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\nsubjectKeyIdentifier=hash\n";
    extensions(folder, "root", authority)?;
    extensions(folder, "issuer", &format!("{authority}{below}"))?;
    extensions(folder, "signer", &format!("{signer}{below}"))?;
    for (name, by) in [
        ("root", None),
        ("issuer", Some("root")),
        ("signer", Some("issuer")),
    ] {
        certify(&path, name, by)?;
    }
    Ok(Chain {
        root: folder.join("root.pem"),
        issuer: folder.join("issuer.pem"),
        signer: SigningKey {
            key: folder.join("signer.key"),
            certificate: folder.join("signer.pem"),
            others: vec![folder.join("issuer.pem")],
        },
    })
}

fn extensions(folder: &Path, name: &str, text: &str) -> Result<(), JudgeError> {
    fs::write(folder.join(format!("{name}.ext")), text)
        .map_err(|error| JudgeError::NoAnswer(error.to_string()))
}

fn certify(path: &dyn Fn(&str) -> String, name: &str, by: Option<&str>) -> Result<(), JudgeError> {
    let file = |kind: &str| path(&format!("{name}.{kind}"));
    let subject = format!("/C=CN/O=Kapok test/CN=Kapok test {name}");
    run(&[
        "req",
        "-new",
        "-sha256",
        "-key",
        &file("key"),
        "-subj",
        &subject,
        "-out",
        &file("csr"),
    ])?;
    let (csr, extensions, out) = (file("csr"), file("ext"), file("pem"));
    let mut arguments = vec![
        "x509",
        "-req",
        "-sha256",
        "-days",
        "30",
        "-in",
        &csr,
        "-extfile",
        &extensions,
        "-out",
        &out,
    ];
    let own = file("key");
    let (certificate, key);
    match by {
        None => arguments.extend(["-signkey", &own]),
        Some(by) => {
            certificate = path(&format!("{by}.pem"));
            key = path(&format!("{by}.key"));
            arguments.extend(["-CA", &certificate, "-CAkey", &key, "-CAcreateserial"]);
        }
    }
    run(&arguments)
}

fn run(arguments: &[&str]) -> Result<(), JudgeError> {
    let output = openssl(arguments)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(JudgeError::NoAnswer(format!(
        "openssl {arguments:?}: {said}"
    )))
}
