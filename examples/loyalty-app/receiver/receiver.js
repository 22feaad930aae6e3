/** The app's receiver of webhooks: verifies what comes, and tells the app of it as server-sent events. */
import { createServer } from "node:http";
import { verdictOn } from "./signature.js";

/** @typedef {{ eventName: string, storeCode: string, verdict: string, body: string }} Received */
/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {import("node:http").ServerResponse} Response */

/**
 * Starts a receiver on loopback.
 *
 * @param {object} options
 * @param {number} [options.port] 0: the system chooses
 * @param {string} options.origin of the app, whose pages alone may give it secrets and read what it got
 * @param {() => number | Promise<number>} [options.now] in Unix seconds; tests hand in that of the mock
 */
export async function startReceiver({ port = 0, origin, now = () => Date.now() / 1000 }) {
  /** @type {{ url: string, secret: string }[]} */
  const secrets = [];
  /** @type {Received[]} */
  const received = [];
  /** @type {Set<Response>} */
  const listeners = new Set();

  /** @type {Record<string, (request: Request, response: Response) => unknown>} */
  const routes = {
    "OPTIONS /secrets": (_, response) => response.writeHead(204).end(),
    "PUT /secrets": async (request, response) => {
      secrets.push(JSON.parse(String(await bytesOf(request))));
      response.writeHead(204).end();
    },
    "GET /received": (_, response) => {
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.flushHeaders();
      for (const each of received) tell(response, each);
      listeners.add(response.on("close", () => listeners.delete(response)));
    },
    "POST /hook": async (request, response) => {
      const body = await bytesOf(request);
      const url = `${address}/hook`;
      const known = secrets.filter((each) => each.url === url).map((each) => each.secret);
      const verdict = verdictOn(known, url, request.headers, body, await now());
      const each = { ...namesIn(body), verdict, body: String(body) };
      received.push(each);
      for (const listener of listeners) tell(listener, each);
      response.writeHead(verdict === "verified" ? 204 : 401).end();
    },
  };

  const server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Allow-Methods", "PUT");
    response.setHeader("Access-Control-Allow-Headers", "Content-Type");
    const route = routes[`${request.method} ${request.url}`];
    if (route) return route(request, response);
    return response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
  const bound = /** @type {import("node:net").AddressInfo} */ (server.address());
  const address = `http://127.0.0.1:${bound.port}`;
  return {
    url: address,
    received,
    async stop() {
      server.closeAllConnections(); // the app listens as long as it is open
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @param {Request} request */
async function bytesOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** What kind of event a body tells of; it may be no JSON at all. @param {Buffer} body */
function namesIn(body) {
  try {
    const { eventName, storeCode } = JSON.parse(String(body));
    return { eventName: String(eventName), storeCode: String(storeCode) };
  } catch {
    return { eventName: "unreadable", storeCode: "unknown" };
  }
}

/** @param {Response} response @param {Received} received */
function tell(response, received) {
  response.write(`data: ${JSON.stringify(received)}\n\n`);
}
