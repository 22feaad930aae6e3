/* The clock and the faults, at the top of the page. */
import { attempt, call } from "./api.js";
import { byId, element, showDialog } from "./dom.js";

let clock = null; // what the mock said last, and when it did
let faults = [];
const switchedOff = new Map(); // faults that a mock without switches has forgotten

// ---------------------------------------------------------------- clock
export function showClock(told) {
  clock = { at: Date.parse(told.now), seen: performance.now(), frozen: told.frozen };
  byId("freeze").textContent = told.frozen ? "Release" : "Freeze";
  byId("freeze").setAttribute("aria-pressed", String(told.frozen));
  tick();
}

function tick() {
  if (!clock) return;
  const now = new Date(clock.at + (clock.frozen ? 0 : performance.now() - clock.seen));
  const text = `${now.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  if (byId("now").textContent !== text) byId("now").textContent = text;
}

export const toggleClock = () => attempt(async () => showClock(await call("PUT", "clock", { frozen: !clock?.frozen })));

function advance(event) {
  event.preventDefault();
  return attempt(async () => showClock(await call("POST", "clock/advance", { seconds: Number(byId("amount").value) })));
}

const release = () =>
  attempt(async () => showClock(await call("PUT", "clock", { now: new Date().toISOString(), frozen: false })));

// ---------------------------------------------------------------- faults
const nameOf = (fault) => {
  const match = fault.match ?? fault;
  const answer = fault.answer ?? fault;
  const target = match.operationId ?? match.eventName ?? [match.method, match.path].filter(Boolean).join(" ");
  const effect = answer.effect ?? answer.status ?? (answer.delay ? `${answer.delay} s` : "body");
  return fault.name ?? `${target || "any"}: ${effect}`;
};

export function showFaults({ items }) {
  faults = items;
  draw();
}

function draw() {
  const known = faults.filter(({ faultId }) => !switchedOff.has(faultId)); // the stream may be a moment late
  const rows = [
    ...known.map((fault) => [fault, fault.enabled !== false]),
    ...[...switchedOff.values()].map((fault) => [fault, false]),
  ];
  byId("active").replaceChildren(...rows.map(([fault, isOn]) => chip(fault, isOn)));
}

function chip(fault, isOn) {
  const name = nameOf(fault);
  const box = element("input", { type: "checkbox", onchange: () => attempt(() => toggle(fault, isOn)).then(draw) });
  box.checked = isOn;
  const hits = isOn && fault.applied ? ` ×${fault.applied}` : "";
  return element(
    "li",
    {},
    element("label", { title: JSON.stringify(fault, null, 2) }, box, `${name}${hits}`),
    element(
      "button",
      { type: "button", class: "close", "aria-label": `Remove ${name}`, onclick: () => attempt(() => remove(fault)) },
      "×",
    ),
  );
}

/** Switches a fault; a mock that can't do that forgets it, and the page keeps it. */
async function toggle(fault, isOn) {
  if ("enabled" in fault) {
    await call("PATCH", `faults/${encodeURIComponent(fault.faultId)}`, { enabled: !isOn });
  } else if (isOn) {
    await call("DELETE", `faults/${encodeURIComponent(fault.faultId)}`);
    switchedOff.set(fault.faultId, fault);
  } else {
    const { faultId, chances, applied, ...wanted } = fault;
    switchedOff.delete(faultId);
    await call("POST", "faults", wanted);
  }
}

async function remove(fault) {
  if (!switchedOff.delete(fault.faultId)) await call("DELETE", `faults/${encodeURIComponent(fault.faultId)}`);
  draw();
}

const OF_OPERATIONS = [
  ["500", { status: 500 }],
  ["503", { status: 503 }],
  ["429", { status: 429 }],
  ["401", { status: 401 }],
  ["slow: 3 s", { delay: 3 }],
  ["hang", { effect: "hang" }],
  ["drop the connection", { effect: "dropConnection" }],
  ["cut the body", { effect: "truncateBody" }],
  ["malformed JSON", { effect: "malformedJson" }],
];
const OF_EVENTS = [
  ["duplicate", { effect: "duplicate" }],
  ["wrong signature", { effect: "wrongSignature" }],
  ["stale timestamp", { effect: "staleTimestamp" }],
  ["corrupt body", { effect: "corruptBody" }],
  ["reorder", { effect: "reorder" }],
  ["delay: 60 s", { delay: 60 }],
];

/** The form that adds a fault. */
function openFault({ operations, events, hasRequests }) {
  const group = (label, names) =>
    element(
      "optgroup",
      { label },
      names.map((name) => element("option", { value: name }, name)),
    );
  const target = element(
    "select",
    {},
    hasRequests &&
      group(
        "Operations",
        operations.map(({ operationId }) => operationId),
      ),
    events.length > 0 && group("Events", events),
  );
  const effect = element("select", {});
  const times = element("input", { type: "number", min: 1, placeholder: "always" });
  const choices = () => (events.includes(target.value) ? OF_EVENTS : OF_OPERATIONS);
  const fill = () =>
    effect.replaceChildren(...choices().map(([label], place) => element("option", { value: place }, label)));
  target.addEventListener("change", fill);
  fill();
  async function add(event) {
    event.preventDefault();
    const named = events.includes(target.value) ? { eventName: target.value } : { operationId: target.value };
    const wanted = {
      ...named,
      ...choices()[Number(effect.value)][1],
      ...(times.value ? { times: Number(times.value) } : {}),
    };
    byId("dialog").close();
    await attempt(() => call("POST", "faults", wanted));
  }
  showDialog(
    "Add fault",
    element(
      "form",
      { class: "stack", onsubmit: add },
      element("label", {}, "What goes wrong", target),
      element("label", {}, "How", effect),
      element("label", {}, "How often", times),
      element("button", { class: "primary" }, "Add"),
    ),
  );
}

/** Fills in what the mock says now; with what it said at the start, also the buttons. */
export async function startSteering(setup) {
  byId("freeze").addEventListener("click", toggleClock);
  byId("advance").addEventListener("submit", advance);
  byId("release").addEventListener("click", release);
  byId("add-fault").addEventListener("click", () => openFault(setup));
  setInterval(tick, 250);
  await refresh();
}

export async function refresh() {
  showClock(await call("GET", "clock"));
  showFaults(await call("GET", "faults"));
}
