/* The tab of requests. */
import { body, button, facts, heading, headers, section } from "./detail.js";
import { attempt, call } from "./api.js";
import { curlLine } from "./curl.js";
import { copy, element, pythonic, showDialog, timeOfDay } from "./dom.js";

// Headers that a client writes by itself, or that a browser doesn't let a page write.
const OWN = new Set([
  "host",
  "content-length",
  "connection",
  "accept-encoding",
  "user-agent",
  "origin",
  "referer",
  "cookie",
  "transfer-encoding",
  "te",
  "date",
  "expect",
  "upgrade",
]);
const MASK = "********";
const CREDENTIALS = new Set(["authorization", "x-auth-token"]);
let apiKey = null;

export const useKey = (key) => {
  apiKey = key;
};

const targetOf = ({ path, query }) => path + (query ? `?${query}` : "");
const urlOf = (row) => location.origin + targetOf(row);
const faultOf = ({ fault }) => (fault ? [fault.name, fault.effect].filter(Boolean).join(": ") || fault.faultId : "");
const statusOf = ({ status, answered }) => `${status ?? "–"}${answered ? "" : " ✗"}`;
const isGood = ({ status, answered }) => answered && status < 400;
const tookOf = ({ durationMs }) => (durationMs === null ? "" : `${durationMs.toFixed(1)} ms`);
/** Why the answer is as it is: in what it leaves the contract, or what the mock says of a refusal. */
const hintOf = ({ answer }) => answer?.headers["x-mock-hint"] ?? "";
const whyOf = (row) => row.contractViolation ?? hintOf(row);

/** The headers to send again; in place of a masked credential the admin's key, if everybody knows it. */
function headersOf({ request }) {
  const sent = Object.entries(request.headers).filter(
    ([name]) => !OWN.has(name.toLowerCase()) && !name.toLowerCase().startsWith("sec-"),
  );
  const plain = sent.filter(([, value]) => value !== MASK);
  const wasKnown = sent.some(([name, value]) => value === MASK && CREDENTIALS.has(name.toLowerCase()));
  return Object.fromEntries(wasKnown && apiKey ? [...plain, ["x-auth-token", apiKey]] : plain);
}

const textOfBody = ({ request }) =>
  request.body === null || request.body === undefined
    ? ""
    : typeof request.body === "string"
      ? request.body
      : JSON.stringify(request.body, null, 2);

export function curlOf(row) {
  return curlLine(row.method, urlOf(row), Object.entries(headersOf(row)), textOfBody(row));
}

const nameOf = (row) =>
  String(row.operationId ?? "request")
    .replace(/\W/g, "_")
    .replace(/^_+/, "")
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export function pytestOf(row) {
  const { body: sent } = row.request;
  const content =
    sent === null || sent === undefined
      ? ""
      : typeof sent === "string"
        ? `, content=${pythonic(sent)}`
        : `, json=${pythonic(sent)}`;
  return `import httpx2


def test_${nameOf(row)}():
    url = ${JSON.stringify(urlOf(row))}
    headers = ${pythonic(headersOf(row))}
    answer = httpx2.request(${JSON.stringify(row.method)}, url, headers=headers${content})

    assert answer.status_code == ${row.status ?? "None"}
`;
}

export function fetchTestOf(row) {
  const options = { method: row.method, headers: headersOf(row) };
  const { body: sent } = row.request;
  const content =
    sent === null || sent === undefined
      ? ""
      : `, body: ${typeof sent === "string" ? JSON.stringify(sent) : `JSON.stringify(${JSON.stringify(sent)})`}`;
  return `test(${JSON.stringify(`${row.method} ${row.path}`)}, async () => {
  const answer = await fetch(${JSON.stringify(urlOf(row))}, { ...${JSON.stringify(options)}${content} });

  expect(answer.status).toBe(${row.status ?? "null"});
});
`;
}

