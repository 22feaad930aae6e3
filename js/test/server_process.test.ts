// src/server_process.ts: what is told of a program that doesn't start, or is another one.
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMock, StartError, type StartOptions } from "../src/index.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openloyalty-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The message of a start that fails. */
async function failure(script: string, options: StartOptions = {}): Promise<string> {
  const executable = join(folder, "mockserver");
  await writeFile(executable, `#!/bin/sh\n${script}\n`);
  await chmod(executable, 0o755);
  const error: unknown = await startMock({ executable, ...options }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartError);
  return (error as StartError).message;
}

test("a start that fails shows no secret, neither of options nor of variables", async () => {
  const spec = "https://u:s3cret-3@example.com/?a=s3cret-4";
  const args = ["--some-token", "s3cret-1", "--other-key=s3cret-2", "--spec", spec];
  const secrets = { controlToken: "s3cret-5", apiKey: "s3cret-6", memberPassword: "s3cret-7" };
  const env = { MOCKSERVER_ADMIN_PASSWORD: "s3cret-8", MOCKSERVER_TLS_KEY: "/keys/tls.pem" };
  const names = ["CONTROL_TOKEN", "API_KEY", "ADMIN_PASSWORD", "MEMBER_PASSWORD", "TLS_KEY"];
  const said = names.map((name) => `{$MOCKSERVER_${name}}`).join(" ");
  const message = await failure(`echo "Error: $* ${said}" >&2; exit 2`, { args, env, ...secrets });
  expect(message).not.toContain("s3cret");
  expect(message).toContain("--some-token ******** --other-key=******** --spec https://********@example.com/?a=***");
  expect(message).toContain("/keys/tls.pem");
});

test("what it said controls no terminal", async () => {
  const message = await failure("printf 'Error: \\033[2J\\342\\200\\256\\n' >&2; exit 1");
  expect(message).toContain("It said:\n  Error: \\x1b[2J\\u202e\n");
});

test("a program that isn't the mock is told, with what to do", async () => {
  const foreign = /mockserver the mock of Open Loyalty\? [^]*export OPENLOYALTY_MOCKSERVER=/;
  expect(await failure("echo 'no command serve' >&2; exit 1")).toMatch(foreign);
  const silent = "echo '{\"url\":\"http://127.0.0.1:1\"}' >&2; exec sleep 60";
  expect(await failure(silent, { startTimeout: 0.5 })).toMatch(foreign);
  expect(await failure("echo 'Error: the port is taken.' >&2; exit 1")).not.toMatch(foreign);
});
