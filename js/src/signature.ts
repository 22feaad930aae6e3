// The signature of a delivery, as docs/webhook-signatures.md has it.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** By which a delivery counts as fresh. */
export interface Freshness {
  /** How old it may be, in seconds; 300 if left out. `Infinity` where the mock's clock was moved. */
  maxAge?: number;
  /** The moment that it is, in Unix seconds; this machine's if left out. */
  now?: number;
}

/** A delivery as it arrived, and what it is judged by. */
export interface Signed extends Freshness {
  /** That of the subscription: `hmacSecretKey`. */
  secret: string;
  /** The URL that was subscribed. */
  url: string;
  /** Names in lower case, as Node.js has them. */
  headers: IncomingHttpHeaders;
  /** The body byte by byte, unparsed. */
  rawBody: Uint8Array;
}

/** Whether a delivery to a subscribed URL is signed by this secret and fresh. */
export function isAuthentic(delivery: Signed): boolean {
  const { secret, url, headers, rawBody, maxAge = 300, now = Date.now() / 1000 } = delivery;
  const parts = /^https?:\/\/(\[[^\]]*\]|[^/:?#]*)[^/?#]*([^?#]*)/i.exec(url);
  if (!parts || header(headers, "x-webhook-signature-algorithm") !== "hmac-sha256") return false;
  const timestamp = header(headers, "x-webhook-timestamp");
  const signature = header(headers, "x-webhook-signature");
  if (!/^[0-9a-f]{64}$/.test(signature) || !/^[0-9]+$/.test(timestamp)) return false;
  const lines = [
    "POST",
    withLength((parts[1] ?? "").toLowerCase()),
    withLength(parts[2] || "/"),
    createHash("sha256").update(rawBody).digest("hex"),
    timestamp,
    header(headers, "x-webhook-request-id"),
  ];
  const expected = createHmac("sha256", secret.replace(/^whsec_/, "")).update(lines.join("\n")).digest();
  const matches = timingSafeEqual(Buffer.from(signature, "hex"), expected);
  // A timestamp that is ahead is no reason here, as tests move the mock's clock. A receiver of yours should refuse it.
  return matches && now - Number(timestamp) <= maxAge;
}

function header(headers: IncomingHttpHeaders, name: string): string {
  return String(headers[name] ?? "");
}

function withLength(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`;
}
