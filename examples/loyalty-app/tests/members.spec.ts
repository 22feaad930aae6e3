import { expect, test } from "./fixtures";

test("a member is registered and counted", async ({ app, page }) => {
  await app.enter("#members");
  await expect(page.getByText("1 members")).toBeVisible();
  await app.register("jane.doe@example.com");

  await expect(page.getByText("jane.doe@example.com is a member now.")).toBeVisible();
  await expect(page.getByText("2 members")).toBeVisible();
  await expect(page.getByLabel("E-mail address")).toBeEmpty();
});

test("an address that is taken is told at its field", async ({ app, mock, page }) => {
  await mock.state.add({ members: [{ email: "jane.doe@example.com" }] });
  await app.enter("#members");
  await app.register("Jane.Doe@example.com");

  await expect(page.getByLabel("E-mail address")).toHaveAccessibleDescription("This value is already used.");
  await expect(page.getByLabel("E-mail address")).toBeFocused();
});

test("a store with many members has all of them counted", async ({ app, mock, page }) => {
  await mock.presets.apply("busy-store");
  await app.enter("#members");

  await expect(page.getByText("301 members")).toBeVisible();
});
