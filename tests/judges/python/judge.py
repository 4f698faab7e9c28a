"""pyHanko and python-stdnum as judges: reads one JSON question a line from standard input, writes one JSON answer a line.

Questions: `versions`; `pyhanko` {file, roots, revocation}; `sign` {file, out, key, certificate, others};
`tamper` {file, out, kind}; `bench` {file, rounds, key, certificate, others};
`numbers` {kind, values}. A question that fails is answered with {"error": ...}; the process goes on.
"""

import io
import json
import logging
import sys
import time
from importlib.metadata import version

from asn1crypto import pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2, mod_11_10


def certificates(paths):
    """All certificates of PEM or DER files."""
    found = []
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        if pem.detect(data):
            found += [x509.Certificate.load(der) for _, _, der in pem.unarmor(data, multiple=True)]
        else:
            found.append(x509.Certificate.load(data))
    return found


def context(reader, question):
    """What is trusted. With `revocation` = "strict" every certificate needs revocation data from the file itself."""
    known = {"trust_roots": certificates(question["roots"]), "allow_fetching": False}
    if question.get("revocation", "strict") == "strict":
        known["revocation_mode"] = "require"
        return DocumentSecurityStore.read_dss(reader).as_validation_context(known)
    return ValidationContext(revocation_mode="soft-fail", **known)


def judge(question):
    """One verdict for each signature of the file, in the order of the file."""
    with open(question["file"], "rb") as file:
        reader = PdfFileReader(io.BytesIO(file.read()), strict=True)
    verdicts = []
    for signature in reader.embedded_regular_signatures:
        try:
            found = validate_pdf_signature(signature, context(reader, question))
            verdicts.append(
                {
                    "accepted": bool(found.bottom_line),
                    "intact": bool(found.intact),
                    "valid": bool(found.valid),
                    "trusted": bool(found.trusted),
                    "coverage": found.coverage.name,
                    "changes": found.modification_level.name if found.modification_level else "NONE",
                    "timestamped": bool(found.timestamp_validity and found.timestamp_validity.trusted),
                    "summary": found.summary(),
                }
            )
        except Exception as problem:  # a file that cannot be judged is a verdict, too
            verdicts.append({"accepted": False, "summary": f"{type(problem).__name__}: {problem}"})
    return {"signatures": verdicts, "timestamps": len(reader.embedded_timestamp_signatures)}


def signer(question):
    """A signer out of a PKCS #8 key in PEM, its certificate and the other certificates of its chain."""
    store = SimpleCertificateStore()
    store.register_multiple(certificates(question.get("others", [])))
    return signers.SimpleSigner(
        signing_cert=certificates([question["certificate"]])[0],
        signing_key=signers.SimpleSigner.load(question["key"], question["certificate"]).signing_key,
        cert_registry=store,
    )


def signed(data, with_signer, name):
    """`data` with one PAdES B-B signature more."""
    metadata = signers.PdfSignatureMetadata(
        field_name=name, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    out = io.BytesIO()
    signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), metadata, signer=with_signer, output=out)
    return out.getvalue()


def sign(question):
    """Signs a file: test material that is not ours."""
    with open(question["file"], "rb") as file:
        data = signed(file.read(), signer(question), question.get("field", "Signature1"))
    with open(question["out"], "wb") as file:
        file.write(data)
    return {"bytes": len(data)}


def tamper(question):
    """Changes a signed file by an incremental update, which leaves every signed byte as it was."""
    with open(question["file"], "rb") as file:
        writer = IncrementalPdfFileWriter(io.BytesIO(file.read()))
    text = b"BT /F1 24 Tf 72 600 Td (and 1,000,000 more) Tj ET"
    if question["kind"] == "page":
        contents = writer.add_object(generic.StreamObject(stream_data=text))
        writer.insert_page(PageObject(contents=contents, media_box=(0, 0, 595, 842)))
    elif question["kind"] == "annotation":
        annotation = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (60, 600, 500, 780)]),
                pdf_name("/Contents"): generic.pdf_string("and 1,000,000 more"),
                pdf_name("/DA"): generic.pdf_string("/Helv 24 Tf 1 0 0 rg"),
            }
        )
        writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(annotation))
    elif question["kind"] == "content":
        reference = writer.find_page_for_modification(0)[0]
        writer.mark_update(reference)
        reference.get_object()[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=text))
    elif question["kind"] == "field":
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            if field.get("/FT") == "/Tx":
                field[pdf_name("/V")] = generic.pdf_string("and 1,000,000 more")
                writer.update_container(field)
    else:
        raise ValueError(f"kind {question['kind']}")
    out = io.BytesIO()
    writer.write(out)
    with open(question["out"], "wb") as file:
        file.write(out.getvalue())
    return {"bytes": len(out.getvalue())}


def bench(question):
    """Signs one file many times in this warm process; milliseconds."""
    with open(question["file"], "rb") as file:
        data = file.read()
    with_signer = signer(question)
    rounds = max(1, int(question.get("rounds", 30)))
    times = []
    for number in range(2 * rounds):
        start = time.perf_counter()
        signed(data, with_signer, "Signature1")
        if number >= rounds:
            times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return {"rounds": rounds, "min_ms": times[0], "median_ms": times[rounds // 2]}


def resident_id(number):
    """As `ric.validate`, but a county that its list does not have is told apart from what is wrong with the number."""
    try:
        ric.validate(number)
        return "ok"
    except ValidationError as problem:
        refusal = type(problem).__name__
    except KeyError:  # its list has the province and not the county
        refusal = "InvalidComponent"
    if refusal != "InvalidComponent":
        return refusal
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return "date"
    if mod_11_2.is_valid(number):
        return "county"
    return "InvalidChecksum"


def told(validate):
    """A verdict in one word: `ok`, or the name of stdnum's refusal."""

    def verdict(number):
        try:
            validate(number)
            return "ok"
        except ValidationError as problem:
            return type(problem).__name__

    return verdict


NUMBERS = {
    "uscc": told(uscc.validate),
    "ric": resident_id,
    "mod_11_10": told(mod_11_10.validate),
    "mod_11_2": told(mod_11_2.validate),
}


def numbers(question):
    """One word for each number."""
    verdict = NUMBERS[question["kind"]]
    return {"verdicts": [verdict(number) for number in question["values"]]}


def versions(_question):
    """What is judging."""
    return {"pyhanko": version("pyHanko"), "stdnum": version("python-stdnum"), "pkilint": version("pkilint")}


COMMANDS = {
    "versions": versions,
    "pyhanko": judge,
    "sign": sign,
    "tamper": tamper,
    "bench": bench,
    "numbers": numbers,
}


def main():
    """Answers until standard input ends."""
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        try:
            question = json.loads(line)
            answer = COMMANDS[question["cmd"]](question)
        except Exception as problem:
            answer = {"error": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
