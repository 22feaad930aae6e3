/** `test` with what the app needs: a mock for each worker, which starts over before each test; a receiver; the app. */
import { expect } from "@playwright/test";
import { test as withMock } from "openloyalty-mockserver/playwright";
import { startReceiver } from "../receiver/receiver.js";
import { App } from "./app";

export { expect };

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** Where tests/serve-app.ts serves the app. */
const appUrl = (): string => process.env.APP_URL!;

export const test = withMock.extend<{ app: App }, { ownReceiver: Receiver }>({
  // The app's pages alone may call the API, with credentials, and the control plane.
  mockOptions: [
    async ({}, use) => use({ args: ["--cors-origin", appUrl(), "--control-origin", appUrl()] }),
    { scope: "worker" },
  ],

  // The receiver believes what is five minutes old at most: by the mock's time, which tests move.
  ownReceiver: [
    async ({ mockServer }, use) => {
      const now = async (): Promise<number> => Date.parse((await mockServer.clock.get()).now) / 1000;
      const receiver = await startReceiver({ origin: appUrl(), now });
      await use(receiver);
      await receiver.stop();
    },
    { scope: "worker" },
  ],

  app: async ({ page, mock, ownReceiver }, use) => {
    const servers = { api: mock.url, store: mock.storeCode, receiver: ownReceiver.url };
    ownReceiver.received.length = 0;
    await use(new App(page, appUrl(), { ...servers, timeout: 10_000 }));
  },
});
