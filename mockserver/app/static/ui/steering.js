/* The clock and the faults, at the top of the page. */
import { attempt, call } from "./api.js";
import { byId, element, showDialog, visible } from "./dom.js";

let clock = null; // what the mock said last, and when it did

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

const chips = new Map(); // by faultId; they stay while counts change, so that clicks and the focus meet them

export function showFaults({ items }) {
  const ids = new Set(items.map(({ faultId }) => faultId));
  for (const [faultId, { shown }] of chips) {
    if (ids.has(faultId)) continue;
    shown.remove();
    chips.delete(faultId);
  }
  for (const fault of items) {
    if (!chips.has(fault.faultId)) chips.set(fault.faultId, chip(fault));
    chips.get(fault.faultId).update(fault);
  }
}

/** A fault with its switch and its counts. If the mock refuses to switch it, it shows again what the mock has. */
function chip(fault) {
  const name = nameOf(fault);
  const path = `faults/${encodeURIComponent(fault.faultId)}`;
  const box = element("input", { type: "checkbox", onchange: () => attempt(change) });
  const hits = element("span", { class: "hits" });
  const label = element("label", {}, box, element("span", { class: "name" }, name), " ", hits);
  const remove = () => attempt(() => call("DELETE", path));
  const shown = element(
    "li",
    {},
    label,
    element("button", { type: "button", class: "close", "aria-label": `Remove ${name}`, onclick: remove }, "×"),
  );
  async function change() {
    try {
      await call("PATCH", path, { enabled: box.checked });
    } finally {
      await refresh();
    }
  }
  function update(told) {
    box.checked = told.enabled;
    hits.textContent = `×${told.applied}${told.left === undefined ? "" : `, ${told.left} left`}`;
    label.title = visible(JSON.stringify(told, null, 2));
  }
  byId("active").append(shown);
  return { shown, update };
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
  const name = element("input", { maxlength: 100, placeholder: "as what goes wrong" });
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
      ...(name.value ? { name: name.value } : {}),
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
      element("label", {}, "Name", name),
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
