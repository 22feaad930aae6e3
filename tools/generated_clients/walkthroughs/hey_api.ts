// The walkthrough by the client that @hey-api/openapi-ts makes: WALKTHROUGH BASE-URL HOOK-URL
import * as api from "./client/index.js";
import { createClient, createConfig } from "./client/client/index.js";

const [baseUrl = "", url = ""] = process.argv.slice(2);
const path = { storeCode: "DEFAULT" };
const throwOnError = true; // glue

// An admin logs in; the token goes along with all that follows.
const visitor = createClient(createConfig({ baseUrl }));
const credentials = { username: "admin", password: "password" };
const { data: admin } = await api.adminLoginCheck({ client: visitor, throwOnError, body: credentials });
const client = createClient(createConfig({ baseUrl, auth: ({ type }) => (type === "http" ? admin.token : undefined) })); // glue

// Which events are there? Have one sent, signed.
const { data: events } = await api.webhookEventGetList({ client, throwOnError, path });
const { data: created } = await api.webhookSubscriptionPost({
  client,
  throwOnError,
  path,
  body: { webhookSubscription: { eventName: "TransactionRegistered", url, hmacEnabled: true } },
});
console.log(`${events.items.length} events, a key of ${created.hmacSecretKey?.length} characters`);

// A member is added; another one, whom the mock knows, logs in.
const customer = { email: "zoe@example.com", firstName: "Zoë", birthDate: "1990-05-17" };
const { data: member } = await api.memberPost({ client, throwOnError, path, body: { customer } });
const login = { username: "member", password: "password" };
const { data: session } = await api.memberLoginCheck({ client: visitor, throwOnError, path, body: login });
console.log(`${member.email}, a token of ${session.token.split(".").length} parts`);

// The member buys something.
const { data: transaction } = await api.transactionPost({
  client,
  throwOnError,
  path,
  body: {
    transaction: {
      header: { documentNumber: "INV-1", purchasedAt: "2026-01-16T17:05:00+00:00", documentType: "sell" },
      customerData: { customerId: member.customerId },
      items: [{ sku: "MUG", name: "Mug", category: "tableware", grossValue: 19.99, highPrecisionQuantity: 1 }],
    },
  },
});
console.log(`a transaction with an id of ${transaction.transactionId.length} characters`);

// The newest subscription is ours. Its key is replaced.
const query = { _itemsOnPage: 1, _orderBy: { createdAt: "desc" } } as const;
const { data: list } = await api.webhookSubscriptionGetList({ client, throwOnError, path, query });
for (const row of list.items) console.log(`${row.eventName} since ${row.createdAt.slice(0, 10)}`);
const one = { ...path, webhookSubscription: created.webhookSubscriptionId };
const { data: rotated } = await api.webhookSubscriptionRotateHmacKey({ client, throwOnError, path: one });
console.log(`a new key of ${rotated.hmacSecretKey.length} characters`);

// The session is renewed, and the subscription ends.
const refresh = { refresh_token: admin.refresh_token };
const { data: renewed } = await api.tokenRefresh({ client: visitor, throwOnError, body: refresh });
await api.webhookSubscriptionDelete({ client, throwOnError, path: one });
console.log(`a new token of ${renewed.token.split(".").length} parts`);

// The same member again is refused, and the error says where.
const { error } = await api.memberPost({ client, path, body: { customer } });
if (error && "errors" in error) {
  for (const problem of error.errors) console.log(`${error.code} ${problem.path}: ${problem.message}`);
}
