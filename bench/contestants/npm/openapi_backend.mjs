// openapi-backend on plain node:http, AJV validation on, with handlers for what the rows ask: tokens are really verified
// (and remembered), logins really signed, subscriptions and members really kept. Lists are filtered by plain loops.
// node openapi_backend.mjs CONTRACT PRIVATE_KEY PORT
import { createPrivateKey, createPublicKey, randomBytes, randomUUID, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { OpenAPIBackend } from "openapi-backend";

const [contract, keyFile, port] = process.argv.slice(2);
const privateKey = createPrivateKey(readFileSync(keyFile));
const publicKey = createPublicKey(privateKey);
const subscriptions = [];
const addresses = new Set();
const verified = new Map();

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

function signed(claims) {
  const message = `${encoded({ alg: "RS256", typ: "JWT" })}.${encoded(claims)}`;
  return `${message}.${sign("sha256", Buffer.from(message), privateKey).toString("base64url")}`;
}

function expiry(token) {
  const known = verified.get(token);
  if (known !== undefined) return known;
  const [head, payload, signature] = token.split(".");
  const good = signature && verify("sha256", Buffer.from(`${head}.${payload}`), publicKey, Buffer.from(signature, "base64url"));
  const until = good ? JSON.parse(Buffer.from(payload, "base64url")).exp : 0;
  if (good) verified.set(token, until);
  return until;
}

const isGood = (header = "") => header.startsWith("Bearer ") && expiry(header.slice(7)) > Date.now() / 1000;
const reply = (status, content) => ({ status, content });

const handlers = {
  webhookEventGetList: () => reply(200, { items: ["CustomerRegistered", "TransactionRegistered", "CustomerUpdated"] }),
  adminLoginCheck: (c) => {
    const { username, password } = c.request.requestBody;
    if (username !== "admin" || password !== "password") return reply(401, { message: "Bad credentials." });
    const now = Math.floor(Date.now() / 1000);
    const claims = { iat: now, exp: now + 86400, roles: ["ROLE_USER", "ROLE_ADMIN"], username, id: "1" };
    return reply(200, { token: signed(claims), refresh_token: randomBytes(64).toString("hex") });
  },
  _webhookSubscriptionPost: (c) => {
    const { eventName, url } = c.request.requestBody.webhookSubscription;
    const webhookSubscriptionId = randomUUID();
    const createdAt = new Date().toISOString().slice(0, 19) + "+00:00";
    subscriptions.push({ webhookSubscriptionId, eventName, url, legacy: false, createdAt, hmacEnabled: false });
    return reply(200, { webhookSubscriptionId });
  },
  webhookSubscriptionGetList: (c) => {
    const { eventName, _page = 1, _itemsOnPage = 10, "_orderBy[createdAt]": direction } = c.request.query;
    const found = subscriptions.filter((row) => eventName === undefined || row.eventName === eventName);
    if (direction) found.sort((a, b) => a.createdAt.localeCompare(b.createdAt) * (direction === "desc" ? -1 : 1));
    const items = found.slice((_page - 1) * _itemsOnPage, _page * _itemsOnPage);
    return reply(200, { items, total: { all: subscriptions.length, filtered: found.length, estimated: false } });
  },
  _memberPost: (c) => {
    const { email } = c.request.requestBody.customer;
    if (addresses.has(email)) return reply(400, { code: 400, message: "Validation failed", errors: [] });
    addresses.add(email);
    return reply(200, { customerId: randomUUID(), email });
  },
  unauthorizedHandler: () => reply(401, { code: 401, message: "JWT Token not found" }),
  validationFail: (c) => reply(400, { code: 400, message: "Validation failed", errors: c.validation.errors }),
  notFound: () => reply(404, { code: 404, message: "Not Found" }),
  notImplemented: () => reply(501, { code: 501, message: "Not Implemented" }),
};

const api = new OpenAPIBackend({
  definition: JSON.parse(readFileSync(contract, "utf8")),
  ajvOpts: { allErrors: true },
  quick: false,
  handlers,
  securityHandlers: {
    Bearer: (c) => isGood(c.request.headers.authorization),
    token: (c) => c.request.headers["x-auth-token"] === "mock-api-key",
  },
});
await api.init();

async function read(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

const server = createServer(async (request, response) => {
  const body = request.method === "POST" ? await read(request) : undefined;
  const { method, url, headers } = request;
  const { status, content } = await api.handleRequest({ method, path: url, body, headers });
  const text = JSON.stringify(content);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
});
server.listen(Number(port), "127.0.0.1");
