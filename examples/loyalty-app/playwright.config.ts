import { defineConfig, devices } from "@playwright/test";

/** The browser: an installed one where CHROMIUM names it, else the one that `playwright install chromium` brings. */
const executablePath = process.env.CHROMIUM;
const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-quic", "--disable-sync"];

export default defineConfig({
  testDir: "tests",
  outputDir: "build/test-results",
  globalSetup: "./tests/serve-app.ts",
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0, // a test that fails once is wrong, or the app is
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    launchOptions: { executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", ...quiet] },
    trace: "retain-on-failure",
  },
  projects: [
    { name: "own mock", testMatch: "**/*.spec.ts", testIgnore: "**/shared.spec.ts" },
    { name: "shared mock", testMatch: "**/shared.spec.ts" },
  ],
});
