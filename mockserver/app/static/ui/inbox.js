/* The tab of the inbox: what arrived at the receiver inside the mock. */
import { call } from "./api.js";
import { body, button, facts, heading, headers, section, verdicts } from "./detail.js";
import { copy, element, timeOfDay } from "./dom.js";

const isRight = ({ signature }) => signature === "right";

export const inbox = {
  name: "inbox",
  title: "Inbox",
  empty: "The inbox is a receiver inside the mock. Open it, and it is subscribed to every event of your stores.",
  keyOf: ({ number }) => String(number),
  textOf: (row) => [row.eventName, row.storeCode, row.signature, row.body].join(" "),
  columns: [
    { name: "time", label: "Time", text: (row) => timeOfDay(row.at) },
    { name: "event", label: "Event", text: (row) => row.eventName },
    { name: "store", label: "Store", text: (row) => row.storeCode },
    {
      name: "signature",
      label: "Signature",
      text: (row) => `${isRight(row) ? "✓" : "✗"} ${row.signature}`,
      tone: (row) => (isRight(row) ? "good" : "bad"),
    },
    {
      name: "schema",
      label: "Schema",
      text: (row) => (row.violations.length === 0 ? "✓" : `✗ ${row.violations[0]}`),
      tone: (row) => (row.violations.length === 0 ? "good" : "bad"),
    },
    { name: "content", label: "Body", text: (row) => row.body.slice(0, 300) },
  ],

  async load() {
    return (await call("GET", "ui/inbox")).items;
  },

  async detail(key, row) {
    if (!row) return null;
    const named = Object.entries(row.headers).find(([name]) => name.toLowerCase() === "x-mock-delivery");
    return [
      heading(
        `${row.eventName} · ${row.number}`,
        `#inbox/${row.number}`,
        button("Copy body", (clicked) => copy(row.body, clicked)),
      ),
      facts([
        ["at", row.at],
        ["store", row.storeCode],
        ["delivery", named && element("a", { href: `#deliveries/${named[1]}` }, named[1])],
      ]),
      verdicts(row.signature, row.violations),
      section("Received", headers(row.headers), body(row.body)),
    ];
  },
};
