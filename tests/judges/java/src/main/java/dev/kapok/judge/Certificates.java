package dev.kapok.judge;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Certificates out of files, and chains up to the given roots. */
final class Certificates {
    private static final String BC = BouncyCastleProvider.PROVIDER_NAME;

    private Certificates() {}

    /** All certificates of the PEM or DER files that the question lists under {@code name}. */
    static List<X509Certificate> load(JsonNode question, String name) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509", BC);
        List<X509Certificate> loaded = new ArrayList<>();
        for (JsonNode path : question.path(name)) {
            byte[] bytes = Files.readAllBytes(Path.of(path.asText()));
            for (Certificate certificate : factory.generateCertificates(new ByteArrayInputStream(bytes))) {
                loaded.add((X509Certificate) certificate);
            }
        }
        return loaded;
    }

    /**
     * Builds a chain from {@code leaf} to one of {@code roots} at {@code time}; throws if there is none. Chain builders
     * check neither the anchor's own signature nor its dates: that is done here.
     */
    static void chain(X509Certificate leaf, Collection<X509Certificate> others, List<X509Certificate> roots, Date time)
        throws Exception {
        Set<TrustAnchor> anchors = new HashSet<>();
        for (X509Certificate root : roots) {
            root.verify(root.getPublicKey(), BC);
            root.checkValidity(time);
            anchors.add(new TrustAnchor(root, null));
        }
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(leaf);
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
        parameters.setRevocationEnabled(false);
        parameters.setDate(time);
        List<X509Certificate> known = new ArrayList<>(others);
        known.add(leaf);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(known), BC));
        java.security.cert.CertPathBuilder.getInstance("PKIX", BC).build(parameters);
    }
}
