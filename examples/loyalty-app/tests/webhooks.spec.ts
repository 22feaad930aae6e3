import { expect, test } from "./fixtures";

const EVENT = "CustomerRegistered";

test("a member who registers is told to the receiver, signed", async ({ app, mock, page }) => {
  await app.enter();
  await app.subscribe(EVENT);
  await expect(app.rows).toHaveCount(1);
  await app.go("Members");
  await app.register("jane.doe@example.com");
  await mock.deliveries.wait({ eventName: EVENT, status: "delivered" });
  await app.go("Webhooks");

  const row = page.getByRole("list", { name: "Received webhooks" }).getByRole("listitem");
  await expect(row).toHaveText(/CustomerRegistered of DEFAULT: verified/);
  await row.getByText("verified").click();
  await expect(row.getByText('"email":"jane.doe@example.com"')).toBeVisible();
});

test("a delivery with a wrong signature is refused, and the mock knows", async ({ app, mock, page }) => {
  await mock.clock.freeze(); // or the mock would soon try again, and give up
  await app.enter();
  await app.subscribe("LevelWillExpire");
  await expect(app.rows).toHaveCount(1);
  await mock.faults.add({ eventName: "LevelWillExpire", effect: "wrongSignature", times: 1 });
  await mock.trigger("LevelWillExpire");
  await app.go("Webhooks");

  await expect(page.getByText("LevelWillExpire of DEFAULT: wrong signature")).toBeVisible();
  const delivery = (await mock.deliveries.wait({ eventName: "LevelWillExpire", status: "attempted" })).at(-1);
  expect(delivery?.attempts[0]?.response?.status).toBe(401);
});

test("a delivery that is too old is refused, also when it is tried again", async ({ app, mock, page }) => {
  await mock.clock.freeze();
  await app.enter();
  await app.subscribe("LevelWillExpire");
  await expect(app.rows).toHaveCount(1);
  await mock.faults.add({ eventName: "LevelWillExpire", effect: "staleTimestamp", times: 1 });
  await mock.trigger("LevelWillExpire");
  await mock.deliveries.wait({ status: "attempted" });
  await mock.clock.advance(60); // until the mock tries again
  await mock.deliveries.wait({ status: "failed" });
  await mock.trigger("LevelWillExpire");
  await mock.deliveries.wait({ status: "delivered" });
  await app.go("Webhooks");

  const rows = page.getByRole("list", { name: "Received webhooks" }).getByRole("listitem");
  await expect(rows).toHaveText([/: verified/, /: too old/, /: too old/]);
});

test("other receivers get what the app subscribed for them", async ({ app, mock, receiver }) => {
  await app.enter();
  await app.subscribing.getByLabel("Address").fill(receiver.url);
  await app.subscribe("PointsWillExpire");
  await expect(app.rows).toHaveCount(1);
  await mock.trigger("PointsWillExpire");

  await receiver.waitFor("PointsWillExpire");
});
