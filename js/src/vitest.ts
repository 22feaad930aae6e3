// Fixtures for Vitest: a mock per worker, put back before each test, and a receiver of webhooks.
import { test as base } from "vitest";
import { type Mock, startMock } from "./mock.js";
import { Receiver } from "./receiver.js";
import type { StartOptions } from "./start_options.js";

export { expect } from "vitest";

export interface MockFixtures {
  /** How the mock is started; `test.extend({ mockOptions: … })` changes it. */
  mockOptions: StartOptions;
  /** The worker's mock, as tests before have left it. */
  mockServer: Mock;
  /** The worker's mock, as it was at its start. */
  mock: Mock;
  /** A receiver of webhooks, for this test alone. */
  receiver: Receiver;
}

export const test = base.extend<MockFixtures>({
  mockOptions: [{}, { scope: "worker" }],
  mockServer: [
    async ({ mockOptions }, use) => {
      const mock = await startMock(mockOptions);
      await use(mock);
      await mock.stop();
    },
    { scope: "worker" },
  ],
  mock: async ({ mockServer }, use) => {
    await mockServer.reset();
    await use(mockServer);
  },
  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    await use(receiver);
    await receiver.stop();
  },
});
