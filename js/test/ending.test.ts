// src/server_process.ts, src/cli.ts: no mock outlives what started it, and the command passes everything on.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { lives } from "./support.js";

const DIST = new URL("../dist/", import.meta.url); // as `npm run build` makes it

function node(...args: string[]): ChildProcess {
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
}

function starting(then: string): ChildProcess {
  const entry = new URL("index.js", DIST).href;
  const program = `import { startMock } from "${entry}"; console.log((await startMock()).pid); ${then}`;
  return node("--input-type=module", "--eval", program);
}

/** The first line; what follows is read, too, and forgotten. */
async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  return String((await once(createInterface({ input }), "line"))[0]);
}

for (const [how, then] of [
  ["is killed", "setInterval(() => {}, 1000)"],
  ["exits", "process.exit(3)"],
  ["crashes", "throw new Error('crash')"],
  ["forgets it", ""],
] as const) {
  test(`a mock ends when its parent ${how}`, async () => {
    const parent = starting(then);
    const pid = Number(await firstLine(parent.stdout!));
    if (how === "is killed") parent.kill("SIGKILL");
    await expect.poll(() => lives(pid), { timeout: 30_000 }).toBe(false);
  });
}

test("the command passes arguments, output and the exit code on", async () => {
  const cli = fileURLToPath(new URL("cli.js", DIST));
  const shown = node(cli, "--version");
  expect(await firstLine(shown.stdout!)).toMatch(/^mockserver, version \d/);
  const refused = node(cli, "serve", "--bogus");
  expect((await once(refused, "exit"))[0]).toBe(2);
});

test("the command passes signals on, and the mock ends with it", async () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGKILL"] as const) {
    const cli = node(fileURLToPath(new URL("cli.js", DIST)), "serve", "--port", "0", "--log-format", "json");
    const { url } = JSON.parse(await firstLine(cli.stderr!)) as { url: string };
    cli.kill(signal);
    const [code] = (await once(cli, "exit")) as [number | null];
    expect(code).toBe({ SIGTERM: 143, SIGINT: 130, SIGKILL: null }[signal]);
    await expect.poll(() => fetch(url).then(() => "lives", () => "gone"), { timeout: 30_000 }).toBe("gone");
  }
});
