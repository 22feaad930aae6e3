// The signature of a delivery, as docs/webhook-signatures.md has it.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface SignatureOptions {
  /** How old it may be, in seconds; 300 if left out. `Infinity` where the mock's clock was moved. */
  maxAge?: number;
  /** The moment that it is, in Unix seconds; this machine's if left out. */
  now?: number;
}

/** Whether a delivery to a subscribed URL is signed by this secret and fresh. `body` is what arrived, unparsed. */
export function isAuthentic(
  secret: string,
  url: string,
  headers: IncomingHttpHeaders,
  body: Uint8Array,
  { maxAge = 300, now = Date.now() / 1000 }: SignatureOptions = {},
): boolean {
  const parts = /^https?:\/\/(\[[^\]]*\]|[^/:?#]*)[^/?#]*([^?#]*)/i.exec(url);
  if (!parts || header(headers, "x-webhook-signature-algorithm") !== "hmac-sha256") return false;
  const timestamp = header(headers, "x-webhook-timestamp");
  const lines = [
    "POST",
    withLength((parts[1] ?? "").toLowerCase()),
    withLength(parts[2] || "/"),
    createHash("sha256").update(body).digest("hex"),
    timestamp,
    header(headers, "x-webhook-request-id"),
  ];
  const expected = createHmac("sha256", secret.replace(/^whsec_/, "")).update(lines.join("\n")).digest();
  const given = Buffer.from(header(headers, "x-webhook-signature"), "hex");
  const matches = given.length === expected.length && timingSafeEqual(given, expected);
  return matches && now - Number(timestamp) <= maxAge;
}

function header(headers: IncomingHttpHeaders, name: string): string {
  return String(headers[name] ?? "");
}

function withLength(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`;
}
