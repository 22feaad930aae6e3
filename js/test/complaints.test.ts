// src/complaints.ts: what a failed expectation says has no secret in it, and no line that others wrote.
import { expect, test } from "vitest";
import { deliveryLine, misfit, missed, requestLine } from "../src/complaints.js";
import type { Delivery, Exchange, VerificationResult } from "../src/control.js";

test("requests and deliveries are a line each, without secrets", () => {
  const exchange = { method: "GET", path: "/a\u001b[2J\nGET /b 200", status: null } as unknown as Exchange;
  expect(requestLine(exchange)).toBe("GET /a\\x1b[2J\\nGET /b 200 was not answered");
  const delivery = { eventName: "A", url: "https://u:p@example.com/x?token=s3cret", status: "delivered" } as Delivery;
  expect(deliveryLine(delivery)).toBe("A to https://********@example.com/x?token=********: delivered");
});

test("what was asked for is told without secrets, and in short", () => {
  const filters = { url: "https://example.com/?token=s3cret", eventName: "A".repeat(500) };
  const text = missed({ what: "deliveries", found: 0, atLeast: 1, timeout: 1, filters }, [], 0);
  expect(text).toMatch(/^0 of 1 deliveries with \{"url":"https:[^?]*\?token=\*+","eventName":"A{100,}… within/);
});

test("a value that differs is told, if it stands at no place of a secret", () => {
  const misfits = [
    { part: "body.customer.password", actual: "s3cret", expected: "other" },
    { part: "body.name", actual: "\u202eA", expected: { equals: "B" } },
  ];
  const nearMisses = [{ method: "POST", path: "/a", status: 200, misfits }];
  const result = { count: 0, reason: "No calls fit, not 1 at least.", nearMisses } as unknown as VerificationResult;
  expect(misfit({ match: { body: { password: "other" } } }, result)).toBe(
    'Not as expected: {"match":{"body":{"password":"********"}}}. No calls fit, not 1 at least. The closest:\n' +
      '  POST /a 200: body.customer.password was ********, not ********; body.name was "\\u202eA", not {"equals":"B"}',
  );
});
