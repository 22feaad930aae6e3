// src/steering.ts, src/control.ts: what a test does to a mock, and asks of it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { controlClient, ControlError, ExpectationFailed, type Mock, Receiver, startMock } from "../src/index.js";
import { addMember, headersOf } from "./support.js";

let mock: Mock;
beforeAll(async () => {
  mock = await startMock({ stores: ["DEFAULT", "NORTH"] });
});
beforeEach(() => mock.reset());
afterAll(() => mock.stop());

test("a reset forgets everything, or one store", async () => {
  await addMember(mock, "a@example.com");
  await addMember(mock, "b@example.com", "NORTH");
  await mock.reset({ storeCode: "NORTH" });
  expect(await mock.requests.count()).toBe(1);
  await mock.reset();
  expect(await mock.requests.list()).toEqual([]);
});

test("the clock is frozen, moved and released", async () => {
  expect((await mock.clock.freeze("2026-01-15T10:30:00Z")).frozen).toBe(true);
  expect((await mock.clock.advance(86_400)).now).toBe("2026-01-16T10:30:00+00:00");
  await mock.clock.set(new Date("2027-01-01T00:00:00Z"));
  expect(await mock.clock.get()).toEqual({ now: "2027-01-01T00:00:00+00:00", frozen: true });
  expect((await mock.clock.release()).frozen).toBe(false);
});

test("a fault strikes, is switched off, and goes", async () => {
  const url = `${mock.url}/api/DEFAULT/webhook/event`;
  const ask = async (): Promise<number> => (await fetch(url, { headers: headersOf(mock) })).status;
  const fault = await mock.faults.add({ operationId: "webhookEventGetList", status: 503 });
  expect(await ask()).toBe(503);
  expect((await mock.faults.get(fault)).applied).toBe(1);
  await mock.faults.change(fault, { enabled: false });
  expect(await ask()).toBe(200);
  await mock.faults.remove(fault);
  await mock.faults.add({ match: { path: "/api/{storeCode}/webhook/event" }, answer: { status: 502 } });
  await mock.faults.clear();
  expect(await mock.faults.list()).toEqual([]);
});

describe("requests", () => {
  test("are listed, waited for and counted", async () => {
    const waiting = mock.requests.wait({ method: "POST", atLeast: 2 });
    await Promise.all([addMember(mock, "a@example.com"), addMember(mock, "b@example.com", "NORTH")]);
    expect(await waiting).toHaveLength(2);
    expect((await mock.requests.list({ storeCode: "NORTH" })).map((each) => each.path)).toEqual(["/api/NORTH/member"]);
    expect(await mock.requests.count({ body: { customer: { email: "a@example.com" } } })).toBe(1);
    await mock.requests.clear();
    expect(await mock.requests.count()).toBe(0);
  });

  test("that don't come fail, with what came instead", async () => {
    await addMember(mock, "a@example.com");
    const missed = mock.requests.wait({ method: "PUT", timeout: 0.05 });
    await expect(missed).rejects.toThrow(ExpectationFailed);
    await expect(missed).rejects.toThrow('0 of 1 requests with {"method":"PUT"} within 0.05 s. There are 1, ');
    await expect(missed).rejects.toThrow("the last of them:\n  POST /api/DEFAULT/member 200");
  });

  test("are verified, or the closest are told", async () => {
    await addMember(mock, "a@example.com");
    const match = { method: "POST", path: "/api/{storeCode}/member" };
    const [{ requestId } = { requestId: "" }] = await mock.requests.list();
    expect((await mock.requests.get(requestId)).path).toBe("/api/DEFAULT/member");
    expect((await mock.requests.verify({ match, atLeast: 1, atMost: 1 })).count).toBe(1);
    expect((await mock.requests.verify({ sequence: [match], wait: 1 })).ok).toBe(true);
    const wrong = mock.requests.verify({ match: { ...match, method: "PUT" }, atLeast: 1 });
    await expect(wrong).rejects.toThrow('The closest:\n  POST /api/DEFAULT/member 200: method was "POST", not "PUT"');
  });
});

describe("of more than a page", () => {
  const COUNT = 120; // the page of a call that doesn't say otherwise has 100

  test("all requests are listed and waited for, and the last ones are told", async () => {
    for (let n = 0; n < COUNT; n++) await addMember(mock, `member${n}@example.com`);
    expect(await mock.requests.wait({ atLeast: COUNT })).toHaveLength(COUNT);
    expect(await mock.requests.list()).toHaveLength(COUNT);
    await fetch(`${mock.url}/api/DEFAULT/webhook/event`);
    const missed = mock.requests.wait({ atLeast: COUNT + 2, timeout: 0.05 });
    await expect(missed).rejects.toThrow(/There are 121, the last of them:\n[^]*\n  GET .*event 401$/);
  });

  test("all deliveries are listed and waited for, and the last ones are told", async () => {
    await mock.subscribe("CustomerRegistered", "https://example.com/hook");
    await mock.subscribe("LevelWillExpire", "https://example.com/last");
    await mock.trigger("CustomerRegistered", { count: COUNT });
    expect(await mock.deliveries.wait({ atLeast: COUNT, status: "blocked" })).toHaveLength(COUNT);
    await mock.trigger("LevelWillExpire");
    expect(await mock.deliveries.wait({ atLeast: COUNT + 1 })).toHaveLength(COUNT + 1);
    expect(await mock.deliveries.list({ eventName: "CustomerRegistered" })).toHaveLength(COUNT);
    const latest = await mock.deliveries.latest(50);
    expect([latest.length, latest.at(-1)?.eventName]).toEqual([50, "LevelWillExpire"]);
    const missed = mock.deliveries.wait({ atLeast: COUNT + 2, timeout: 0.05 });
    await expect(missed).rejects.toThrow(/There are 121, the last of them:\n[^]*\n  LevelWillExpire to [^\n]*$/);
  });
});

