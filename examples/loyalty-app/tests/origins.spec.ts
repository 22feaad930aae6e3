import { expect, test } from "./fixtures";

test("the app's origin may read answers, with credentials, and the mock's hints", async ({ app, mock, page }) => {
  await app.open();
  const hint = await page.evaluate(async ([url, key]) => {
    const headers = { "X-AUTH-TOKEN": key! };
    const answer = await fetch(`${url}/api/NOWHERE/webhook/event`, { headers, credentials: "include" });
    return answer.headers.get("X-Mock-Hint");
  }, [mock.url, mock.apiKey]);

  expect(hint).toContain("No store NOWHERE");
});

test("a page of another origin can't", async ({ app }) => {
  await app.open("", app.url.replace("127.0.0.1", "localhost"));
  await app.logIn();

  await expect(app.alert).toContainText("The server can't be reached.");
});

test("the app's origin may steer the mock", async ({ app, mock, page }) => {
  await mock.clock.freeze();
  await app.open();
  const clock = await page.evaluate(async (url) => (await fetch(`${url}/_mock/clock`)).json(), mock.url);

  expect(clock).toMatchObject({ frozen: true });
});
