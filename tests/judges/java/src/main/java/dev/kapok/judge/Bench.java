package dev.kapok.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Date;
import java.util.Hashtable;
import java.util.List;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** Signs one PDF many times with PDFBox and Bouncy Castle (PAdES B-B, P-256) in this warm process. */
final class Bench {
    private static final String BC = BouncyCastleProvider.PROVIDER_NAME;

    private final KeyPair keys;
    private final X509Certificate certificate;

    private Bench() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", BC);
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        keys = generator.generateKeyPair();
        X500Name name = new X500Name("CN=bench");
        Instant now = Instant.now();
        ContentSigner signer = new JcaContentSignerBuilder("SHA256withECDSA").setProvider(BC).build(keys.getPrivate());
        certificate =
            new JcaX509CertificateConverter()
                .setProvider(BC)
                .getCertificate(
                    new JcaX509v3CertificateBuilder(
                            name,
                            BigInteger.ONE,
                            Date.from(now.minus(Duration.ofHours(1))),
                            Date.from(now.plus(Duration.ofDays(1))),
                            name,
                            keys.getPublic())
                        .build(signer));
    }

    /** Question: {@code file}, {@code rounds}, optional {@code out} and {@code root_out} to keep one result. Answers milliseconds. */
    static ObjectNode run(JsonNode question) throws Exception {
        byte[] pdf = Files.readAllBytes(Path.of(question.path("file").asText()));
        int rounds = Math.max(1, question.path("rounds").asInt(100));
        Bench bench = new Bench();
        for (int warm = 0; warm < rounds; warm++) {
            bench.sign(pdf);
        }
        double[] times = new double[rounds];
        byte[] last = null;
        for (int round = 0; round < rounds; round++) {
            long start = System.nanoTime();
            last = bench.sign(pdf);
            times[round] = (System.nanoTime() - start) / 1e6;
        }
        if (question.hasNonNull("out")) {
            Files.write(Path.of(question.path("out").asText()), last);
            Files.write(Path.of(question.path("root_out").asText()), bench.certificate.getEncoded());
        }
        Arrays.sort(times);
        return Main.JSON.createObjectNode()
            .put("rounds", rounds)
            .put("min_ms", times[0])
            .put("median_ms", times[rounds / 2]);
    }

    private byte[] sign(byte[] pdf) throws Exception {
        try (PDDocument document = Loader.loadPDF(pdf)) {
            PDSignature signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(COSName.getPDFName("ETSI.CAdES.detached"));
            signature.setSignDate(Calendar.getInstance());
            document.addSignature(signature, this::cms);
            ByteArrayOutputStream out = new ByteArrayOutputStream(pdf.length + 32768);
            document.saveIncremental(out);
            return out.toByteArray();
        }
    }

    private byte[] cms(InputStream content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            Attribute ess =
                new Attribute(
                    PKCSObjectIdentifiers.id_aa_signingCertificateV2,
                    new DERSet(new SigningCertificateV2(new ESSCertIDv2(hash))));
            Hashtable<ASN1ObjectIdentifier, ASN1Encodable> extra = new Hashtable<>();
            extra.put(ess.getAttrType(), ess);
            DefaultSignedAttributeTableGenerator standard =
                new DefaultSignedAttributeTableGenerator(new AttributeTable(extra));
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addSignerInfoGenerator(
                new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().setProvider(BC).build())
                    // PAdES B-B has the time in the PDF's dictionary, not in the CMS.
                    .setSignedAttributeGenerator(
                        parameters -> standard.getAttributes(parameters).remove(CMSAttributes.signingTime))
                    .build(
                        new JcaContentSignerBuilder("SHA256withECDSA").setProvider(BC).build(keys.getPrivate()),
                        certificate));
            generator.addCertificates(new JcaCertStore(List.of(certificate)));
            return generator.generate(new CMSProcessableByteArray(content.readAllBytes()), false).getEncoded();
        } catch (Exception problem) {
            throw new IllegalStateException(problem);
        }
    }
}