test("who waits for longer than a call may is answered all the same", async () => {
  const match = { method: "POST" };
  const waiting = Promise.all([
    mock.requests.wait({ method: "POST", timeout: 90 }),
    mock.requests.verify({ match, atLeast: 1, wait: 90 }),
    mock.deliveries.wait({ timeout: 90 }),
  ]);
  await mock.subscribe("CustomerRegistered", "https://example.com/hook");
  await mock.trigger("CustomerRegistered");
  expect((await waiting)[0]).toHaveLength(1);
});

test("deliveries are waited for, shown and sent again", async () => {
  await mock.subscribe("CustomerRegistered", "https://example.com/hook");
  await mock.trigger("CustomerRegistered", { data: { customerData: { email: "a@example.com" } } });
  const [delivery] = await mock.deliveries.wait({ status: "blocked" });
  expect((await mock.deliveries.get(delivery!)).reason).toContain("--webhook-allow");
  expect((await mock.deliveries.redeliver(delivery!)).deliveryId).toBe(delivery!.deliveryId);
  const missed = mock.deliveries.wait({ atLeast: 2, timeout: 0.05 });
  await expect(missed).rejects.toThrow("CustomerRegistered to https://example.com/hook");
});

test("a state is added, kept and put back; a preset is reached", async () => {
  await mock.state.add({ members: [{ email: "jane.doe@example.com", password: "secret" }] });
  await mock.token("member", { username: "jane.doe@example.com", password: "secret" });
  const kept = await mock.state.snapshot();
  await mock.presets.apply("empty", { storeCode: "DEFAULT" });
  expect((await mock.state.snapshot()).members.filter((each) => each.storeCode === "DEFAULT")).toEqual([]);
  expect((await mock.presets.list()).map((each) => each.name)).toContain("empty");
  await mock.state.restore(kept);
  expect((await mock.state.snapshot()).members).toEqual(kept.members);
});

test("what the mock refuses throws, with the status, the answer and every problem", async () => {
  const refused: unknown = await mock.clock.advance(-1).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ControlError);
  expect(refused).toMatchObject({ status: 400, body: { code: 400, errors: [{ path: "seconds" }] } });
  const words = "ControlError: POST /_mock/clock/advance was answered with 400: Validation failed\n  seconds: ";
  expect(String(refused).slice(0, words.length)).toBe(words);
  await expect(mock.requests.get("r-0")).rejects.toThrow("404");
});

test("a redirect is followed by no call that carries a secret", async () => {
  const [there, here] = await Promise.all([Receiver.start(), Receiver.start()]);
  try {
    const headers = { Location: `${there.url}?token=s3cret` };
    for (const path of ["/api/admin/login_check", "/api/{storeCode}/webhook/subscription"]) {
      await mock.faults.add({ match: { path }, answer: { status: 307, headers } });
    }
    const words = /with 30\d, a redirect to http:.*\?token=\*{8}, which isn't followed, .* Does the mock answer at/;
    await expect(mock.token()).rejects.toThrow(words);
    await expect(mock.subscribe("CustomerRegistered", "https://example.com/hook")).rejects.toThrow(words);
    here.answerWith({ status: 302, headers });
    await expect(controlClient(new URL(here.url).origin, "t0ken").POST("/_mock/reset")).rejects.toThrow(words);
    expect(there.captured).toEqual([]);
  } finally {
    await Promise.all([there.stop(), here.stop()]);
  }
});

test("the schema of an event is told", async () => {
  expect(JSON.stringify(await mock.eventSchema("CustomerRegistered"))).toContain("customerData");
});

test("the typed client gives the answer's data", async () => {
  const { data, response } = await mock.control.GET("/_mock/clock");
  expect([response.status, data.frozen]).toEqual([200, false]);
  // @ts-expect-error: the contract has no such path
  await expect(mock.control.GET("/_mock/clocks")).rejects.toThrow(ControlError);
});

test("a receiver gets an event without a subscription, alone or with others, until it is removed", async () => {
  await using receiver = await Receiver.start();
  const added = await mock.receivers.add("CustomerUpdated", receiver, { secret: "whsec_mine" });
  expect(added).toMatchObject({ eventName: "CustomerUpdated", byCallback: false, secret: "whsec_mine" });
  expect((await mock.receivers.list()).items.map((one) => one.receiverId)).toEqual([added.receiverId]);
  const { total } = await mock.trigger("CustomerUpdated", { receiverId: added.receiverId });
  expect(total).toBe(1);
  await mock.receivers.remove(added.receiverId);
  expect((await mock.trigger("CustomerUpdated")).total).toBe(0);
  expect((await mock.events()).map((one) => one.eventName)).toContain("CustomerUpdated");
});
