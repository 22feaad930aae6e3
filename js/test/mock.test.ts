// src/mock.ts, src/server_process.ts: mocks start, know their settings, and end.
import { describe, expect, test } from "vitest";
import { ControlError, ExecutableNotFound, StartError, startMock } from "../src/index.js";
import { addMember, lives, withMock } from "./support.js";

describe("a mock", () => {
  test("starts on a port of its own, beside another one", async () => {
    const [one, two] = await Promise.all([startMock(), startMock()]);
    try {
      expect(one.url).not.toBe(two.url);
      await addMember(one, "only.here@example.com");
      expect(await one.requests.count()).toBe(1);
      expect(await two.requests.count()).toBe(0);
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });

  test("takes settings as options, arguments and variables", async () => {
    const env = { MOCKSERVER_MEMBER_USERNAME: "jo", MOCKSERVER_ADMIN_PASSWORD: "of a variable" };
    await withMock(async (mock) => {
      expect([mock.storeCode, mock.seed, mock.apiKey]).toEqual(["NORTH", "7", "k"]);
      expect((await mock.config()).settings).toMatchObject({ stores: ["NORTH", "SOUTH"] });
      expect((await mock.token("member", { storeCode: "SOUTH" })).split(".")).toHaveLength(3);
      expect((await mock.token()).split(".")).toHaveLength(3);
      const { webhookSubscriptionId } = await mock.subscribe("CustomerRegistered", "http://127.0.0.1:1/hook");
      expect(webhookSubscriptionId).toBeTruthy();
    }, { stores: ["NORTH", "SOUTH"], seed: 7, apiKey: "k", memberPassword: "of an option", env });
  });

  test("tells its stores and its seed, wherever they came from", async () => {
    const options = { args: ["--stores", "A", "--stores=B, C"], env: { MOCKSERVER_SEED: "11" } };
    await withMock(async (mock) => expect([mock.stores, mock.seed]).toEqual([["A", "B", "C"], "11"]), options);
  });

  test("sends the control token that it was started with", async () => {
    await withMock(async (mock) => {
      await mock.reset();
      expect((await fetch(`${mock.url}/_mock/reset`, { method: "POST" })).status).toBe(401);
    }, { controlToken: "secret" });
  });

  test("logs both roles in", async () => {
    await withMock(async (mock) => {
      for (const role of ["admin", "member"] as const) expect((await mock.token(role)).split(".")).toHaveLength(3);
      await expect(mock.token("admin", { password: "wrong" })).rejects.toThrow(ControlError);
    });
  });

  test("gives its log to whom wants it", async () => {
    const paths: unknown[] = [];
    await withMock(async (mock) => {
      await addMember(mock, "jane.doe@example.com");
      await expect.poll(() => paths).toContain("/api/DEFAULT/member");
      expect(mock.log.at(-1)).toMatchObject({ method: "POST", status: 200 });
    }, { onLog: (entry) => paths.push(entry["path"]) });
  });

  test("is gone once it was stopped, and can be stopped twice", async () => {
    const mock = await startMock();
    await mock.stop();
    await mock.stop();
    expect(lives(mock.pid)).toBe(false);
    await expect(mock.reset()).rejects.toThrow(/^No answer from .*Does the mock still run\?$/);
  });
});

describe("a mock that doesn't start", () => {
  test("is one that can't be steered, or whose secrets nobody here would know", async () => {
    await expect(startMock({ args: ["--no-control"] })).rejects.toThrow(/control plane is switched off\. Leave out/);
    const inArguments = startMock({ args: ["--api-key=k"] });
    await expect(inArguments).rejects.toThrow(/^--api-key can't be one of `args`.* write \{ apiKey: … \}\.$/);
  });

  test("tells what it said", async () => {
    const failed = startMock({ args: ["--bogus"] });
    await expect(failed).rejects.toThrow(StartError);
    await expect(failed).rejects.toThrow(/exit code 2[^]*No such option '--bogus'[^]*serve --port 0/);
  });

  test("is told by the port that is taken", async () => {
    await withMock(async (mock) => {
      const port = Number(new URL(mock.url).port);
      await expect(startMock({ port })).rejects.toThrow(/Can't listen on 127\.0\.0\.1/);
    });
  });

  test("is no program, or says nothing in time", async () => {
    await expect(startMock({ executable: "/no/such/program" })).rejects.toThrow(ExecutableNotFound);
    await expect(startMock({ startTimeout: 0.001 })).rejects.toThrow(/didn't start within 0\.001 s/);
  });
});
