#!/usr/bin/env node
// `npx openloyalty-mockserver …`: the mock's own command, with all its arguments.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { ExecutableNotFound, findExecutable } from "./executable.js";

const FAILED = 2; // usage or environment, as the mock has it
const PIPE = 3; // the descriptor behind the three of every process

function run(executable: string): void {
  // It holds one end of a pipe whose other end only we hold: so it never outlives us, however we end.
  const child = spawn(executable, process.argv.slice(2), {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...process.env, MOCKSERVER_UNTIL_CLOSED: String(PIPE) },
  });
  // A terminal sends Ctrl-C to both of us; twice, it would cut off the requests that are being answered.
  process.on("SIGINT", () => void (process.stdin.isTTY || child.kill("SIGINT")));
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${executable} can't be started: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}

function fail(message: string): void {
  console.error(message);
  process.exit(FAILED);
}

try {
  run(findExecutable());
} catch (error) {
  if (!(error instanceof ExecutableNotFound)) throw error;
  fail(error.message);
}
