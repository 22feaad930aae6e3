/** What all workers share: the app, built as it is deployed and served as files, and a mock with a store for each. */
import type { FullConfig } from "@playwright/test";
import { startMock } from "openloyalty-mockserver";
import { build, preview } from "vite";

export default async function serveApp({ workers }: FullConfig): Promise<() => Promise<void>> {
  await build({ logLevel: "warn" });
  const server = await preview({ logLevel: "warn", preview: { host: "127.0.0.1", port: 0 } });
  const stores = Array.from({ length: workers }, (_, worker) => `W${worker}`);
  const { origin } = new URL(server.resolvedUrls!.local[0]!);
  const mock = await startMock({ stores, args: ["--cors-origin", origin] });
  process.env.APP_URL = origin; // workers see it
  process.env.SHARED_MOCK_URL = mock.url;
  return async () => {
    await mock.stop();
    await server.close();
  };
}
