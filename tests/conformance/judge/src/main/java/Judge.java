import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Judges PDF files for a whole test session in one process: a JSON request a line on standard input, a JSON answer a
 * line on standard output. Files and certificates travel as Base64, so no path and no character set can be mistaken.
 *
 * <pre>
 * {"question": "pdf", "pdf": "JVBERi…", "flavours": ["3a", "ua1"]}
 * {"question": "signatures", "pdf": "JVBERi…", "roots": ["MIIB…"], "at": "2033-01-01T00:00:00Z", "looks": true}
 * </pre>
 *
 * An answer {"failure": …} means that the judge could not do its work; it says nothing about the file.
 */
public final class Judge {
    record Request(String question, byte[] pdf, List<String> flavours, List<byte[]> roots, String at, boolean looks) {}

    private static final Gson JSON = Json.gson();

    private Judge() {}

    public static void main(String[] args) throws IOException {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // a library that talks must not talk into the answers
        var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = requests.readLine()) != null; ) {
            answers.println(JSON.toJson(answer(line)));
        }
    }

    private static Object answer(String line) {
        try {
            Request request = JSON.fromJson(line, Request.class);
            return switch (request.question()) {
                case "pdf" -> Conformance.judge(request.pdf(), request.flavours());
                case "signatures" -> Signatures.judge(request.pdf(), request.roots(), request.at(), request.looks());
                default -> throw new IllegalArgumentException("unknown question " + request.question());
            };
        } catch (Exception | LinkageError e) {
            e.printStackTrace();
            return Map.of("failure", e.toString());
        }
    }
}
