import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;

/** Logs in and makes a call with the token, by the HTTP client of the JDK as it comes: it asks for HTTP/2 (h2c). */
class Login {
    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newHttpClient();
        var login = HttpRequest.newBuilder(URI.create(arguments[0] + "/api/admin/login_check"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"username\":\"admin\",\"password\":\"password\"}"));
        var answer = client.send(login.build(), BodyHandlers.ofString());
        System.out.println("login " + answer.statusCode());
        var token = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(answer.body());
        var call = HttpRequest.newBuilder(URI.create(arguments[0] + "/api/DEFAULT/webhook/event"))
            .header("Authorization", "Bearer " + (token.find() ? token.group(1) : ""));
        System.out.println("call " + client.send(call.build(), BodyHandlers.ofString()).statusCode());
    }
}
