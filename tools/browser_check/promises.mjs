#!/usr/bin/env node
/*
 * Holds the documentation of a running mock to what it promises on every page, in a headless browser.
 *
 *   tools/pinned/install_node_tools.sh                          once
 *   node tools/browser_check/promises.mjs http://127.0.0.1:8080 docs.png
 *
 * Fails (exit code 1) if a login doesn't survive a reload, or a log-out or a refused token isn't forgotten; if an event
 * has a button that would request it, or an operation has none; if a link to an assumption leads to no row; if a page
 * names another port; if a phone has to scroll sideways; if the system's dark mode isn't followed; and on any console
 * error, page error, failed request or request to another origin.
 * Writes docs-1280-light.png, docs-1280-dark.png, docs-390-light.png and docs-390-dark.png, and the same of assumptions.
 * Exit code 2: wrong usage. Exit code 3: playwright-core or the browser is missing.
 */
import assert from "node:assert/strict";
import { launch, stop } from "./browser.mjs";
import { openEntry, openTag, slugOf, tryOperation, watch } from "./viewer.mjs";

const EVENTS_PATH = "/api/{storeCode}/webhook/event";
const GUIDES = ["assumptions", "vendor-facts"];
const METHODS = ["get", "put", "post", "delete", "patch"];
const WIDTHS = [1280, 390];
const SCHEMES = ["light", "dark"];

/** Asks for the event list through the page; returns the headers that were sent. */
async function askForEvents(page, base) {
  await openTag(page, base, "Webhook event");
  await openEntry(page, `GET${EVENTS_PATH}`);
  const response = await tryOperation(page, "get", EVENTS_PATH);
  const headers = await response.request().allHeaders();
  await page.keyboard.press("Escape");
  return headers;
}

/** Logs in by the bar, reloads, logs out; checks by what calls are authorised meanwhile. */
async function keepSession(page, base) {
  assert.equal((await askForEvents(page, base))["x-auth-token"], "mock-api-key", "the mock's key is not filled in");
  await page.locator("#login summary").click();
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByText("Logged in as admin").waitFor();
  const { token } = JSON.parse(await page.evaluate(() => sessionStorage.getItem("mockserver.session")));
  const before = await askForEvents(page, base);
  await page.reload();
  await page.getByText("Logged in as admin").waitFor();
  const after = await askForEvents(page, base);
  for (const sent of [before, after]) assert.equal(sent.authorization, `Bearer ${token}`, "the token is not sent");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.locator("#login summary").waitFor();
  const out = await askForEvents(page, base);
  assert.equal(out.authorization, undefined, "the token is still sent after a log-out");
  assert.equal(out["x-auth-token"], "mock-api-key", "after a log-out the mock's key is not sent");
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, "the token is still there after a log-out");
}

/** A wrong password is told of; a kept token that the mock refuses is forgotten. */
async function refuseSession(page, base) {
  await page.goto(`${base}/docs`);
  await page.locator("#login summary").click();
  await page.locator("#login [name=password]").fill("wrong");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByText("Bad credentials").waitFor();
  await page.evaluate(() => sessionStorage.setItem("mockserver.session", '{"token": "a.b.c", "name": "old"}'));
  await page.reload();
  await page.getByText("Logged in as old").waitFor();
  await askForEvents(page, base);
  await page.locator("#login summary").waitFor();
}

/** Goes down the page, so that the viewer makes all of it. */
async function scrollThrough(page) {
  await page.mouse.move(page.viewportSize().width / 2, 500);
  for (let height = -1, last = -2; height !== last;) {
    await page.mouse.wheel(0, 4000);
    await page.waitForTimeout(150);
    [last, height] = [height, await page.evaluate(() => scrollY)];
  }
}

/** The addresses of a tag's operations and events on the page. */
function addressesOf(contract, tag) {
  const under = (operation) => operation?.tags?.[0] === tag;
  const operations = Object.entries(contract.paths).flatMap(([path, item]) => METHODS
    .filter((method) => under(item[method])).map((method) => `${method.toUpperCase()}${path}`));
  const events = Object.entries(contract["x-webhooks"]).filter(([, item]) => under(item.post))
    .map(([name]) => `webhook/POST/${name.toLowerCase()}`);
  const whole = (addresses) => addresses.map((address) => `api/tag/${slugOf(tag)}/${address}`);
  return { operations: whole(operations), events: whole(events) };
}

/** How many buttons an operation has that would request it; scrolls there if the viewer hasn't made it yet. */
async function buttonsOf(page, address) {
  const section = page.locator(`section[id="${address}"]`);
  if (await section.count() === 0) {
    await page.locator(`aside a[href="#${address}"]`).first().click();
    await section.waitFor();
  }
  return section.locator("button.show-api-client-button:visible").count();
}

