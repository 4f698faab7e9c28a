package dev.kapok.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdfparser.PDFParser;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;

/** Parses a PDF strictly with PDFBox and checks what its signatures cover; Bouncy Castle checks the CMS. */
final class PdfBoxJudge {
    private PdfBoxJudge() {}

    /** Question: {@code file}, {@code roots}. */
    static ObjectNode judge(JsonNode question) throws Exception {
        byte[] pdf = Files.readAllBytes(Path.of(question.path("file").asText()));
        List<X509Certificate> roots = Certificates.load(question, "roots");
        ObjectNode verdict = Main.JSON.createObjectNode();
        try (PDDocument document = new PDFParser(new RandomAccessReadBuffer(pdf)).parse(false)) {
            verdict.put("pages", document.getNumberOfPages());
            ArrayNode signatures = verdict.putArray("signatures");
            for (PDSignature signature : document.getSignatureDictionaries()) {
                signatures.add(one(pdf, signature, roots));
            }
        }
        return verdict;
    }

    private static ObjectNode one(byte[] pdf, PDSignature signature, List<X509Certificate> roots) {
        int[] range = signature.getByteRange();
        ObjectNode verdict;
        if (fits(pdf, range)) {
            verdict = CmsJudge.verify(contents(pdf, range), covered(pdf, range), roots);
        } else {
            verdict = Main.JSON.createObjectNode();
            verdict.put("signature", false).put("attributes", false).put("chain", false);
            verdict.put("reason", "the byte range does not fit the file");
        }
        boolean fits = fits(pdf, range);
        verdict.put("sub_filter", signature.getSubFilter());
        verdict.put("hole_is_exact", fits && holeIsExact(pdf, range));
        verdict.put("ends_at_eof", fits && endsAtEof(pdf, range[2] + range[3]));
        verdict.put("covers_file", fits && range[2] + range[3] == pdf.length);
        return verdict;
    }

    private static boolean fits(byte[] pdf, int[] range) {
        return range != null
            && range.length == 4
            && range[0] == 0
            && range[1] > 0
            && range[2] > range[1] + 1
            && range[3] > 0
            && (long) range[2] + range[3] <= pdf.length;
    }

    /** What is left out is {@code <hex digits>} and nothing else. */
    private static boolean holeIsExact(byte[] pdf, int[] range) {
        if (pdf[range[1]] != '<' || pdf[range[2] - 1] != '>') {
            return false;
        }
        for (int at = range[1] + 1; at < range[2] - 1; at++) {
            if (Character.digit(pdf[at], 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean endsAtEof(byte[] pdf, int end) {
        int from = Math.max(0, end - 8);
        return new String(pdf, from, end - from, StandardCharsets.ISO_8859_1).trim().endsWith("%%EOF");
    }

    /** The CMS as the file has it, padding included. */
    private static byte[] contents(byte[] pdf, int[] range) {
        String hex = new String(pdf, range[1], range[2] - range[1], StandardCharsets.ISO_8859_1).replaceAll("[^0-9A-Fa-f]", "");
        byte[] bytes = new byte[hex.length() / 2];
        for (int at = 0; at < bytes.length; at++) {
            bytes[at] = (byte) Integer.parseInt(hex.substring(2 * at, 2 * at + 2), 16);
        }
        return bytes;
    }

    private static byte[] covered(byte[] pdf, int[] range) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(range[1] + range[3]);
        out.write(pdf, 0, range[1]);
        out.write(pdf, range[2], range[3]);
        return out.toByteArray();
    }
}
