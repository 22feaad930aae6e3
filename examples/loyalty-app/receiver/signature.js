/** The check of docs/webhook-signatures.md, with a word on what is wrong. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Seconds by which a delivery may be old, or ahead, to be believed. */
const WINDOW = 300;

/**
 * What is to be said of a delivery: `verified`, or why not.
 *
 * @param {string[]} secrets of the subscriptions that lead here; while a key is rotated there are two of one
 * @param {string} url the one that was subscribed, which may differ from what a proxy passes on
 * @param {import("node:http").IncomingHttpHeaders} headers
 * @param {Buffer} body as it arrived
 * @param {number} now in Unix seconds
 */
export function verdictOn(secrets, url, headers, body, now) {
  if (headers["x-webhook-signature"] === undefined) return "not signed";
  if (headers["x-webhook-signature-algorithm"] !== "hmac-sha256") return "unknown algorithm";
  if (!secrets.some((secret) => isSigned(secret, url, headers, body))) return "wrong signature";
  const age = now - Number(headers["x-webhook-timestamp"]);
  if (age < -WINDOW) return "from the future";
  return age <= WINDOW ? "verified" : "too old";
}

/**
 * @param {string} secret
 * @param {string} url
 * @param {import("node:http").IncomingHttpHeaders} headers
 * @param {Buffer} body
 */
function isSigned(secret, url, headers, body) {
  const [, host = "", path = ""] = /^https?:\/\/(\[[^\]]*\]|[^/:?#]*)[^/?#]*([^?#]*)/i.exec(url) ?? [];
  const withLength = (/** @type {string} */ text) => `${Buffer.byteLength(text)}:${text}`;
  const lines = [
    "POST",
    withLength(host.toLowerCase()),
    withLength(path || "/"),
    createHash("sha256").update(body).digest("hex"),
    headers["x-webhook-timestamp"] ?? "",
    headers["x-webhook-request-id"] ?? "",
  ];
  const expected = createHmac("sha256", secret.replace(/^whsec_/, "")).update(lines.join("\n")).digest("hex");
  const given = Buffer.from(String(headers["x-webhook-signature"]));
  return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected));
}