/** Checks that all operations but the events can be requested, and collects the links to assumptions. */
async function tryButtons(page, base, contract, links) {
  let [requested, sent] = [0, 0];
  for (const { name } of contract.tags) {
    await openTag(page, base, name);
    await scrollThrough(page);
    const { operations, events } = addressesOf(contract, name);
    for (const address of operations) assert.notEqual(await buttonsOf(page, address), 0, `${address} can't be requested`);
    for (const address of events) assert.equal(await buttonsOf(page, address), 0, `${address} has a button that can't work`);
    requested += operations.length;
    sent += events.length;
    for (const link of await page.locator('a[href*="/docs/assumptions#"]').all()) links.add(await link.getAttribute("href"));
    const text = await page.locator("#viewer").innerText();
    assert.ok(!text.includes(":8181") || base.endsWith(":8181"), `${name} names another port`);
  }
  return `${requested} operations have one, ${sent} events have none`;
}

/** Checks that each link to an assumption leads to its row. */
async function followLinks(page, base, links) {
  assert.ok(links.size > 0, "no assumption is linked");
  await page.goto(`${base}/docs/assumptions`);
  const numbers = [...links].map((link) => link.split("#")[1]);
  const missing = await page.evaluate((ids) => ids.filter((id) => !document.getElementById(id)), numbers);
  assert.deepEqual(missing, [], "links to assumptions lead nowhere");
  await page.goto(`${base}${[...links].at(-1)}`);
  await page.locator("tr:target").waitFor();
}

/** How wide the page is, for a screen of its width. */
const widthOf = (page) => page.evaluate(() => document.documentElement.scrollWidth);

/** Opens all pages on a screen; checks that nothing sticks out, and what is dark. */
async function look(browser, base, contract, { width, colorScheme, shot, faults }) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  faults.push(watch(page, new URL(base).origin));
  await page.goto(`${base}/docs`);
  await page.getByRole("heading", { name: contract.info.title }).first().waitFor();
  await page.waitForTimeout(500);
  await page.screenshot({ path: shot(`-${width}-${colorScheme}`) });
  assert.equal(await page.locator(`body.${colorScheme}-mode`).count(), 1, `/docs is not ${colorScheme}`);
  const tags = width < 1000 && colorScheme === "light" ? contract.tags : [];
  for (const { name } of tags) {
    await page.goto("about:blank");
    await page.goto(`${base}/docs#api/tag/${slugOf(name)}`);
    await page.getByRole("heading", { name }).first().waitFor();
    await scrollThrough(page);
    assert.equal(await widthOf(page), width, `${name} is wider than the screen`);
  }
  for (const guide of GUIDES) {
    await page.goto(`${base}/docs/${guide}`);
    await page.screenshot({ path: shot(`-${guide}-${width}-${colorScheme}`) });
    assert.equal(await widthOf(page), width, `${guide} is wider than the screen`);
  }
  await page.close();
}

/** All promises; throws at the first one that is broken. */
async function holdToPromises(browser, base, shot, faults) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(15000);
  faults.push(watch(page, new URL(base).origin));
  const contract = await (await page.request.get(`${base}/openapi.json`)).json();
  await keepSession(page, base);
  console.log("session: survives a reload, and ends with a log-out");
  const links = new Set();
  console.log(`buttons: ${await tryButtons(page, base, contract, links)}`);
  await followLinks(page, base, links);
  console.log(`assumptions: ${links.size} are linked, each to its row`);
  await page.close();
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) await look(browser, base, contract, { width, colorScheme, shot, faults });
  }
  console.log("screens: nothing sticks out at 390 px, and the system's dark mode is followed");
  const refused = await browser.newPage(); // its console has the 401s that it asks for
  await refuseSession(refused, base);
  console.log("session: a wrong password is told of, a token that is refused is forgotten");
}

async function main() {
  const [address, picture] = process.argv.slice(2);
  if (!address || !picture) stop(2, "usage: promises.mjs BASE_URL OUTPUT.png");
  const base = address.replace(/\/$/, "");
  const shot = (name) => picture.replace(/(\.png)?$/, `${name}.png`);
  const browser = await launch();
  const watched = [];
  try {
    const broken = await holdToPromises(browser, base, shot, watched).then(() => [], (error) => [error.message]);
    const faults = [...watched.flat(), ...broken];
    if (faults.length > 0) stop(1, `${faults.length} faults\n  ${faults.join("\n  ")}`);
    console.log("no console error, no page error, no request to another origin");
  } finally {
    await browser.close();
  }
}

await main();
