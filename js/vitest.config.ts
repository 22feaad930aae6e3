import { defineConfig } from "vitest/config";

// Real processes are started: on a busy machine that may take a while.
export default defineConfig({ test: { testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 } });
