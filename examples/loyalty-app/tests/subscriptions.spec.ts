import { expect, test } from "./fixtures";

const LIST = "webhookSubscriptionGetList";

/** Twelve subscriptions: every second one to another event. */
const subscriptions = Array.from({ length: 12 }, (_, number) => ({
  eventName: number % 2 ? "TransactionRegistered" : "CustomerRegistered",
  url: `http://127.0.0.1:9/hooks/${number}`,
}));

test("what the API doesn't accept is told at its fields", async ({ app }) => {
  await app.enter();
  const form = app.subscribing;
  await form.getByLabel("Address").fill("nowhere");
  await app.button("Subscribe").click();

  await expect(form.getByLabel("Event")).toHaveAccessibleDescription("This value should not be blank.");
  await expect(form.getByLabel("Address")).toHaveAccessibleDescription("This value is not a valid URL.");
  await expect(form.getByLabel("Event")).toBeFocused();
  await expect(form.getByLabel("Address")).toHaveValue("nowhere");
});

test("problems go when they are mended", async ({ app }) => {
  await app.enter();
  await app.button("Subscribe").click();
  await expect(app.subscribing.getByLabel("Event")).toHaveAttribute("aria-invalid", "true");

  await app.subscribe("LevelWillExpire");
  await expect(app.subscribing.getByRole("status")).toContainText("Subscribed. The secret, shown once: whsec_");
  await expect(app.subscribing.getByLabel("Event")).not.toHaveAttribute("aria-invalid");
  await expect(app.rows).toHaveCount(1);
});

test("each page is asked for by its number", async ({ app, mock }) => {
  await mock.state.add({ subscriptions });
  await app.enter();
  await expect(app.rows).toHaveCount(5);
  await app.button("Next").click();
  await expect(app.page.getByText("Page 2 of 3")).toBeVisible();
  await app.button("Next").click();

  await expect(app.rows).toHaveCount(2);
  await expect(app.button("Next")).toBeDisabled();
  const page = (number: string) => ({ operationId: LIST, query: { _page: number, _itemsOnPage: "5" } });
  await mock.requests.verify({ sequence: [page("1"), page("2"), page("3")] });
});

test("a filter is sent as the API has it, and begins at the first page", async ({ app, mock }) => {
  await mock.state.add({ subscriptions });
  await app.enter();
  await app.button("Next").click();
  await expect(app.page.getByText("Page 2 of 3")).toBeVisible();
  const filter = app.page.getByRole("search");
  await filter.getByLabel("Event").selectOption("TransactionRegistered");
  await filter.getByLabel("Address contains").fill("hooks/1");
  await app.button("Filter").click();

  await expect(app.status).toHaveText("2 of 12 subscriptions"); // 1 and 11
  const query = { _page: "1", eventName: "TransactionRegistered", "url[like]": "hooks/1" };
  await mock.requests.verify({ match: { operationId: LIST, query }, atLeast: 1, atMost: 1 });
});

test("a query that nobody sent is answered with what came closest", async ({ app, mock }) => {
  await app.enter();
  await expect(app.status).toHaveText("0 of 0 subscriptions");

  const asked = { match: { operationId: LIST, query: { _page: "2" } }, atLeast: 1 };
  const { data } = await mock.control.POST("/_mock/requests/verify", { body: asked });
  expect(data).toMatchObject({ ok: false, count: 0 });
  expect(data?.nearMisses[0]?.misfits).toContainEqual({ part: "query._page", expected: "2", actual: "1" });
});

test("an impatient double click subscribes once", async ({ app, mock }) => {
  await app.enter();
  await mock.faults.add({ operationId: "webhookSubscriptionPost", delay: 1, times: 1 });
  await app.subscribing.getByLabel("Event").selectOption("LevelWillExpire");
  await app.button("Subscribe").dblclick();

  await expect(app.subscribing.getByRole("status")).toContainText("Subscribed.");
  await mock.requests.verify({ match: { operationId: "webhookSubscriptionPost" }, atLeast: 1, atMost: 1 });
});

test("who confirms deletes, and nobody else", async ({ app, mock, page }) => {
  await mock.state.add({ subscriptions: subscriptions.slice(0, 2) });
  await app.enter();
  const [first] = subscriptions;
  const button = app.button(`Delete ${first!.eventName} to ${first!.url}`);

  page.once("dialog", (dialog) => dialog.dismiss());
  await button.click();
  await expect(app.rows).toHaveCount(2);
  page.once("dialog", (dialog) => dialog.accept());
  await button.click();

  await expect(app.rows).toHaveCount(1);
  await expect(button).toBeHidden();
  await mock.requests.verify({ match: { method: "DELETE", status: 204 }, atLeast: 1, atMost: 1 });
});

test("what is made at a moment is told with that moment", async ({ app, mock }) => {
  await mock.clock.freeze("2026-01-15T10:30:00Z");
  await app.enter();
  await app.subscribe("LevelWillExpire");

  await expect(app.rows.getByRole("cell", { name: "2026-01-15T10:30:00+00:00" })).toBeVisible();
});
