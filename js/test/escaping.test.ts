// src/escaping.ts: what others wrote is shown without harm, without secrets, and in short.
import { expect, test } from "vitest";
import { MASK, masked, maskedQuery, redacted, shown, visible } from "../src/escaping.js";

function nested(levels: number): unknown {
  return JSON.parse("[".repeat(levels) + "]".repeat(levels));
}

test("what controls a terminal, or forges a line, is escaped", () => {
  expect(visible("a b\u001b[2J\u009b\n\u202e\u2028\ud800é😀")).toBe("a b\\x1b[2J\\x9b\\n\\u202e\\u2028\\ud800é😀");
});

test("any value is shown, in a short line", () => {
  const round: Record<string, unknown> = { a: 1 };
  round["self"] = round;
  expect(shown(round)).toBe('{"a":1,"self":"…"}');
  expect(shown(nested(100_000))).toContain("[[[[");
  expect(shown({ toString: 1, valueOf: 1, toJSON: 1 })).toBe('{"toString":1,"valueOf":1,"toJSON":1}');
  expect(shown("x".repeat(1000))).toHaveLength(201);
  expect([shown(undefined), shown(/^a/), shown(1n), shown(new Date(0))]).toEqual([
    "absent", "/^a/", '"1"', '"1970-01-01T00:00:00.000Z"',
  ]);
  const failing = { toJSON: () => { throw new Error("no"); } };
  expect(shown(failing)).toBe("what can't be shown");
});

test("of a URL, the user, the values of the query and the fragment are masked, as in Python", () => {
  expect(masked("https://example.com/hook")).toBe("https://example.com/hook");
  expect(masked("https://u:p@example.com/a?token=x&b=&c#f")).toBe(
    `https://${MASK}@example.com/a?token=${MASK}&b=&${MASK}#${MASK}`,
  );
  expect(masked("http://user:pa/ss@host/")).toBe(`http://${MASK}@host/`);
  expect(masked("https://[.a/b@c.com")).toBe(`https://${MASK}@c.com`);
  expect(masked("http://u:p@[::1]:80/?a=b")).toBe(`http://${MASK}@[::1]:80/?a=${MASK}`);
  expect(masked("http://localhost:9000/@a?x=1")).toBe(`http://localhost:9000/@a?x=${MASK}`);
});

test("of a query, secrets are masked, however their names are written", () => {
  const query = "page=2&api%5Fkey=a&member[password]=b&key=c&empty_token=&referralToken=d";
  const expected = `page=2&api%5Fkey=${MASK}&member[password]=${MASK}&key=${MASK}&empty_token=&referralToken=d`;
  expect(maskedQuery(query)).toBe(expected);
});

test("a report has no secrets, wherever they stand", () => {
  const delivery = {
    url: "https://example.com/hook?token=s3cret",
    attempts: [{ request: { headers: [{ name: "X-Api-Key", value: "s3cret" }, { name: "X-A", value: "b" }] } }],
    body: '{"data":{"password":"s3cret","points":5}}',
    cut: '{"password":"s3cr',
    form: "a=b&password=s3cret",
    match: { headers: { Authorization: { equals: "Bearer s3cret" } }, query: "token=s3cret&page=1" },
    answer: { headers: { Location: "https://me:s3cret@example.com/?token=s3cret&page=1" } },
    path: "/hook?token=s3cret",
    token: null,
  };
  const report = JSON.stringify(redacted(delivery));
  expect(report).not.toContain("s3cr");
  expect(JSON.parse(report)).toMatchObject({
    url: `https://example.com/hook?token=${MASK}`,
    attempts: [{ request: { headers: [{ value: MASK }, { value: "b" }] } }],
    body: `{"data":{"password":"${MASK}","points":5}}`,
    answer: { headers: { Location: `https://${MASK}@example.com/?token=${MASK}&page=1` } },
    token: null,
  });
});
