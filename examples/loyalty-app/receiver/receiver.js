/**
 * The app's receiver of webhooks: verifies what comes, and tells the app of it as server-sent events.
 *
 * Whatever comes, it goes on: what a request does wrong is that request's. It answers under the names of this machine
 * alone, as a page whose own name leads here (DNS rebinding) could read everything, and no page but the app's.
 */
import { createServer } from "node:http";
import { verdictOn } from "./signature.js";

/** @typedef {{ eventName: string, storeCode: string, verdict: string, body: string }} Received */
/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {import("node:http").ServerResponse} Response */

const LONGEST_BODY = 1024 * 1024; // bytes
const MOST_KEPT = 200; // webhooks and secrets, the latest of each
const OWN_NAMES = ["127.0.0.1", "localhost"];

/** A request that isn't answered as it wants. */
class Refused extends Error {
  /** @param {number} status */
  constructor(status) {
    super(String(status));
    this.status = status;
  }
}

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
      keep(secrets, secretIn(await bytesOf(request)));
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
      keep(received, each);
      for (const listener of listeners) tell(listener, each);
      response.writeHead(verdict === "verified" ? 204 : 401).end();
    },
  };

  /** @param {Request} request @param {Response} response */
  async function answer(request, response) {
    try {
      checkCaller(request, origin);
      const route = Object.hasOwn(routes, key(request)) ? routes[key(request)] : undefined;
      if (!route) throw new Refused(404);
      await route(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else response.writeHead(error instanceof Refused ? error.status : 500, { Connection: "close" }).end();
    }
  }

  const server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Allow-Methods", "PUT");
    response.setHeader("Access-Control-Allow-Headers", "Content-Type");
    void answer(request, response);
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
const key = (request) => `${request.method} ${request.url}`;

/** Refuses what another name led here, and pages of other origins. @param {Request} request @param {string} origin */
function checkCaller(request, origin) {
  const name = (request.headers.host ?? "").replace(/:\d*$/, "").toLowerCase();
  const from = request.headers.origin; // programs, such as the mock, send none
  if (!OWN_NAMES.includes(name) || (from !== undefined && from !== origin)) throw new Refused(403);
}

/** The body. Rejects if it is too large, or broken off. @param {Request} request */
async function bytesOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > LONGEST_BODY) throw new Refused(413);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The secret that a body tells. @param {Buffer} body */
function secretIn(body) {
  try {
    const { url, secret } = JSON.parse(String(body));
    if (typeof url === "string" && typeof secret === "string") return { url, secret };
  } catch {
    // it is no JSON, or no object
  }
  throw new Refused(400);
}

/** Adds to a list, which keeps the latest. @template T @param {T[]} list @param {T} one */
function keep(list, one) {
  list.push(one);
  if (list.length > MOST_KEPT) list.shift();
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
