// Fixtures for Playwright: a mock per worker, put back before each test, and a receiver of webhooks.
import { test as base, type TestInfo } from "@playwright/test";
import { attachmentsOf } from "./attachments.js";
import { type Mock, startMock } from "./mock.js";
import { Receiver } from "./receiver.js";
import type { StartOptions } from "./start_options.js";

export { expect } from "@playwright/test";

export interface MockFixtures {
  /** The worker's mock, as it was at its start. */
  mock: Mock;
  /** A receiver of webhooks, for this test alone. */
  receiver: Receiver;
}

export interface MockWorkerFixtures {
  /** How the mock is started; an option of the configuration, or of `test.use`. */
  mockOptions: StartOptions;
  /** The worker's mock, as tests before have left it. */
  mockServer: Mock;
}

export const test = base.extend<MockFixtures, MockWorkerFixtures>({
  mockOptions: [{}, { option: true, scope: "worker" }],
  mockServer: [
    async ({ mockOptions }, use) => {
      const mock = await startMock(mockOptions);
      await use(mock);
      await mock.stop();
    },
    { scope: "worker" },
  ],
  mock: async ({ mockServer }, use, testInfo) => {
    await mockServer.reset();
    await use(mockServer);
    if (testInfo.status !== testInfo.expectedStatus) await attach(mockServer, testInfo);
  },
  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    await use(receiver);
    await receiver.stop();
  },
});

/** What the mock got and sent last goes into the report of a test that failed, without secrets. */
async function attach(mock: Mock, testInfo: TestInfo): Promise<void> {
  for (const [name, body] of await attachmentsOf(mock)) {
    await testInfo.attach(name, { body, contentType: "application/json" });
  }
}
