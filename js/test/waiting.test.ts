// src/waiting.ts: who waits longer than a call may, asks again; and no longer than that.
import { expect, test } from "vitest";
import { patiently } from "../src/waiting.js";

for (const [timeout, waits] of [
  [0.5, [0.5]],
  [60, [60]],
  [150, [60, 60, 30]],
] as const) {
  test(`${timeout} seconds are waited in calls of ${waits.join(", ")}`, async () => {
    const asked: number[] = [];
    const ask = async (wait: number): Promise<number> => asked.push(wait);
    expect(await patiently(timeout, () => false, ask)).toBe(waits.length);
    expect(asked).toEqual(waits);
  });
}

test("what is there ends the wait", async () => {
  expect(await patiently(600, (found) => found === 30, async (wait) => wait / 2)).toBe(30);
});
