import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Image;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/** Run as a single source file: DRAWN DOCS; writes every drawn screen at half its size, and one sheet of all screens. The same input gives the same bytes. */
public class Pictures {
    /** The way through the app; a screen that is not named here comes after these. */
    static final List<String> ORDER = List.of("privacy", "login", "identity", "face", "face-code", "enterprises", "find", "link", "links", "home", "home-unauthenticated",
        "authentication", "share", "invite", "consent", "mine", "settings", "agents", "agent-add", "certificates", "certificate-before", "pin-set", "pin-enter",
        "certificate", "seal-preview", "seals", "scan", "connect", "site-check", "approve", "hand-over", "documents", "result", "approve-offline", "closed", "offline", "pin-settings", "pin-change",
        "pin-wait", "pin-blocked-here", "pin-blocked", "pin-reset-new", "pin-is-reset", "pin-reset-failed", "pin-resetting", "pin-reset-again",
        "security", "revocation-code", "phones", "phones-reported", "phones-face-needed", "phone-lost", "phone-object", "loss-by-code", "loss-reported", "stop-reset");
    static final List<String> OTHERWISE = List.of("home-elder", "documents-elder", "approve-elder", "home-dark", "documents-dark", "pin-enter-dark", "find-dark",
        "certificate-en", "home-en", "hand-over-en", "login-en", "agent-add-en",
        "pin-wait-elder", "pin-is-reset-dark", "pin-blocked-en");
    static final int COLUMNS = 8, WIDTH = 204, HEIGHT = 408, GAP = 14;

    public static void main(String[] a) throws IOException {
        File drawn = new File(a[0]), docs = new File(a[1]);
        docs.mkdirs();
        for (File old : docs.listFiles((d, name) -> name.endsWith(".png"))) {
            old.delete();
        }
        List<String> screens = new ArrayList<>(ORDER);
        String[] names = drawn.list((d, name) -> name.endsWith(".png"));
        Arrays.sort(names);
        for (String name : names) {
            String screen = name.substring(0, name.length() - ".png".length());
            if (!screen.matches(".*-(elder|dark|en)") && !screens.contains(screen)) {
                screens.add(screen);
            }
            BufferedImage whole = ImageIO.read(new File(drawn, name));
            ImageIO.write(scaled(whole, whole.getWidth() / 2, whole.getHeight() / 2), "png", new File(docs, name));
        }
        screens.addAll(OTHERWISE);
        ImageIO.write(sheet(docs, screens), "png", new File(docs, "sheet.png"));
    }

    static BufferedImage sheet(File docs, List<String> screens) throws IOException {
        int rows = (screens.size() + COLUMNS - 1) / COLUMNS;
        BufferedImage sheet = new BufferedImage(COLUMNS * (WIDTH + GAP) + GAP, rows * (HEIGHT + GAP) + GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = sheet.createGraphics();
        pen.setColor(new Color(0xDCCFC7));
        pen.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        for (int i = 0; i < screens.size(); i++) {
            BufferedImage one = scaled(ImageIO.read(new File(docs, screens.get(i) + ".png")), WIDTH, HEIGHT);
            pen.drawImage(one, GAP + i % COLUMNS * (WIDTH + GAP), GAP + i / COLUMNS * (HEIGHT + GAP), null);
        }
        pen.dispose();
        return sheet;
    }

    static BufferedImage scaled(BufferedImage from, int width, int height) {
        BufferedImage to = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = to.createGraphics();
        // Every pixel counts: thin strokes of small letters stay.
        pen.drawImage(from.getScaledInstance(width, height, Image.SCALE_AREA_AVERAGING), 0, 0, null);
        pen.dispose();
        return to;
    }
}
