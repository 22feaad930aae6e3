#!/usr/bin/env node
/*
 * Uses the page /_mock/ui of a running mock in a headless browser: from nothing to the first webhook, and all that it
 * can do. A second mock has the control token "secret".
 *
 *   tools/pinned/install_node_tools.sh                          once
 *   node tools/browser_check/page.mjs http://127.0.0.1:8080 http://127.0.0.1:8081 page.png
 *
 * Fails (exit code 1) if the first webhook isn't seen after three clicks; if an event, a request, a clock, a fault, a
 * preset, a reset isn't shown at once; if search, pause, clear, keys, links to rows, resend, curl, fixture or tests
 * don't work; if anything that came from outside runs, by bodies, headers, URLs, names or data of events; if axe finds a violation, on any
 * of the views, on a desk and on a phone, in the light and in the dark; if 10,000 rows don't stay smooth; and on any
 * console error, page error, failed request or request to another origin.
 * Writes page-VIEW-WIDTH-SCHEME.png for each view. Exit code 2: wrong usage. Exit code 3: playwright-core, axe-core or
 * the browser is missing.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { launch, stop } from "./browser.mjs";
import { SCREENS, fill, look, open } from "./page_screens.mjs";
import { watch } from "./viewer.mjs";

const KEY = { "X-AUTH-TOKEN": "mock-api-key", "Content-Type": "application/json" };
const EVENT = "CustomerRegistered";
const NEVER = "window.ran = (window.ran ?? 0) + 1";
const MARKUP = `"><script>${NEVER}</script><img src=x onerror="${NEVER}"><svg onload="${NEVER}"></svg>`;
const HOSTILE = `${MARKUP}javascript:${NEVER}//\u202e'\`\${${NEVER}}`;

async function api(base, method, path, body, headers = KEY) {
  const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.status < 500, `${method} ${path} answered ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}

/** A call that has to succeed. */
async function made(base, path, body) {
  const answer = await fetch(base + path, { method: "POST", headers: KEY, body: JSON.stringify(body) });
  assert.ok(answer.ok, `POST ${path} answered ${answer.status} ${await answer.text()}`);
}

/** From the address to the first webhook with its verdicts; tells seconds and clicks. */
async function firstWebhook(page, base) {
  const began = Date.now();
  await page.goto(`${base}/_mock/ui`);
  await page.getByRole("button", { name: "Open inbox" }).click();
  await page.getByRole("button", { name: "Fire event" }).click();
  await page.locator("dialog fieldset").first().waitFor();
  await page.locator("dialog").getByRole("button", { name: "Fire" }).click();
  await page.locator(".row .status", { hasText: "delivered" }).first().waitFor();
  const seconds = (Date.now() - began) / 1000;
  await page.getByRole("tab", { name: /Inbox/ }).click();
  await page.locator(".row .signature", { hasText: "✓ right" }).first().waitFor();
  return `${seconds.toFixed(1)} s and 3 clicks after the address was entered`;
}

