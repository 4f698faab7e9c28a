package dev.kapok.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.util.Properties;
import org.apache.pdfbox.util.Version;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Reads one JSON question a line from standard input, writes one JSON answer a line to standard output. */
public final class Main {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final String DSS_PROPERTIES = "/META-INF/maven/eu.europa.ec.joinup.sd-dss/dss-validation/pom.properties";

    private Main() {}

    /** Runs until standard input ends. */
    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        // Libraries that write to standard output must not break our lines.
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            answers.println(JSON.writeValueAsString(answer(line)));
        }
    }

    /** A judge that fails says so in its answer: {@code {"error": …}}; it never ends the process. */
    private static ObjectNode answer(String line) {
        try {
            JsonNode question = JSON.readTree(line);
            String command = question.path("cmd").asText();
            return switch (command) {
                case "versions" -> versions();
                case "dss" -> DssJudge.judge(question);
                case "pdfbox" -> PdfBoxJudge.judge(question);
                case "cms" -> CmsJudge.judge(question);
                case "bench" -> Bench.run(question);
                default -> JSON.createObjectNode().put("error", "unknown command " + command);
            };
        } catch (Exception | StackOverflowError | OutOfMemoryError problem) {
            return JSON.createObjectNode().put("error", problem.toString());
        }
    }

    private static ObjectNode versions() throws IOException {
        Properties dss = new Properties();
        try (InputStream stream = Main.class.getResourceAsStream(DSS_PROPERTIES)) {
            dss.load(stream);
        }
        return JSON.createObjectNode()
            .put("dss", dss.getProperty("version"))
            .put("pdfbox", Version.getVersion())
            .put("bc", new BouncyCastleProvider().getVersionStr());
    }
}
