// src/vitest.ts: the fixtures, used as a reader would.
import { test as base, expect } from "../src/vitest.js";
import { addMember } from "./support.js";

const test = base.extend({ mockOptions: { stores: ["NORTH"] } });

for (const round of [1, 2]) {
  test(`a test finds the mock as it was at its start: ${round}`, async ({ mock, mockServer, receiver }) => {
    expect(mock).toBe(mockServer);
    expect(await mock.requests.list()).toEqual([]);
    expect(receiver.captured).toEqual([]);
    await mock.subscribe("CustomerRegistered", receiver);
    expect((await addMember(mock, "sam.lee@example.com", "NORTH")).status).toBe(200);
    await receiver.waitFor("CustomerRegistered");
  });
}

test("what other fixtures have done to the worker's mock is there, unless a test asks for `mock`", async ({
  mockServer,
}) => {
  await addMember(mockServer, "a@example.com", "NORTH");
  expect(await mockServer.requests.count()).toBeGreaterThan(0);
});
