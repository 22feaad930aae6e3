// src/version.ts: which mocks a version of this package fits.
import { expect, test } from "vitest";
import { misfitOf, ownVersion } from "../src/version.js";

test("versions fit within what is public, and those of a checkout always", () => {
  expect(misfitOf("0.2.9", "0.2.0")).toBeUndefined();
  expect(misfitOf("1.4.0", "1.2.0")).toBeUndefined();
  expect(misfitOf("0.3.0", ownVersion())).toBeUndefined();
});

test("what doesn't fit is told, with what to do", () => {
  expect(misfitOf("0.3.0", "0.2.1")).toMatch(/openloyalty-mockserver@0\.3\.0 [^]*openloyalty-mockserver==0\.2\.1 /);
  expect(misfitOf("2.0.0", "1.9.0")).toBeTruthy();
});
