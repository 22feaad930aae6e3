// src/receiver.ts, src/signature.ts, src/matching.ts: webhooks arrive, are told apart, and are verified.
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ExpectationFailed, isAuthentic, Receiver } from "../src/index.js";
import { differences } from "../src/matching.js";
import { addMember, withMock } from "./support.js";

let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(() => receiver.stop());

async function post(body: unknown, path = ""): Promise<Response> {
  return await fetch(receiver.url + path, { method: "POST", body: JSON.stringify(body) });
}

test("a signed webhook arrives, with its bytes and headers", async () => {
  await withMock(async (mock) => {
    const { hmacSecretKey = "" } = await mock.subscribe("CustomerRegistered", receiver, { hmacEnabled: true });
    await addMember(mock, "sam.lee@example.com");
    const data = { customerData: { email: "sam.lee@example.com" } };
    const delivery = await receiver.waitFor("CustomerRegistered", { data });
    expect([delivery.isAuthentic(hmacSecretKey), delivery.isAuthentic(`${hmacSecretKey}0`)]).toEqual([true, false]);
    expect(JSON.parse(delivery.rawBody.toString())).toEqual(delivery.body);
    expect(delivery.headers["content-type"]).toContain("application/json");
  });
});

test("a delivery that is there already is found, and one that comes later is waited for", async () => {
  await post({ eventName: "A", n: 1 });
  expect((await receiver.waitFor("A")).body.n).toBe(1);
  const later = receiver.waitFor("A", { n: 2 });
  await post({ eventName: "A", n: 2 }, "/other");
  expect((await later).path).toBe("/webhook/other");
});

test("all deliveries of a kind are waited for", async () => {
  const both = receiver.waitForAll(2, "A", { n: 1 });
  for (const n of [1, 2, 1]) await post({ eventName: "A", n });
  expect((await both).map((each) => each.body.n)).toEqual([1, 1]);
  const three = receiver.waitForAll(3, "A", { n: 1 }, { timeout: 0.02 });
  await expect(three).rejects.toThrow('Not 3 deliveries with {"n":1,"eventName":"A"} within 0.02 s. 3 arrived');
});

test("what doesn't arrive is told, with the closest first", async () => {
  const none = receiver.waitFor("A", {}, { timeout: 0.02 });
  await expect(none).rejects.toThrow('No delivery with {"eventName":"A"} within 0.02 s. Nothing has arrived at all.');
  await post({ eventName: "B", data: { points: 5 } });
  await post({ eventName: "A", data: { points: 5 } });
  const missed = receiver.waitFor("A", { data: { points: 6 } }, { timeout: 0.02 });
  await expect(missed).rejects.toThrow("2 arrived, the closest first:\n  A: data.points is 5, not 6\n  B: ");
});

test("what arrives can't break the complaint, nor forge a line of it, nor show a secret", async () => {
  const send = (body: string, path = ""): Promise<Response> => fetch(receiver.url + path, { method: "POST", body });
  await send('{"eventName":{"toString":1,"valueOf":1}}', "/x?token=s3cret");
  await send(`{"eventName":${"[".repeat(6_000)}${"]".repeat(6_000)}}`);
  await send('{"eventName":"\\u001b[2J\\nB","data":{"password":"s3cret"}}');
  const missed = receiver.waitFor("A", { data: { password: "other" } }, { timeout: 0.02 });
  const error: unknown = await missed.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ExpectationFailed);
  expect(String(error)).toContain("\n  \\x1b[2J\\nB: data.password is ********, not ********; eventName is ");
  expect(String(error)).toContain('eventName is {"toString":1,"valueOf":1}, not "A"');
  expect(String(error)).not.toMatch(/s3cret|other|\u001b/);
  expect(receiver.captured.map((each) => each.eventName)).toEqual([undefined, undefined, "\u001b[2J\nB"]);
});

test("a body of more than 4 MiB is refused, and that is told", async () => {
  const send = (size: number): Promise<Response> =>
    fetch(receiver.url, { method: "POST", body: Buffer.alloc(size, " ") });
  const limit = 4 * 1024 * 1024;
  expect((await send(limit + 1)).status).toBe(413);
  expect(receiver.captured).toEqual([]);
  const missed = receiver.waitFor("A", {}, { timeout: 0.02 });
  await expect(missed).rejects.toThrow(/s\. 1 had more than 4 MiB, and got 413\.$/);
  expect((await send(limit)).status).toBe(204);
  expect(receiver.captured).toHaveLength(1);
});

