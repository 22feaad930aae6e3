/**
 * Workers that share one mock, which tests/serve-app.ts starts: each has a store of its own, and a test starts with
 * that store as it was. What is the whole mock's (the clock, presets for all stores) is left alone here.
 */
import { test as base } from "@playwright/test";
import { controlClient } from "openloyalty-mockserver";
import { App } from "./app";
import { expect } from "./fixtures";

type Control = ReturnType<typeof controlClient>;

const test = base.extend<{ control: Control; storeCode: string; app: App }>({
  control: async ({}, use) => use(controlClient(process.env.SHARED_MOCK_URL!)),
  storeCode: async ({ control }, use, { parallelIndex }) => {
    const storeCode = `W${parallelIndex}`;
    await control.POST("/_mock/reset", { params: { query: { storeCode } } });
    await use(storeCode);
  },
  app: async ({ page, storeCode }, use) => {
    const api = process.env.SHARED_MOCK_URL!;
    await use(new App(page, process.env.APP_URL!, { api, store: storeCode, receiver: api, timeout: 10_000 }));
  },
});

for (const turn of [1, 2, 3, 4]) {
  test(`the same member registers in each store, turn ${turn}`, async ({ app, control, storeCode }) => {
    await app.enter("#members");
    await expect(app.page.getByText("1 members")).toBeVisible();
    await app.register("jane.doe@example.com");

    await expect(app.page.getByText("2 members")).toBeVisible();
    const body = { match: { operationId: "memberPost", storeCode }, atLeast: 1, atMost: 1 };
    const { data } = await control.POST("/_mock/requests/verify", { body });
    expect(data).toMatchObject({ ok: true });
  });

  test(`a fault of a store strikes there alone, turn ${turn}`, async ({ app, control, storeCode }) => {
    const match = { operationId: "webhookSubscriptionGetList", storeCode };
    await control.POST("/_mock/faults", { body: { match, answer: { status: 500 }, times: 1 } });
    await app.enter();

    await app.button("Try again").click();
    await expect(app.status).toHaveText("0 of 0 subscriptions");
  });
}
