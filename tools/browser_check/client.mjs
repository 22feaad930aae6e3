#!/usr/bin/env node
/*
 * Calls a running mock from a page of another origin in a headless browser, as a frontend does.
 *
 *   tools/pinned/install_node_tools.sh                          once
 *   node tools/browser_check/client.mjs http://127.0.0.1:8080
 *
 * Fails (exit code 1) if a login or a call with its token doesn't work across origins, if the page doesn't see each fault
 * of an answer on a connection that it keeps, or if the browser asks again by itself: then the mock's list of requests
 * has more than one. Exit code 2: wrong usage. Exit code 3: playwright-core or the browser is missing.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { launch, stop } from "./browser.mjs";

const EVENTS = "/api/DEFAULT/webhook/event";
const LOGIN = { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"username":"admin","password":"password"}' };
const MEMBER = { method: "POST", headers: { "Content-Type": "application/json", "X-AUTH-TOKEN": "mock-api-key" } };
const CASES = [
  { effect: "dropConnection", operationId: "_memberPost", path: "/api/DEFAULT/member", request: MEMBER },
  { effect: "dropConnection", operationId: "webhookEventGetList", path: EVENTS },
  { effect: "dropConnection", operationId: "webhookEventGetList", path: EVENTS, request: { method: "HEAD" } },
  { effect: "dropConnection", operationId: "userGetTokenRevoke", path: "/api/token/revoke" }, // a 204
  { effect: "truncateBody", operationId: "webhookEventGetList", path: EVENTS },
  { effect: "hang", operationId: "webhookEventGetList", path: EVENTS, sees: "pending, then AbortError" },
];

/** A call of the control plane, from outside of the browser; returns the JSON of the answer. */
async function control(base, method, path, body) {
  const options = { method, body: body && JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(`${base}/_mock${path}`, options);
  assert.ok(answer.ok, `${method} /_mock${path} answered ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}

/** In the page: what comes of a request, after another one whose connection is kept for it. */
async function ask([base, warming, path, request]) {
  await (await fetch(base + warming)).text();
  const abort = new AbortController();
  const fetched = fetch(base + path, { cache: "no-store", signal: abort.signal, ...request });
  const answered = fetched.then(async (answer) => `${answer.status} ${await answer.text()}`, (error) => error.name)
    .catch((error) => error.name);
  const late = new Promise((resolve) => { setTimeout(resolve, 1000, "pending"); });
  const first = await Promise.race([answered, late]);
  abort.abort();
  return first === "pending" ? `pending, then ${await answered}` : first;
}

/** Lets one answer go wrong and checks that the page sees it, and that the mock was asked once. */
async function tryFault(page, base, { effect, operationId, path, request = {}, sees = "TypeError" }, number) {
  const body = request === MEMBER ? JSON.stringify({ customer: { email: `member${number}@example.com` } }) : undefined;
  const sent = { headers: { "X-AUTH-TOKEN": "mock-api-key" }, ...request, body };
  await control(base, "DELETE", "/requests");
  await control(base, "POST", "/faults", { operationId, effect, times: 1 });
  const seen = await page.evaluate(ask, [base, "/_mock/health", path, sent]);
  const { total } = await control(base, "GET", `/requests?operationId=${operationId}`);
  const what = `${effect} of ${sent.method ?? "GET"} ${path}`;
  assert.equal(seen, sees, `${what}: the page sees ${seen}`);
  assert.equal(total, 1, `${what}: the mock was asked ${total} times`);
  console.log(`${what}: the page sees ${seen}, the mock was asked once`);
}

/** Logs in from the page and makes a call with the token. */
async function logIn(page, base) {
  const login = await page.evaluate(ask, [base, "/_mock/health", "/api/admin/login_check", LOGIN]);
  assert.match(login, /^200 /, `the login from another origin answered ${login}`);
  const { token } = JSON.parse(login.slice(4));
  const events = await page.evaluate(ask, [base, "/_mock/health", EVENTS, { headers: { Authorization: `Bearer ${token}` } }]);
  assert.match(events, /^200 .*CustomerRegistered/, `the call with its token answered ${events}`);
  console.log("login and a call with its token from another origin: 200");
}

/** A server of an empty page; resolves to its address. */
function anotherOrigin() {
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<title>app</title>"));
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ server, url: `http://127.0.0.1:${server.address().port}/` }));
  });
}

async function main() {
  const [address] = process.argv.slice(2);
  if (!address) stop(2, "usage: browser_client.mjs BASE_URL");
  const base = address.replace(/\/$/, "");
  const browser = await launch();
  const { server, url } = await anotherOrigin();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await logIn(page, base);
    for (const [number, fault] of CASES.entries()) await tryFault(page, base, fault, number);
  } catch (error) {
    stop(1, error.message);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

await main();
