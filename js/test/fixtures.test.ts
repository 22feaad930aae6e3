// src/vitest.ts: the fixtures, used as a reader would.
import { test as base, expect } from "../src/vitest.js";

const test = base.extend({ mockOptions: { stores: ["NORTH"] } });
const HEADERS = { "X-AUTH-TOKEN": "mock-api-key", "Content-Type": "application/json" };
const urls: string[] = [];

for (const round of [1, 2]) {
  test(`a test finds the mock as it was at its start: ${round}`, async ({ mock, receiver }) => {
    urls.push(mock.url);
    expect(await mock.requests.list()).toEqual([]);
    expect(receiver.deliveries).toEqual([]);
    await mock.subscribe("CustomerRegistered", receiver);
    const body = JSON.stringify({ customer: { email: "sam.lee@example.com" } });
    const answer = await fetch(`${mock.url}/api/NORTH/member`, { method: "POST", headers: HEADERS, body });
    expect(answer.status).toBe(200);
    await receiver.waitFor("CustomerRegistered");
  });
}

test("the tests of a file share one mock", ({ mockServer }) => {
  expect(new Set(urls)).toEqual(new Set([mockServer.url]));
});
