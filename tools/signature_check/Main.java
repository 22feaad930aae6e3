import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Judges the requests in the folders that it is given, by the class of the guide beside it: a line for each. */
final class Main {
    public static void main(String[] folders) throws Exception {
        for (String name : folders) {
            Path folder = Path.of(name);
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (String line : Files.readAllLines(folder.resolve("headers"))) {
                headers.put(line.split(": ")[0], line.split(": ")[1]);
            }
            URI url = URI.create(Files.readString(folder.resolve("url")));
            byte[] body = Files.readAllBytes(folder.resolve("body"));
            String secret = Files.readString(folder.resolve("secret"));
            System.out.println(WebhookSignature.isAuthentic(secret, url, headers::get, body) ? "authentic" : "refused");
        }
    }
}
