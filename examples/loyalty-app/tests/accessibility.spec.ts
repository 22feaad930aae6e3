import { createRequire } from "node:module";
import type axe from "axe-core";
import { expect, test } from "./fixtures";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

for (const view of ["#subscriptions", "#members", "#webhooks"]) {
  test(`axe finds nothing in ${view}`, async ({ app, mock, page }) => {
    await mock.state.add({ subscriptions: [{ eventName: "CustomerRegistered", url: "http://127.0.0.1:9/hook" }] });
    await app.enter(view);
    await expect(page.locator(`${view}-title`)).toBeFocused();
    await page.addScriptTag({ path: AXE });
    const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());

    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
}
