// The walkthrough by openapi-fetch, with the types that openapi-typescript makes: WALKTHROUGH BASE-URL HOOK-URL
import createClient from "openapi-fetch";
import type { paths } from "./client/openapi.js";

const [baseUrl = "", url = ""] = process.argv.slice(2);
const path = { storeCode: "DEFAULT" };

function data<T extends object>(answer: { data?: T; error?: { message: string } }): T { // glue
  if (!answer.data) throw new Error(answer.error?.message); // glue
  return answer.data; // glue
} // glue

// An admin logs in; the token goes along with all that follows.
const visitor = createClient<paths>({ baseUrl });
const admin = data(await visitor.POST("/api/admin/login_check", { body: { username: "admin", password: "password" } }));
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${admin.token}` } });

// Which events are there? Have one sent, signed.
const events = data(await api.GET("/api/{storeCode}/webhook/event", { params: { path } }));
const created = data(await api.POST("/api/{storeCode}/webhook/subscription", {
  params: { path },
  body: { webhookSubscription: { eventName: "TransactionRegistered", url, hmacEnabled: true } },
}));
console.log(`${events.items.length} events, a key of ${created.hmacSecretKey?.length} characters`);

// A member is added; another one, whom the mock knows, logs in.
const customer = { email: "zoe@example.com", firstName: "Zoë", birthDate: "1990-05-17" };
const member = data(await api.POST("/api/{storeCode}/member", { params: { path }, body: { customer } }));
const login = { username: "member", password: "password" };
const session = data(await visitor.POST("/api/{storeCode}/member/login_check", { params: { path }, body: login }));
console.log(`${member.email}, a token of ${session.token.split(".").length} parts`);

// The member buys something.
const transaction = data(await api.POST("/api/{storeCode}/transaction", {
  params: { path },
  body: {
    transaction: {
      header: { documentNumber: "INV-1", purchasedAt: "2026-01-16T17:05:00+00:00", documentType: "sell" },
      customerData: { customerId: member.customerId },
      items: [{ sku: "MUG", name: "Mug", category: "tableware", grossValue: 19.99, highPrecisionQuantity: 1 }],
    },
  },
}));
console.log(`a transaction with an id of ${transaction.transactionId.length} characters`);

// The newest subscription is ours. Its key is replaced.
const query = { _itemsOnPage: 1, _orderBy: { createdAt: "desc" } } as const;
const list = data(await api.GET("/api/{storeCode}/webhook/subscription", { params: { path, query } }));
for (const row of list.items) console.log(`${row.eventName} since ${row.createdAt.slice(0, 10)}`);
const one = { path: { ...path, webhookSubscription: created.webhookSubscriptionId } };
const rotated = data(await api.POST("/api/{storeCode}/webhook/subscription/{webhookSubscription}/rotate-hmac-key", {
  params: one,
}));
console.log(`a new key of ${rotated.hmacSecretKey.length} characters`);

// The session is renewed, and the subscription ends.
const renewed = data(await visitor.POST("/api/token/refresh", { body: { refresh_token: admin.refresh_token } }));
const gone = await api.DELETE("/api/{storeCode}/webhook/subscription/{webhookSubscription}", { params: one });
if (gone.error) throw new Error(gone.error.message); // glue
console.log(`a new token of ${renewed.token.split(".").length} parts`);

// The same member again is refused, and the error says where.
const { error } = await api.POST("/api/{storeCode}/member", { params: { path }, body: { customer } });
if (error && "errors" in error) {
  for (const problem of error.errors) console.log(`${error.code} ${problem.path}: ${problem.message}`);
}
