// src/executable.ts: which program is started, and what is said where there is none.
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative as relativePath } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ExecutableNotFound, findExecutable, type Place } from "../src/executable.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openloyalty-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function program(...path: string[]): Promise<string> {
  const file = join(folder, ...path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, "");
  await chmod(file, 0o755);
  return file;
}

function place(given: Partial<Place> = {}): Place {
  const resolve = (): never => {
    throw new Error("not installed");
  };
  return { platform: "linux", arch: "x64", env: {}, resolve, ...given };
}

test("what is named goes before what is installed, and that before the PATH", async () => {
  const named = await program("named");
  const packaged = await program("package", "mockserver", "mockserver");
  const found = await program("bin", "mockserver");
  const installed = "openloyalty-mockserver-linux-x64";
  const resolve = (name: string): string => join(folder, name === installed ? "package" : "no", "package.json");
  const env = { OPENLOYALTY_MOCKSERVER: named, PATH: `/nowhere:${dirname(found)}` };

  expect(findExecutable(packaged, place({ env, resolve }))).toBe(packaged);
  expect(findExecutable(undefined, place({ env, resolve }))).toBe(named);
  expect(findExecutable(undefined, place({ env: { PATH: env.PATH }, resolve }))).toBe(packaged);
  expect(findExecutable(undefined, place({ env: { PATH: env.PATH } }))).toBe(found);
  expect(findExecutable(undefined, place({ env: { PATH: env.PATH }, resolve, arch: "riscv64" }))).toBe(found);
});

test("what is named wrongly is no reason to take something else", async () => {
  const found = await program("bin", "mockserver");
  const env = { OPENLOYALTY_MOCKSERVER: "/no/such", PATH: dirname(found) };
  expect(() => findExecutable(undefined, place({ env }))).toThrow("/no/such is no program that can be run");
});

test("the program of another npm package is none, nor is one in a relative folder", async () => {
  const other = await program("project", "node_modules", ".bin", "mockserver");
  const found = await program("bin", "mockserver");
  const relative = relativePath(process.cwd(), dirname(found));
  for (const skipped of [dirname(other), `${dirname(other)}/`, relative, "."]) {
    expect(findExecutable(undefined, place({ env: { PATH: `${skipped}:${dirname(found)}` } }))).toBe(found);
    expect(() => findExecutable(undefined, place({ env: { PATH: skipped } }))).toThrow(ExecutableNotFound);
  }
  expect(findExecutable(undefined, place({ env: { OPENLOYALTY_MOCKSERVER: other } }))).toBe(other);
});

test("where there is none, it says what to do", () => {
  expect(() => findExecutable(undefined, place({ platform: "darwin", arch: "arm64" }))).toThrow(ExecutableNotFound);
  expect(() => findExecutable(undefined, place({ platform: "darwin", arch: "arm64" }))).toThrow(
    /npm install --save-dev openloyalty-mockserver-darwin-arm64\n[^]*pip install [^]*export OPENLOYALTY_MOCKSERVER=/,
  );
});
