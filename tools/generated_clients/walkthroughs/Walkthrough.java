// The walkthrough by the client that openapi-generator makes for Java's own HttpClient: Walkthrough BASE-URL HOOK-URL
import client.ApiClient;
import client.ApiException;
import client.api.AuthorizationApi;
import client.api.MemberApi;
import client.api.TransactionsApi;
import client.api.WebhookEventApi;
import client.api.WebhookSubscriptionApi;
import client.model.BadRequest;
import client.model.Credentials;
import client.model.MemberCredentials;
import client.model.MemberPost;
import client.model.MemberPostRequest;
import client.model.RefreshToken;
import client.model.RestWebhookPost;
import client.model.SortDirection;
import client.model.TransactionCustomerData;
import client.model.TransactionHeader;
import client.model.TransactionItem;
import client.model.TransactionPost;
import client.model.TransactionPostRequest;
import client.model.WebhookEventName;
import client.model.WebhookSubscriptionGetListOrderByParameter;
import client.model.WebhookSubscriptionPost;
import client.model.WebhookSubscriptionPostRequest;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;

public class Walkthrough {
    private static final String STORE = "DEFAULT";

    public static void main(String[] arguments) throws Exception {
        // An admin logs in; the token goes along with all that follows.
        var visitor = new ApiClient();
        visitor.updateBaseUri(arguments[0]);
        var logins = new AuthorizationApi(visitor);
        var admin = logins.adminLoginCheck(new Credentials().username("admin").password("password"));
        var client = new ApiClient();
        client.updateBaseUri(arguments[0]);
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + admin.getToken())); // glue

        // Which events are there? Have one sent, signed.
        var events = new WebhookEventApi(client).webhookEventGetList(STORE);
        var subscriptions = new WebhookSubscriptionApi(client);
        var wanted = new RestWebhookPost()
                .eventName(WebhookEventName.TRANSACTION_REGISTERED).url(arguments[1]).hmacEnabled(true);
        var created = subscriptions.webhookSubscriptionPost(STORE,
                new WebhookSubscriptionPostRequest().webhookSubscription(new WebhookSubscriptionPost(wanted)));
        System.out.printf("%d events, a key of %d characters%n",
                events.getItems().size(), created.getHmacSecretKey().length());

        // A member is added; another one, whom the mock knows, logs in.
        var customer = new MemberPostRequest().customer(new MemberPost()
                .email("zoe@example.com").firstName("Zoë").birthDate(LocalDate.of(1990, 5, 17)));
        var members = new MemberApi(client);
        var member = members.memberPost(STORE, customer);
        var login = new MemberCredentials().username("member").password("password");
        var session = logins.memberLoginCheck(STORE, login);
        System.out.printf("%s, a token of %d parts%n", member.getEmail(), session.getToken().split("\\.").length);

        // The member buys something.
        var header = new TransactionHeader().documentNumber("INV-1").purchasedAt("2026-01-16T17:05:00+00:00")
                .documentType(TransactionHeader.DocumentTypeEnum.SELL);
        var item = new TransactionItem().sku("MUG").name("Mug").category("tableware")
                .grossValue(new BigDecimal("19.99")).highPrecisionQuantity(BigDecimal.ONE);
        var buyer = new TransactionCustomerData().customerId(member.getCustomerId().toString());
        var transaction = new TransactionsApi(client).transactionPost(STORE, new TransactionPostRequest()
                .transaction(new TransactionPost().header(header).customerData(buyer).items(List.of(item))));
        System.out.printf("a transaction with an id of %d characters%n",
                transaction.getTransactionId().toString().length());

        // The newest subscription is ours. Its key is replaced.
        var newest = new WebhookSubscriptionGetListOrderByParameter().createdAt(SortDirection.DESC);
        var query = WebhookSubscriptionApi.APIWebhookSubscriptionGetListRequest.newBuilder()
                .storeCode(STORE).itemsOnPage(1).orderBy(newest).build();
        for (var row : subscriptions.webhookSubscriptionGetList(query).getItems()) {
            System.out.printf("%s since %s%n", row.getEventName(), row.getCreatedAt().toLocalDate());
        }
        var rotated = subscriptions.webhookSubscriptionRotateHmacKey(STORE, created.getWebhookSubscriptionId());
        System.out.printf("a new key of %d characters%n", rotated.getHmacSecretKey().length());

        // The session is renewed, and the subscription ends.
        var renewed = logins.tokenRefresh(new RefreshToken().refreshToken(admin.getRefreshToken()));
        subscriptions.webhookSubscriptionDelete(STORE, created.getWebhookSubscriptionId());
        System.out.printf("a new token of %d parts%n", renewed.getToken().split("\\.").length);

        // The same member again is refused, and the error says where.
        try {
            members.memberPost(STORE, customer);
        } catch (ApiException refused) {
            var error = client.getObjectMapper().readValue(refused.getResponseBody(), BadRequest.class); // glue
            for (var problem : error.getErrors()) {
                System.out.printf("%d %s: %s%n", error.getCode(), problem.getPath(), problem.getMessage());
            }
        }
    }
}
