// Scalar's mock server as its documentation starts it, without instructions at the start.
// node scalar.mjs CONTRACT PORT
import { readFileSync } from "node:fs";
import { serve } from "@hono/node-server";
import { createMockServer } from "@scalar/mock-server";

const [contract, port] = process.argv.slice(2);
const document = JSON.parse(readFileSync(contract, "utf8"));
const app = await createMockServer({ document, logger: false });
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: Number(port) });
