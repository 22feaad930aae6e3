import { expect, test } from "./fixtures";

const DAY = 86_400; // as long as a token of the mock is valid

test("an admin logs in and sees the subscriptions", async ({ app }) => {
  await app.enter();

  await expect(app.heading("Subscriptions")).toBeFocused();
  await expect(app.status).toHaveText("0 of 0 subscriptions");
});

test("a wrong password is told, and doesn't stay in the field", async ({ app, page }) => {
  await app.open();
  await app.logIn("guessed");

  await expect(app.alert).toHaveText("Bad credentials.");
  await expect(page.getByLabel("User name")).toHaveValue("admin");
  await expect(page.getByLabel("Password")).toBeEmpty();
});

test("an expired token is renewed without a word", async ({ app, mock }) => {
  await app.enter();
  await expect(app.status).toHaveText("0 of 0 subscriptions");

  await mock.clock.advance(DAY + 1);
  await app.button("Refresh").click();

  await expect(app.status).toHaveText("0 of 0 subscriptions");
  const list = { operationId: "webhookSubscriptionGetList" };
  const renewal = [{ ...list, status: 401 }, { operationId: "tokenRefresh", status: 200 }, { ...list, status: 200 }];
  await mock.requests.verify({ sequence: renewal });
});

test("calls that find the token expired at the same time renew it once", async ({ app, mock, page }) => {
  await app.enter();
  await expect(app.status).toHaveText("0 of 0 subscriptions");

  await mock.clock.advance(DAY + 1);
  await page.reload(); // asks for the list and for the events

  await expect(app.status).toHaveText("0 of 0 subscriptions");
  await mock.requests.verify({ match: { operationId: "tokenRefresh" }, atLeast: 1, atMost: 1 });
});

test("when the refresh token has expired, too, the app asks to log in", async ({ app, mock }) => {
  await app.enter();
  await expect(app.status).toHaveText("0 of 0 subscriptions");

  await mock.presets.apply("expired-sessions");
  await app.button("Refresh").click();

  await expect(app.heading("Log in")).toBeFocused();
  await expect(app.page.getByText("Your session is over. Log in again.")).toBeVisible();
});

test("who logs out is logged out at the server, too", async ({ app, mock, page }) => {
  await app.enter();
  await app.button("Log out").click();

  await mock.requests.verify({ match: { operationId: "userGetTokenRevoke", status: 204 }, atLeast: 1, wait: 5 });
  await page.reload();
  await expect(app.heading("Log in")).toBeVisible();
});
