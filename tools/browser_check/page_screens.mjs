/* The page /_mock/ui on screens, judged by axe-core, and with many rows. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { stop } from "./browser.mjs";
import { watch } from "./viewer.mjs";

/** A desk and a phone, in the light and in the dark. */
export const SCREENS = [1280, 390].flatMap((width) => ["light", "dark"].map((colorScheme) => ({ width, colorScheme })));
const ROWS = 10_000;
const FRAMES = 200;
const LONGEST_FRAME = 16; // milliseconds of work, for sixty frames a second

/** The axe-core that install_node_tools.sh has put into tools/.cache. */
function axe() {
  try {
    return createRequire(new URL("../.cache/node/", import.meta.url)).resolve("axe-core/axe.min.js");
  } catch {
    return stop(3, "axe-core is missing; run tools/pinned/install_node_tools.sh first");
  }
}

/** Opens the page anew. */
export async function open(page, base, fragment = "") {
  await page.goto("about:blank");
  await page.goto(`${base}/_mock/ui${fragment}`);
  await page.locator("body[data-ready]").waitFor();
}

/** The violations that axe finds on the page as it is. */
async function judge(page, what) {
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
  assert.deepEqual(told, [], `axe on ${what}`);
}

/** Each view on a screen: a picture, axe's judgement, and nothing that sticks out. */
export async function look(browser, base, { width, colorScheme }, shot, faults) {
  // axe is no file of the mock: its policy wouldn't let it in.
  const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme, bypassCSP: true });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.addInitScript({ path: axe() });
  faults.push(watch(page, new URL(base).origin));
  const views = {
    deliveries: () => open(page, base),
    detail: () => page.locator(".row").first().click(),
    requests: () => open(page, base, "#requests"),
    request: () => page.locator(".row").first().click(),
    inbox: () => open(page, base, "#inbox"),
    received: () => page.locator(".row").first().click(),
    event: () =>
      open(page, base)
        .then(() => page.getByRole("button", { name: "Fire event" }).click())
        .then(() => page.locator("dialog fieldset").first().waitFor()),
    fault: () => open(page, base).then(() => page.getByRole("button", { name: "Add fault" }).click()),
    preset: () => open(page, base).then(() => page.getByRole("button", { name: "Preset" }).click()),
  };
  for (const [name, visit] of Object.entries(views)) {
    await visit();
    await page.waitForTimeout(250);
    await page.screenshot({ path: shot(`-${name}-${width}-${colorScheme}`) });
    await judge(page, `${name}, ${width} px, ${colorScheme}`);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth),
      width,
      `${name} is wider than ${width} px`,
    );
  }
  await context.close();
  return Object.keys(views).length;
}

/** Fills the page with rows and scrolls through them; tells the slowest frame. */
export async function fill(page, base) {
  await open(page, base);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const used = async () =>
    Object.fromEntries(
      (await session.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, 1000 * value]),
    );
  await page.evaluate(async (many) => {
    const { Rows } = await import("./ui/assets/rows.js");
    const { List } = await import("./ui/assets/list.js");
    const { deliveries } = await import("./ui/assets/deliveries.js");
    const list = new List(document.getElementById("list"), document.getElementById("space"));
    const rows = new Rows(deliveries);
    list.show({ ...deliveries, choose: () => {} });
    const make = (n) => ({
      deliveryId: `${n}-1`,
      eventName: "CustomerRegistered",
      storeCode: "DEFAULT",
      subscriptionId: "5a1f1f0e",
      url: `http://127.0.0.1:9000/${n}`,
      createdAt: "2026-01-15T10:30:00+00:00",
      status: "delivered",
      attempts: [],
    });
    for (let n = 0; n < many; n += 1) rows.put(make(n), 100);
    list.update(rows.found());
    window.rowsOfTheCheck = { rows, list, make };
  }, ROWS);
  const before = await used();
  await page.evaluate(
    async ([many, frames]) => {
      const { rows, list, make } = window.rowsOfTheCheck;
      for (let frame = 0; frame < frames; frame += 1) {
        rows.put(make(many + frame), 100); // rows come while one scrolls
        list.update(rows.found());
        document.getElementById("list").scrollTop += 1_700;
        await new Promise(requestAnimationFrame);
      }
    },
    [ROWS, FRAMES],
  );
  const scrolled = await used();
  const { kept, shown, found } = await page.evaluate(() => {
    const { rows, list } = window.rowsOfTheCheck;
    rows.search("9000/4711");
    list.update(rows.found());
    return { kept: rows.size, shown: document.querySelectorAll(".row").length, found: rows.found().length };
  });
  const searched = await used();
  const frame = (scrolled.ThreadTime - before.ThreadTime) / FRAMES; // of the processor: the machine may be busy
  const search = searched.ThreadTime - scrolled.ThreadTime;
  const figures = `${frame.toFixed(1)} ms of work a frame, ${search.toFixed(0)} ms for a search`;
  const told = `${kept} rows in ${shown} elements, ${figures}`;
  assert.ok(kept === ROWS && shown < 100 && found === 1 && frame < LONGEST_FRAME, told);
  return told;
}
