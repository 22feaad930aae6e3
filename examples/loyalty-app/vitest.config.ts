import { defineConfig } from "vitest/config";

export default defineConfig({
  // The first test of a worker waits for the start of its mock, which takes long on a machine that is busy.
  test: { include: ["tests/unit/*.test.ts"], testTimeout: 30_000 },
});
