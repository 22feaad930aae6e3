/* The tab of deliveries. */
import { attempt, call } from "./api.js";
import { curlLine } from "./curl.js";
import { body, button, facts, heading, headers, section, verdicts } from "./detail.js";
import { copy, download, element, timeOfDay } from "./dom.js";

const TONES = { delivered: "good", failed: "bad", blocked: "warn", attempted: "warn", pending: "quiet" };
const NOT_COPIED = new Set(["host", "content-length"]);
const isFinished = ({ status }) => status !== "pending" && status !== "attempted";
const last = ({ attempts }) => attempts[attempts.length - 1];
const codeOf = (delivery) => last(delivery)?.response?.status ?? "";
const reasonOf = (delivery) => delivery.reason ?? last(delivery)?.error ?? "";

/** An attempt as a line for a shell. */
export function curlOf({ request }) {
  const sent = request.headers.filter(({ name }) => !NOT_COPIED.has(name.toLowerCase()));
  const headers = sent.map(({ name, value }) => [name, value]);
  return curlLine(request.method, request.url, headers, request.body);
}

/** A delivery as a file for the tests of a receiver. */
export function fixtureOf(delivery) {
  const { request } = last(delivery);
  let payload = null;
  try {
    payload = JSON.parse(request.body);
  } catch {
    /* a fault has damaged it: the text is there */
  }
  return {
    eventName: delivery.eventName,
    method: request.method,
    url: request.url,
    headers: request.headers,
    body: request.body,
    payload,
  };
}

function attemptDetail(sent) {
  const { response } = sent;
  return section(
    `Attempt ${sent.number}`,
    facts([
      ["at", sent.at],
      ["took", `${(1000 * sent.seconds).toFixed(1)} ms`],
      ["answer", response ? String(response.status) : sent.error, response && response.status < 300 ? "good" : "bad"],
    ]),
    sent.violations && verdicts(sent.signature, sent.violations),
    element("h4", {}, "Sent"),
    headers(sent.request.headers),
    body(sent.request.body),
    sent.canonical && [element("h4", {}, "Signed lines"), element("pre", { tabindex: "0" }, sent.canonical.join("\n"))],
    response && [element("h4", {}, "Answered"), headers(response.headers), body(response.body)],
  );
}

export const deliveries = {
  name: "deliveries",
  title: "Deliveries",
  empty: "Nothing was delivered yet. Open the inbox and fire an event, or subscribe a URL and use the API.",
  keyOf: ({ deliveryId }) => deliveryId,
  textOf: (row) =>
    [
      row.deliveryId,
      row.eventName,
      row.storeCode,
      row.subscriptionId,
      row.url,
      row.status,
      codeOf(row),
      reasonOf(row),
    ].join(" "),
  // The list and the stream may tell of the same delivery in any order.
  supersedes: (now, before) =>
    now.attempts.length > before.attempts.length ||
    (now.attempts.length === before.attempts.length && (isFinished(now) || !isFinished(before) || now.live === true)),
  columns: [
    { name: "time", label: "Time", text: (row) => timeOfDay(row.createdAt) },
    { name: "event", label: "Event", text: (row) => row.eventName },
    { name: "store", label: "Store", text: (row) => row.storeCode },
    { name: "subscription", label: "Subscription", text: (row) => row.subscriptionId },
    { name: "url", label: "URL", text: (row) => row.url },
    { name: "status", label: "Status", text: (row) => row.status, tone: (row) => TONES[row.status] },
    { name: "attempts", label: "Tries", text: (row) => String(row.attempts.length || "") },
    {
      name: "code",
      label: "Code",
      text: (row) => String(codeOf(row)),
      tone: (row) => (codeOf(row) === "" ? "" : codeOf(row) < 300 ? "good" : "bad"),
    },
    { name: "reason", label: "Reason", text: reasonOf },
  ],

  /** All that the mock remembers, the oldest first. */
  async load() {
    const { total } = await call("GET", "deliveries?_itemsOnPage=1");
    const pages = Math.ceil(total / 50);
    const first = Math.max(1, pages - 39);
    const loaded = [];
    for (let page = first; page <= pages; page += 1)
      loaded.push(...(await call("GET", `deliveries?_itemsOnPage=50&_page=${page}`)).items);
    return loaded;
  },

  /** The detail, with verdicts as long as the mock remembers the delivery; null if nobody does. */
  async detail(key, row) {
    const delivery = (await call("GET", `ui/deliveries/${encodeURIComponent(key)}`).catch(() => null)) ?? row;
    if (!delivery) return null;
    const sent = last(delivery);
    return [
      heading(
        `${delivery.eventName} · ${delivery.deliveryId}`,
        `#deliveries/${delivery.deliveryId}`,
        button("Resend", () => attempt(() => call("POST", `deliveries/${encodeURIComponent(key)}/redeliver`))),
        sent && button("Copy as curl", (clicked) => copy(curlOf(sent), clicked)),
        sent &&
          button("Save as fixture", () =>
            download(`${delivery.eventName}-${delivery.deliveryId}.json`, fixtureOf(delivery)),
          ),
      ),
      facts([
        ["status", delivery.status, TONES[delivery.status]],
        ["reason", delivery.reason, "bad"],
        ["store", delivery.storeCode],
        ["URL", delivery.url],
        ["subscription", delivery.subscriptionId],
        ["message", delivery.messageId],
        ["created", delivery.createdAt],
        ["repeated at", delivery.retryAt],
      ]),
      ...[...delivery.attempts].reverse().map(attemptDetail),
    ];
  },
};
