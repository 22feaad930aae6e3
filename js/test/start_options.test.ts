// src/start_options.ts: what a mock is started with, and which secrets it then has.
import { expect, test } from "vitest";
import { startOf } from "../src/start_options.js";

test("an option goes before a variable that is given, and that before one that is there", () => {
  const there = { MOCKSERVER_API_KEY: "there", MOCKSERVER_CONTROL_TOKEN: "there", MOCKSERVER_MEMBER_PASSWORD: "" };
  const env = { MOCKSERVER_API_KEY: "given", MOCKSERVER_ADMIN_PASSWORD: "given" };
  const start = startOf({ adminPassword: "option", env }, there);
  const secrets = { apiKey: "given", controlToken: "there", adminPassword: "option", memberPassword: "password" };
  expect(start.secrets).toEqual(secrets);
  expect(Object.values(start.env)).toEqual(expect.arrayContaining(Object.values(secrets)));
});

test("the seed is 1, unless an option or a variable says otherwise", () => {
  expect(startOf({}, {})).toMatchObject({ args: [], env: { MOCKSERVER_SEED: "1" } });
  expect(startOf({}, { MOCKSERVER_SEED: "2" }).env["MOCKSERVER_SEED"]).toBe("2");
  expect(startOf({ seed: 3 }, { MOCKSERVER_SEED: "2" }).args).toEqual(["--seed", "3"]);
});

test("a secret among the arguments is refused, however it is written", () => {
  for (const args of [["--member-password", "x"], ["--member-password=x"]]) {
    expect(() => startOf({ args }, {})).toThrow("write { memberPassword: … }");
  }
});