test("it answers as it was told, one after another", async () => {
  receiver.answerWith(500, { status: 200, headers: { "X-A": "b" }, body: "done", delay: 0.01 }, 204);
  const answers = [await post({}), await post({}), await post({}), await post({})];
  expect(answers.map((each) => each.status)).toEqual([500, 200, 204, 204]);
  expect([answers[1]?.headers.get("x-a"), await answers[1]?.text()]).toEqual(["b", "done"]);
  receiver.clear();
  expect([receiver.captured.length, (await post("no event")).status]).toEqual([0, 204]);
  expect(receiver.captured[0]?.eventName).toBeUndefined();
});

test("a delivery is repeated when the receiver fails", async () => {
  await withMock(async (mock) => {
    receiver.answerWith(503, 204);
    await mock.subscribe("LevelWillExpire", receiver);
    await mock.trigger("LevelWillExpire");
    await mock.deliveries.wait({ status: "attempted" });
    await mock.clock.advance(60);
    expect((await mock.deliveries.wait({ status: "delivered" }))[0]?.attempts).toHaveLength(2);
    expect(receiver.captured).toHaveLength(2);
  });
});

describe("signatures", () => {
  const rawBody = Buffer.from('{"eventName":"CustomerRegistered"}');
  const url = "https://example.com/webhooks";
  const now = 1709467498;
  const headers = {
    "x-webhook-signature": "fa4c20e88d226ad8d8f2c59968feba4125409dfbdabc28bb2879d7edff04dc42",
    "x-webhook-signature-algorithm": "hmac-sha256",
    "x-webhook-timestamp": String(now),
    "x-webhook-request-id": "8aaaabcd-0f85-4a6b-9d7e-0c1d2e3f4a5b",
  };
  const secret = `whsec_${"0123456789abcdef".repeat(4)}`;

  test("are those of the guide", async () => {
    const guide = await readFile(new URL("../../docs/webhook-signatures.md", import.meta.url), "utf8");
    expect(guide).toContain(headers["x-webhook-signature"]);
    expect(isAuthentic({ secret, url, headers, rawBody, now })).toBe(true);
  });

  test("are refused when stale, of another body, URL or algorithm, or absent", () => {
    const judged = (changed: object, over = {}): boolean =>
      isAuthentic({ secret, url, headers: { ...headers, ...changed }, rawBody, now, ...over });
    expect(judged({}, { now: now + 301 })).toBe(false);
    expect(judged({}, { now: now + 301, maxAge: Infinity })).toBe(true);
    expect(judged({}, { rawBody: Buffer.from("{}") })).toBe(false);
    expect(judged({}, { url: "https://example.com/other" })).toBe(false);
    expect(judged({}, { url: "no url" })).toBe(false);
    expect(judged({ "x-webhook-signature-algorithm": "none" })).toBe(false);
    expect(judged({ "x-webhook-signature": undefined })).toBe(false);
  });

  test("are 64 hex digits in lower case, and nothing else", () => {
    const given = headers["x-webhook-signature"];
    const others = [`${given}zz`, `${given}\n`, given.toUpperCase(), given.slice(0, 62), `0x${given}`];
    for (const other of others) {
      const changed = { ...headers, "x-webhook-signature": other };
      expect(isAuthentic({ secret, url, headers: changed, rawBody, now })).toBe(false);
    }
  });

  test("are refused when old only, as in the guide: a sender whose clock is ahead is authentic", () => {
    expect(isAuthentic({ secret, url, headers, rawBody, now: now - 86_400 })).toBe(true);
  });
});

test("of an object only what is wanted must be there; all else must be equal", () => {
  const actual = { a: { b: 1, c: 2 }, list: [{ x: 1, y: 2 }], text: "abc", none: null };
  expect(differences(actual, { a: { b: 1 }, list: [{ x: 1 }], text: /^a/, none: null, left: undefined })).toEqual([]);
  expect(differences(actual, { list: [] })).toEqual(['list is [{"x":1,"y":2}], not []']);
  expect(differences(actual, { a: { d: 1 }, text: /z/ })).toEqual(["a.d is absent, not 1", 'text is "abc", not /z/']);
  expect(differences(undefined, { eventName: "A" })).toEqual(['body is absent, not {"eventName":"A"}']);
});