/** What is chosen, in the address and in the detail; the keys that lead there. */
async function useDeliveries(page, base) {
  await page.keyboard.press("1");
  await page.locator("#list").focus();
  await page.keyboard.press("Home");
  await page.locator("#detail h3", { hasText: "Attempt 1" }).waitFor();
  const text = await page.locator("#detail").innerText();
  for (const part of [
    "signature: right",
    "schema: as the contract says",
    "Signed lines",
    "X-Webhook-Signature",
    "messageId",
  ]) {
    assert.ok(text.includes(part), `the detail lacks ${part}`);
  }
  const hash = new URL(page.url()).hash;
  assert.match(hash, /^#deliveries\/\d+-1$/);
  await page.getByRole("button", { name: "Raw" }).first().click();
  await page.getByRole("button", { name: "Resend" }).click();
  await page.locator("#detail h3", { hasText: "Attempt 2" }).waitFor();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as fixture" }).click();
  const fixture = JSON.parse(readFileSync(await (await saved).path(), "utf-8"));
  assert.equal(fixture.payload.eventName, EVENT);
  await open(page, base, hash);
  await page.locator("#detail h3", { hasText: "Attempt 2" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#detail").waitFor({ state: "hidden" });
}

const copied = async (page, name) => {
  await page.getByRole("button", { name }).click();
  return page.evaluate(() => navigator.clipboard.readText());
};

async function useRequests(page, base) {
  await api(base, "POST", "/api/DEFAULT/member", { customer: { email: 'it\'s "me"@example.com' } });
  await api(base, "GET", "/api/DEFAULT/webhook/event");
  await page.keyboard.press("2");
  await page.locator(".row", { hasText: "/webhook/event" }).waitFor(); // which moves the other one down
  await page.locator(".row", { hasText: "/api/DEFAULT/member" }).click();
  const curl = await copied(page, "Copy as curl");
  assert.ok(
    curl.includes("curl -X POST") && curl.includes("x-auth-token: mock-api-key") && curl.includes("it'\\''s"),
    curl,
  );
  assert.match(await copied(page, "Copy as pytest"), /def test_member_post\(\):\n    url = "http/);
  assert.match(await copied(page, "Copy as fetch test"), /const answer = await fetch\("http/);
  await page.locator(".row", { hasText: "/webhook/event" }).click();
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator("dialog pre", { hasText: /^\d{3} / }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#search").fill("webhook/event");
  await page
    .locator(".row", { hasText: "/api/DEFAULT/member" })
    .waitFor({ state: "detached" })
    .catch(() => {});
  assert.equal(await page.locator(".row:visible", { hasText: "/member" }).count(), 0, "search keeps what doesn't fit");
  await page.locator("#search").fill("");
  await page.getByRole("button", { name: "Pause" }).click();
  await api(base, "GET", "/api/DEFAULT/paused");
  await page.getByRole("button", { name: "Go on (1)" }).waitFor();
  assert.equal(await page.locator(".row:visible", { hasText: "paused" }).count(), 0);
  await page.getByRole("button", { name: "Go on (1)" }).click();
  await page.locator(".row", { hasText: "paused" }).waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByText("Nobody has called the API yet.").waitFor();
}

async function steer(page, base) {
  await page.getByRole("button", { name: "Freeze" }).click();
  await page.getByRole("button", { name: "Release" }).waitFor();
  const before = await page.locator("#now").innerText();
  await page.getByRole("button", { name: "Go", exact: true }).click();
  await page.waitForFunction((was) => document.querySelector("#now").textContent !== was, before);
  await api(base, "PUT", "/_mock/clock", { now: "2030-01-01T00:00:00Z", frozen: false });
  await page.locator("#now", { hasText: "2030-01-01" }).waitFor();
  await page.getByRole("button", { name: "Now" }).click();
  await page
    .locator("#now", { hasText: "2030" })
    .waitFor({ state: "detached" })
    .catch(() => {});
  await page.getByRole("button", { name: "Add fault" }).click();
  await page.getByLabel("What goes wrong").selectOption("webhookEventGetList");
  await page.getByLabel("Name").fill("flaky");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.locator("#active li").first().waitFor();
  const get = () => fetch(`${base}/api/DEFAULT/webhook/event`, { headers: KEY }).then(({ status }) => status);
  assert.equal(await get(), 500);
  await page.locator("#active li", { hasText: "flaky ×1" }).waitFor();
  const settled = async (wanted) => {
    for (let tries = 0; (await get()) !== wanted; tries += 1) assert.ok(tries < 50, `never ${wanted}`);
  };
  await page.locator("#active input").click();
  await settled(200);
  await page.locator("#active input").click();
  await settled(500);
  await page.getByRole("button", { name: /^Remove/ }).click();
  await page.locator("#active li").first().waitFor({ state: "detached" });
}

/** What the journal tells of a refusal, and of an answer that a fault kept back; a preset; a store put back. */
async function usePresets(page, base) {
  const name = "lost answers";
  await api(base, "POST", "/_mock/faults", {
    name,
    times: 3,
    match: { operationId: "webhookEventGetList" },
    answer: { effect: "dropConnection" },
  });
  await fetch(`${base}/api/DEFAULT/webhook/event?_page=1`, { headers: KEY }).catch(() => {});
  await api(base, "GET", "/api/NOWHERE/webhook/subscription");
  await page.locator("#active li", { hasText: `${name} ×1, 2 left` }).waitFor();
  await page.keyboard.press("2");
  await page.locator(".row", { hasText: "_page=1" }).click();
  for (const told of [
    /^query\s+_page=1$/m,
    /^took\s+[0-9.]+ ms$/m,
    /^aborted\s+the client/m,
    /^fault\s+lost answers: dropConnection$/m,
  ])
    assert.match(await page.locator("#detail dl").innerText(), told);
  await page.keyboard.press("Escape");
  await page.locator(".row .why", { hasText: "No store NOWHERE" }).waitFor();
  await page.getByRole("button", { name: "Preset" }).click();
  await page.locator("dialog [name=preset]").selectOption("expired-sessions");
  assert.ok(await page.locator("dialog [name=store]").isDisabled(), "a preset of the whole mock takes a store");
  await page.locator("dialog [name=preset]").selectOption("empty");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.locator(".row", { hasText: "_page=1" }).waitFor({ state: "detached" }); // it was of that store
  await page.locator(".row:visible", { hasText: "NOWHERE" }).waitFor();
  await page.getByRole("button", { name: "Open inbox" }).waitFor(); // its subscriptions were of that store, too
  await api(base, "DELETE", "/_mock/faults");
}

/** In a page of another port, to which the browser sends the cookie, too: what it gets from the control plane. */
async function fromElsewhere(guarded) {
  const tried = [];
  for (const [path, method] of [
    ["reset", "POST"],
    ["state", "GET"],
    ["ui/inbox", "POST"],
    ["clock", "PUT"],
    ["stream?wait=0", "GET"],
  ]) {
    for (const mode of ["cors", "no-cors"]) {
      const fetched = fetch(`${guarded}/_mock/${path}`, {
        method: mode === "cors" ? method : method.replace("PUT", "POST"),
        mode,
        credentials: "include",
      });
      tried.push(
        await fetched.then(
          async (answer) => (answer.type === "opaque" ? 0 : (await answer.text()).length),
          () => 0,
        ),
      );
    }
  }
  return { tried: tried.length, read: tried.filter(Boolean).length };
}

/** The login of a mock with a control token: once, and for its own pages alone. */
async function logIn(browser, base, guarded, watched) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  watched.push(watch(page, new URL(guarded).origin));
  await page.goto(`${guarded}/_mock/ui`);
  await page.getByLabel("Control token").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("This is not the control token").waitFor();
  await page.getByLabel("Control token").fill("secret");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator("#connection", { hasText: "live" }).waitFor();
  await page.getByRole("button", { name: "Freeze" }).click();
  await page.getByRole("button", { name: "Release" }).waitFor();
  const [cookie] = await context.cookies();
  assert.deepEqual(
    [cookie.httpOnly, cookie.sameSite, cookie.path, await page.evaluate(() => document.cookie)],
    [true, "Strict", "/_mock", ""],
  );
  const elsewhere = await context.newPage();
  await elsewhere.goto(`${base}/_mock/health`);
  const { tried, read } = await elsewhere.evaluate(fromElsewhere, guarded);
  assert.equal(read, 0, "a page of another port has read the control plane");
  await page.reload();
  await page.getByRole("button", { name: "Release" }).waitFor(); // nothing was put back
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Control token").waitFor();
  await context.close();
  return `once; of ${tried} calls from a page of another port, with the cookie, 0 got through`;
}

/** All that comes from outside, made to run if it could. */
async function attack(page, base) {
  const header = HOSTILE.replace(/[^\x20-\x7e]/g, "");
  const url = `http://127.0.0.1:9/${header.slice(0, 110).replaceAll(" ", "%20")}`;
  for (const headers of [undefined, [{ headerName: "X-Hostile", headerValue: header }]]) {
    await made(base, "/api/DEFAULT/webhook/subscription", {
      webhookSubscription: { eventName: EVENT, url, ...(headers ? { headers } : {}) },
    });
  }
  await fetch(`${base}/api/DEFAULT/member?q=${HOSTILE.replace(/[^\x21-\x7e]/g, "")}`, {
    method: "POST",
    headers: { ...KEY, "X-Hostile": header, "X-'`|~!#$%&*+-.^_": header }, // all that a name may have
    body: JSON.stringify({ customer: { email: HOSTILE, firstName: HOSTILE } }),
  });
  await made(base, "/api/DEFAULT/member", { customer: { email: "hostile@example.com", firstName: HOSTILE } });
  await fetch(`${base}/${encodeURIComponent(HOSTILE)}`, { method: "POST", body: HOSTILE });
  await made(base, "/_mock/events", {
    eventName: EVENT,
    storeCode: "DEFAULT",
    data: { customerData: { firstName: HOSTILE, lastName: HOSTILE } },
  });
  await api(base, "POST", "/_mock/faults", {
    operationId: "webhookEventGetList",
    status: 200,
    body: HOSTILE,
    times: 2,
    name: HOSTILE.slice(0, 100),
  });
  await api(base, "POST", "/_mock/faults", { eventName: EVENT, delay: 1, name: HOSTILE.slice(-100), enabled: false });
  const query = encodeURIComponent(HOSTILE);
  await api(base, "GET", `/api/DEFAULT/webhook/event?${query}=${query}`).catch(() => {});
  await api(base, "GET", "/_mock/deliveries?status=failed&wait=5&atLeast=1");
  for (const name of ["deliveries", "requests", "inbox"]) {
    await page.locator(`#tab-${name}`).click();
    await page.locator(".row").first().waitFor();
    for (let place = 0; place < Math.min(8, await page.locator(".row:visible").count()); place += 1) {
      await page.locator("#list").focus();
      await page.keyboard.press(place === 0 ? "Home" : "ArrowDown");
      await page.locator("#detail h2").waitFor();
      await page.waitForTimeout(80);
    }
  }
  await open(page, base, `#${encodeURIComponent(HOSTILE)}/${encodeURIComponent(HOSTILE)}`);
  await open(page, base, `#deliveries/${encodeURIComponent(HOSTILE)}`);
  await open(page, base, "#deliveries/%");
  assert.equal(await page.evaluate(() => window.ran ?? 0), 0, "something hostile was executed");
  assert.equal(await page.locator("#active li", { hasText: "<" }).count(), 2, "the faults' names aren't shown");
  const markup = page.locator("header img, header script, main img, main svg, main script");
  assert.equal(await markup.count(), 0, "a text became an element");
}

async function visit(browser, base, guarded, shot, watched) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 844 }, acceptDownloads: true });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  watched.push(watch(page, new URL(base).origin));
  console.log(`first webhook: ${await firstWebhook(page, base)}`);
  await useDeliveries(page, base);
  console.log("deliveries: detail, verdicts, resend, fixture, link and keys work");
  await useRequests(page, base);
  console.log("requests: curl, pytest, fetch test, replay, search, pause and clear work");
  await steer(page, base);
  console.log("steering: clock and faults are shown and switched");
  await usePresets(page, base);
  console.log("journal: query, fault, duration, hint and aborted are shown; a preset shows what it left");
  await page.getByRole("button", { name: "Open inbox" }).click();
  await attack(page, base);
  console.log("hostile bodies, headers, queries, URLs, names of faults and headers, data of events: 0 executed");
  console.log(`login: ${await logIn(browser, base, guarded, watched)}`);
  let views = 0;
  for (const screen of SCREENS) views += await look(browser, base, screen, shot, watched);
  console.log(`screens: ${views} views, axe finds nothing, nothing sticks out`);
  await page.locator("#tab-requests").click();
  await api(base, "POST", "/_mock/reset");
  await page.getByText("Nobody has called the API yet.").waitFor();
  await page.getByRole("button", { name: "Open inbox" }).waitFor();
  console.log("reset: the page is empty, and the inbox can be opened again");
  console.log(`rows: ${await fill(page, base)}`);
  await context.close();
}

async function main() {
  const [address, guarded, picture] = process.argv.slice(2);
  if (!picture) stop(2, "usage: page.mjs BASE_URL BASE_URL_WITH_TOKEN OUTPUT.png");
  const shot = (name) => picture.replace(/(\.png)?$/, `${name}.png`);
  const browser = await launch();
  const watched = [];
  try {
    const broken = await visit(browser, address.replace(/\/$/, ""), guarded.replace(/\/$/, ""), shot, watched).then(
      () => [],
      (error) => [error.stack],
    );
    const faults = [...watched.flat(), ...broken];
    if (faults.length > 0) stop(1, `${faults.length} faults\n  ${faults.join("\n  ")}`);
    console.log("no console error, no page error, no request to another origin");
  } finally {
    await browser.close();
  }
}

await main();
