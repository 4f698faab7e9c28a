package dev.kapok.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Verifies a detached CMS signature (P-256 or SM2) with Bouncy Castle. */
final class CmsJudge {
    private static final String BC = BouncyCastleProvider.PROVIDER_NAME;

    private CmsJudge() {}

    /** Question: {@code file} (CMS, DER), {@code content} (what was signed), {@code roots}. */
    static ObjectNode judge(JsonNode question) throws Exception {
        byte[] cms = Files.readAllBytes(Path.of(question.path("file").asText()));
        byte[] content = Files.readAllBytes(Path.of(question.path("content").asText()));
        return verify(cms, content, Certificates.load(question, "roots"));
    }

    /**
     * The verdict: {@code signature} (digest and signature fit), {@code attributes} (content type and ESS certificate
     * reference fit), {@code chain} (to one of the roots at the signing time), and {@code reason} for the first that
     * does not.
     */
    static ObjectNode verify(byte[] cms, byte[] content, List<X509Certificate> roots) {
        ObjectNode verdict = Main.JSON.createObjectNode();
        verdict.put("signature", false).put("attributes", false).put("chain", false);
        try {
            CMSSignedData data = new CMSSignedData(new CMSProcessableByteArray(content), cms);
            List<SignerInformation> signers = new ArrayList<>(data.getSignerInfos().getSigners());
            if (signers.size() != 1) {
                return verdict.put("reason", signers.size() + " signers instead of one");
            }
            SignerInformation signer = signers.get(0);
            X509Certificate certificate = certificate(data, signer);
            verdict.put("signer", certificate.getSubjectX500Principal().getName());
            verdict.put("algorithm", signer.getEncryptionAlgOID());
            if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider(BC).build(certificate))) {
                return verdict.put("reason", "the signature does not fit");
            }
            verdict.put("signature", true);
            checkAttributes(signer, certificate);
            verdict.put("attributes", true);
            Certificates.chain(certificate, certificates(data), roots, signingTime(signer));
            verdict.put("chain", true);
        } catch (Exception problem) {
            verdict.put("reason", problem.toString());
        }
        return verdict;
    }

    private static X509Certificate certificate(CMSSignedData data, SignerInformation signer) throws Exception {
        for (Object holder : data.getCertificates().getMatches(null)) {
            X509CertificateHolder candidate = (X509CertificateHolder) holder;
            if (signer.getSID().match(candidate)) {
                return convert(candidate);
            }
        }
        throw new IllegalArgumentException("the signer's certificate is not in the CMS");
    }

    private static List<X509Certificate> certificates(CMSSignedData data) throws Exception {
        List<X509Certificate> all = new ArrayList<>();
        for (Object holder : data.getCertificates().getMatches(null)) {
            all.add(convert((X509CertificateHolder) holder));
        }
        return all;
    }

    private static X509Certificate convert(X509CertificateHolder holder) throws Exception {
        return new JcaX509CertificateConverter().setProvider(BC).getCertificate(holder);
    }

    private static void checkAttributes(SignerInformation signer, X509Certificate certificate) throws Exception {
        AttributeTable signed = signer.getSignedAttributes();
        if (signed == null) {
            throw new IllegalArgumentException("no signed attributes");
        }
        ASN1Encodable type = only(signed, CMSAttributes.contentType);
        if (!PKCSObjectIdentifiers.data.equals(type)) {
            throw new IllegalArgumentException("content type " + type);
        }
        ESSCertIDv2[] references =
            SigningCertificateV2.getInstance(only(signed, PKCSObjectIdentifiers.id_aa_signingCertificateV2)).getCerts();
        if (references.length == 0) {
            throw new IllegalArgumentException("the ESS reference names no certificate");
        }
        String digest = references[0].getHashAlgorithm().getAlgorithm().getId();
        byte[] expected = MessageDigest.getInstance(digest, BC).digest(certificate.getEncoded());
        if (!MessageDigest.isEqual(expected, references[0].getCertHash())) {
            throw new IllegalArgumentException("the ESS reference is to another certificate");
        }
    }

    private static ASN1Encodable only(AttributeTable table, org.bouncycastle.asn1.ASN1ObjectIdentifier type) {
        Attribute attribute = table.get(type);
        if (attribute == null || attribute.getAttrValues().size() != 1) {
            throw new IllegalArgumentException("attribute " + type + " must be there once");
        }
        return attribute.getAttrValues().getObjectAt(0);
    }

    /** PAdES leaves the CMS attribute out: then the chain is judged now. */
    private static Date signingTime(SignerInformation signer) {
        Attribute attribute = signer.getSignedAttributes().get(CMSAttributes.signingTime);
        return attribute == null ? new Date() : Time.getInstance(attribute.getAttrValues().getObjectAt(0)).getDate();
    }
}
