#!/usr/bin/env node
/*
 * Opens the documentation page of a running mock in a headless browser and uses it.
 *
 *   tools/pinned/install_node_tools.sh                          once
 *   node tools/browser_check/documentation.mjs http://127.0.0.1:8080 docs.png
 *
 * Fails (exit code 1) on any console error, page error, failed request or request to another
 * origin, if the page is sent without a Content-Security-Policy, if a login through "Test
 * Request" does not show a 200 and the token, if that token is not sent with the next call, if the events of the
 * contract are not on the page, if the control plane's document is not, or can't be tried, or if what is told of faults
 * doesn't lead there.
 * Writes docs.png (top of the page), docs-operation.png, docs-tried.png, docs-event.png and docs-control.png.
 * Exit code 2: wrong usage. Exit code 3: playwright-core or the browser is missing.
 * CHROMIUM names another browser than /usr/bin/chromium.
 */
import assert from "node:assert/strict";
import { launch, stop } from "./browser.mjs";
import { openEntry, openTag, tryOperation, watch } from "./viewer.mjs";

const LOGIN = "/api/admin/login_check";
const METHODS = ["get", "put", "post", "delete", "patch"];

/** The first operation of the contract that satisfies `wanted`, as {path, method, operation}. */
function findOperation(contract, wanted) {
  for (const [path, item] of Object.entries(contract.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation && wanted(path, method, operation)) return { path, method, operation };
    }
  }
  return undefined;
}

/** Logs in through the page and checks what it shows; returns the token. */
async function logIn(page, base, contract, shot) {
  const found = findOperation(contract, (path, method) => path === LOGIN && method === "post");
  assert.ok(found, `the contract has no POST ${LOGIN}`);
  await openTag(page, base, found.operation.tags[0]);
  await openEntry(page, `POST${LOGIN}`);
  await page.screenshot({ path: shot("operation") });
  const response = await tryOperation(page, "post", LOGIN);
  assert.deepEqual(response.request().postDataJSON(), { username: "admin", password: "password" });
  assert.equal(response.status(), 200, "the login through the page was refused");
  const { token } = await response.json();
  assert.ok(token, "the login answered no token");
  // The body is shown in an editor that draws the visible part of a long line only.
  await page.getByText(token.slice(0, 20)).first().waitFor({ timeout: 5000 });
  await page.screenshot({ path: shot("tried") });
  await page.keyboard.press("Escape");
  return token;
}

/** Calls a secured operation without parameters of its own and checks that the token is sent. */
async function callWithToken(page, contract, token) {
  const found = findOperation(contract, (path, method, operation) => method === "get"
    && operation.security === undefined && path.endsWith("/webhook/event"));
  if (!found) return "no secured operation to call";
  const slug = found.operation.tags[0].toLowerCase().replace(/\s/g, "-");
  await page.locator(`aside a[href$="#api/tag/${slug}"]`).first().click();
  await openEntry(page, `GET${found.path}`);
  const response = await tryOperation(page, "get", found.path);
  const sent = await response.request().headerValue("authorization");
  assert.equal(sent, `Bearer ${token}`, "the token of the login was not sent with the next call");
  await page.keyboard.press("Escape");
  return `GET ${new URL(response.url()).pathname} answered ${response.status()}`;
}

/** Opens the first event and checks that every event has its entry in the sidebar. */
async function showEvents(page, base, contract, shot) {
  const events = Object.entries(contract["x-webhooks"] ?? {});
  for (const tag of new Set(events.map(([, item]) => item.post.tags[0]))) {
    await openTag(page, base, tag);
    for (const [name] of events.filter(([, item]) => item.post.tags[0] === tag)) {
      const entry = page.locator(`aside a[href$="/webhook/POST/${name}" i]`);
      await entry.first().waitFor({ timeout: 5000 });
    }
  }
  if (events.length > 0) {
    await openEntry(page, `/webhook/POST/${events.at(-1)[0]}`);
    await page.screenshot({ path: shot("event") });
  }
  return events.length;
}

/** Follows the introduction's link to faults, which are another document's. */
async function readOfFaults(page, base) {
  await page.goto("about:blank");
  await page.goto(`${base}/docs`);
  await page.getByRole("link", { name: "All that a fault can do" }).click();
  await page.getByRole("heading", { name: "Faults", exact: true }).first().waitFor();
}

/** Shows the control plane's document and asks for the time there. */
async function askForTheTime(page, base, shot) {
  await openTag(page, base, "Clock", "control");
  await openEntry(page, "GET/_mock/clock");
  const response = await tryOperation(page, "get", "/_mock/clock");
  assert.equal(response.status(), 200, "the control plane refused its own documentation");
  await page.screenshot({ path: shot("control") });
  await page.keyboard.press("Escape");
}

/** The whole visit; throws at the first thing that is not as it should be. */
async function visit(page, base, shot) {
  const landing = await page.goto(`${base}/docs`);
  assert.equal(landing.status(), 200, "/docs is not there");
  assert.ok(landing.headers()["content-security-policy"], "/docs has no Content-Security-Policy");
  await page.locator("aside a").first().waitFor();
  assert.match(await page.title(), /^Open Loyalty — mock$/);
  const contract = await (await page.request.get(`${base}/openapi.json`)).json();
  await page.getByRole("heading", { name: contract.info.title }).first().waitFor();
  await page.waitForTimeout(500);
  await page.screenshot({ path: shot("") });
  const token = await logIn(page, base, contract, shot);
  console.log("login through the page: 200, token shown");
  console.log(`call with that token: ${await callWithToken(page, contract, token)}`);
  console.log(`events on the page: ${await showEvents(page, base, contract, shot)}`);
  await askForTheTime(page, base, shot);
  console.log("control plane on the page: its clock answered 200");
  await readOfFaults(page, base);
  console.log("faults on the page: the introduction leads to them");
}

async function main() {
  const [address, picture] = process.argv.slice(2);
  if (!address || !picture) stop(2, "usage: documentation.mjs BASE_URL OUTPUT.png");
  const base = address.replace(/\/$/, "");
  const shot = (name) => picture.replace(/(\.png)?$/, name ? `-${name}.png` : ".png");
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(15000);
    const faults = watch(page, new URL(base).origin);
    await visit(page, base, shot).catch((error) => faults.push(error.message));
    if (faults.length > 0) stop(1, `${faults.length} faults\n  ${faults.join("\n  ")}`);
    console.log("no console error, no page error, no request to another origin");
  } finally {
    await browser.close();
  }
}

await main();
