// A right receiver on Node.js alone, which verifies by the guide's function beside it. It prints its address.
import { createServer } from "node:http";

import { isAuthentic } from "./verification.mjs";

const [secret, path] = process.argv.slice(2);
const MOST_BYTES = 1024 * 1024;
const seen = new Set();
let url = "";
let effects = 0;

class Refused extends Error {
  constructor(status) {
    super(String(status));
    this.status = status;
  }
}

async function bytesOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size <= MOST_BYTES) parts.push(part);
  }
  if (size > MOST_BYTES) throw new Refused(413);
  return Buffer.concat(parts);
}

function parsed(body) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refused(400);
  }
}

async function receive(request) {
  const body = await bytesOf(request);
  if (request.url !== path) throw new Refused(404);
  if (request.method !== "POST") throw new Refused(405);
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) throw new Refused(415);
  if (!isAuthentic(secret, url, request.headers, body)) throw new Refused(401);
  const event = parsed(body);
  const { messageId, eventName, data } = event ?? {};
  if (typeof messageId !== "string" || typeof eventName !== "string") throw new Refused(400);
  if (typeof data !== "object" || data === null) throw new Refused(400);
  if (eventName !== "CustomerRegistered" || seen.has(messageId)) return; // nothing is awaited from here on
  seen.add(messageId);
  effects += 1;
}

const server = createServer(async (request, response) => {
  if (request.url === "/effects") {
    response.end(String(effects));
    return;
  }
  try {
    await receive(request);
    response.writeHead(204).end();
  } catch (error) {
    response.writeHead(error.status ?? 500).end();
  }
});
server.listen(0, "127.0.0.1", () => {
  url = `http://127.0.0.1:${server.address().port}${path}`;
  console.log(url);
});
