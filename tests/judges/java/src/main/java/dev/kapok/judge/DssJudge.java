package dev.kapok.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import eu.europa.esig.dss.diagnostic.PDFRevisionWrapper;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.policy.ValidationPolicyFacade;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;

/** Asks EU DSS for the PAdES level, the indication, and what changed after each signature. */
final class DssJudge {
    private DssJudge() {}

    /**
     * Question: {@code file}, {@code roots}, {@code revocation}: {@code "strict"} is the default policy as it is,
     * {@code "warn"} is for files without revocation data (PAdES B-B).
     */
    static ObjectNode judge(JsonNode question) throws Exception {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        for (X509Certificate root : Certificates.load(question, "roots")) {
            trusted.addCertificate(new CertificateToken(root));
        }
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        // Nothing is fetched: what a signature needs must be in the file.
        verifier.setAIASource(null);
        SignedDocumentValidator validator =
            SignedDocumentValidator.fromDocument(new FileDocument(question.path("file").asText()));
        validator.setCertificateVerifier(verifier);
        String policy = policy(question.path("revocation").asText("strict"));
        Reports reports =
            validator.validateDocument(
                ValidationPolicyFacade.newFacade()
                    .getValidationPolicy(new ByteArrayInputStream(policy.getBytes(StandardCharsets.UTF_8))));
        ObjectNode verdict = Main.JSON.createObjectNode();
        ArrayNode signatures = verdict.putArray("signatures");
        for (SignatureWrapper signature : reports.getDiagnosticData().getSignatures()) {
            signatures.add(one(signature, reports.getSimpleReport()));
        }
        return verdict;
    }

    /** The default policy, with nothing but the two revocation constraints lowered to a warning. */
    private static String policy(String revocation) throws IOException {
        String text;
        try (InputStream stream = DssJudge.class.getResourceAsStream("/policy/constraint.xml")) {
            text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (revocation.equals("strict")) {
            return text;
        }
        String lowered = text;
        for (String name : List.of("RevocationDataAvailable", "AcceptableRevocationDataFound")) {
            String fail = "<" + name + " Level=\"FAIL\"";
            if (!lowered.contains(fail)) {
                throw new IOException("the default policy has no " + fail);
            }
            lowered = lowered.replace(fail, "<" + name + " Level=\"WARN\"");
        }
        return lowered;
    }

    private static ObjectNode one(SignatureWrapper signature, SimpleReport report) {
        String id = signature.getId();
        SubIndication sub = report.getSubIndication(id);
        ObjectNode verdict =
            Main.JSON.createObjectNode()
                .put("indication", report.getIndication(id).name())
                .put("sub_indication", sub == null ? null : sub.name())
                .put("level", signature.getSignatureFormat().name())
                .put("digest", signature.getDigestAlgorithm() == null ? null : signature.getDigestAlgorithm().getName());
        texts(verdict.putArray("errors"), report.getAdESValidationErrors(id));
        texts(verdict.putArray("warnings"), report.getAdESValidationWarnings(id));
        ArrayNode changes = verdict.putArray("changes");
        PDFRevisionWrapper revision = signature.getPDFRevision();
        if (revision == null) {
            return verdict;
        }
        // New signatures, filled fields and a document security store are no changes of what was signed.
        add(changes, "undefined", !revision.getPdfUndefinedChanges().isEmpty());
        add(changes, "annotation", !revision.getPdfAnnotationChanges().isEmpty());
        add(changes, "annotation_overlap", !revision.getPdfAnnotationsOverlapConcernedPages().isEmpty());
        add(changes, "page_count", !revision.getPdfPageDifferenceConcernedPages().isEmpty());
        add(changes, "page_picture", !revision.getPdfVisualDifferenceConcernedPages().isEmpty());
        add(changes, "byte_range", !revision.isSignatureByteRangeValid());
        return verdict;
    }

    private static void add(ArrayNode changes, String name, boolean found) {
        if (found) {
            changes.add(name);
        }
    }

    private static void texts(ArrayNode into, List<Message> messages) {
        messages.forEach(message -> into.add(message.getValue()));
    }
}