/** A form that sends the request again, changed or not. */
function replay(row) {
  const method = element("input", { name: "method", value: row.method, required: true, "aria-label": "Method" });
  const target = element("input", {
    name: "target",
    value: targetOf(row),
    required: true,
    "aria-label": "Path and query",
  });
  const sent = element("textarea", {
    name: "headers",
    rows: 4,
    spellcheck: "false",
    value: Object.entries(headersOf(row))
      .map((pair) => pair.join(": "))
      .join("\n"),
  });
  const content = element("textarea", { name: "body", rows: 8, spellcheck: "false", value: textOfBody(row) });
  const shown = element("pre", { tabindex: "0", hidden: true });
  async function send(event) {
    event.preventDefault();
    const pairs = sent.value
      .split("\n")
      .filter((line) => line.includes(":"))
      .map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]);
    try {
      const answer = await fetch(new URL(target.value, location.origin), {
        method: method.value,
        headers: pairs,
        body: content.value || undefined,
        cache: "no-store",
        credentials: "omit",
      });
      shown.textContent = `${answer.status} ${answer.statusText}\n\n${await answer.text()}`;
    } catch (error) {
      shown.textContent = `No answer: ${error.message}`;
    }
    shown.hidden = false;
  }
  const hint = JSON.stringify(row.request).includes(MASK)
    ? "This page doesn't know what is masked: the mock's usual key stands in its place. Type in what it doesn't fit."
    : "";
  showDialog(
    "Replay",
    element(
      "form",
      { class: "stack", onsubmit: send },
      element("div", { class: "line" }, method, target),
      element("label", {}, "Headers", sent),
      element("label", {}, "Body", content),
      hint && element("p", { class: "quiet" }, hint),
      element("button", { class: "primary" }, "Send"),
      shown,
    ),
  );
}

export const requests = {
  name: "requests",
  title: "Requests",
  empty: "Nobody has called the API yet.",
  keyOf: ({ requestId }) => requestId,
  textOf: (row) =>
    [
      row.requestId,
      row.method,
      targetOf(row),
      row.operationId,
      row.status,
      row.answered ? "" : "aborted",
      faultOf(row),
      whyOf(row),
    ].join(" "),
  columns: [
    { name: "time", label: "Time", text: (row) => timeOfDay(row.at) },
    { name: "method", label: "Method", text: (row) => row.method },
    { name: "path", label: "Path", text: (row) => row.path },
    { name: "query", label: "Query", text: ({ query }) => query },
    { name: "status", label: "Status", text: statusOf, tone: (row) => (isGood(row) ? "good" : "bad") },
    { name: "took", label: "Took", text: tookOf },
    { name: "fault", label: "Fault", text: faultOf, tone: () => "warn" },
    { name: "why", label: "Why", text: whyOf, tone: (row) => (row.contractViolation ? "bad" : "") },
    { name: "operation", label: "Operation", text: (row) => row.operationId },
  ],

  async load() {
    return (await call("GET", "requests")).items;
  },

  async detail(key, found) {
    if (!found) return null;
    const { answer } = found;
    return [
      heading(
        `${found.method} ${found.path}`,
        `#requests/${key}`,
        button("Replay", () => attempt(async () => replay(found))),
        button("Copy as curl", (clicked) => copy(curlOf(found), clicked)),
        button("… as pytest", (clicked) => copy(pytestOf(found), clicked), { "aria-label": "Copy as pytest" }),
        button("… as fetch test", (clicked) => copy(fetchTestOf(found), clicked), {
          "aria-label": "Copy as fetch test",
        }),
      ),
      facts([
        ["status", statusOf(found), isGood(found) ? "good" : "bad"],
        ["operation", found.operationId],
        ["store", found.storeCode],
        ["query", found.query],
        ["at", found.at],
        ["took", tookOf(found)],
        ["aborted", found.answered ? "" : "the client didn't get all of the answer", "bad"],
        ["fault", faultOf(found), "warn"],
        ["hint", hintOf(found)],
        ["violation", found.contractViolation, "bad"],
      ]),
      section("Asked", headers(found.request.headers), body(found.request.body)),
      section(
        "Answered",
        answer
          ? [headers(answer.headers), body(answer.body)]
          : element("p", { class: "quiet" }, "Nothing: the client had left."),
      ),
    ];
  },
};
