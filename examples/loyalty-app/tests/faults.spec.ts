import { expect, test } from "./fixtures";

const LIST = "webhookSubscriptionGetList";

test("a 500 is told, and the next try works", async ({ app, mock }) => {
  await mock.faults.add({ operationId: LIST, status: 500, times: 1 });
  await app.enter();

  await expect(app.alert).toContainText("The server has a problem (500).");
  await app.button("Try again").click();
  await expect(app.status).toHaveText("0 of 0 subscriptions");
  await expect(app.alert).toBeHidden();
});

test("while a slow answer is awaited, the app says so", async ({ app, mock, page }) => {
  await app.enter();
  await expect(app.status).toHaveText("0 of 0 subscriptions");

  await mock.faults.add({ operationId: LIST, delay: 1, times: 1 });
  await app.button("Refresh").click();

  await expect(app.status).toHaveText("Loading…");
  await expect(page.locator("#list")).toHaveAttribute("aria-busy", "true");
  await expect(app.status).toHaveText("0 of 0 subscriptions");
  await expect(page.locator("#list")).toHaveAttribute("aria-busy", "false");
});

test("a connection that breaks while a list is read is told, and the browser asked once", async ({ app, mock }) => {
  await mock.faults.add({ operationId: LIST, effect: "dropConnection", times: 1 });
  await app.enter();

  await expect(app.alert).toContainText("The connection was lost.");
  await mock.requests.verify({ match: { operationId: LIST }, atLeast: 1, atMost: 1 });
  await app.button("Try again").click();
  await expect(app.status).toHaveText("0 of 0 subscriptions");
});

test("a registration whose answer got lost was done once, and the app says that it may be", async ({ app, mock }) => {
  await app.enter("#members");
  await mock.faults.add({ operationId: "memberPost", effect: "dropConnection", times: 1 });
  await app.register("jane.doe@example.com");

  await expect(app.alert).toHaveText(/The connection was lost\. It may have been done all the same/);
  await mock.requests.verify({ match: { operationId: "memberPost" }, atLeast: 1, atMost: 1 });
  await app.button("Register").click(); // what was typed is still there
  await expect(app.page.getByLabel("E-mail address")).toHaveAccessibleDescription("This value is already used.");
});

test("an answer that never comes is given up", async ({ app, mock, page }) => {
  await app.enter();
  await expect(app.status).toHaveText("0 of 0 subscriptions");

  await mock.faults.add({ operationId: LIST, effect: "hang", times: 1 });
  await page.evaluate(() => (window.loyalty.timeout = 500));
  await app.button("Refresh").click();

  await expect(app.alert).toContainText("The server takes too long.");
  await mock.requests.wait({ operationId: LIST, answered: false, atLeast: 1 });
});

for (const status of [200, 502]) {
  test(`a page of a gateway in place of JSON is no list, with status ${status}`, async ({ app, mock }) => {
    const answer = { status, contentType: "text/html", body: "<h1>Bad Gateway</h1>" };
    await mock.faults.add({ match: { operationId: LIST }, answer, times: 1 });
    await app.enter();

    await expect(app.alert).toContainText(`The server answered something that the app doesn't understand (${status}).`);
  });
}

for (const effect of ["malformedJson", "truncateBody"] as const) {
  test(`an answer that is damaged by ${effect} is told, and the next try works`, async ({ app, mock }) => {
    await mock.faults.add({ operationId: LIST, effect, times: 1 });
    await app.enter();

    await app.button("Try again").click();
    await expect(app.status).toHaveText("0 of 0 subscriptions");
  });
}

test("who is told to wait can't try again before", async ({ app, mock, page }) => {
  const answer = { status: 429, headers: { "Retry-After": "600" }, body: { code: 429, message: "Too Many Requests" } };
  await mock.faults.add({ match: { operationId: "adminLoginCheck" }, answer, times: 1 });
  await page.clock.install(); // the browser's clock, which counts down
  await app.enter();

  await expect(app.alert).toHaveText("Too Many Requests");
  await expect(app.button(/^Log in \(in \d+ s\)$/)).toBeDisabled();
  await page.clock.fastForward("10:00");
  await app.logIn();
  await expect(app.heading("Subscriptions")).toBeVisible();
  await mock.requests.verify({ match: { operationId: "adminLoginCheck" }, atLeast: 2, atMost: 2 });
});
