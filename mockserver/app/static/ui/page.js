/* The page: tabs, rows as they come, the detail of one, and the keys. */
import { attempt, call, follow } from "./api.js";
import { deliveries } from "./deliveries.js";
import { byId, element, notify, showDialog } from "./dom.js";
import { placeIn } from "./fragment.js";
import { inbox } from "./inbox.js";
import { List } from "./list.js";
import { requests, useKey } from "./requests.js";
import { Rows } from "./rows.js";
import { openPresets } from "./presets.js";
import { refresh, showClock, showFaults, startSteering, toggleClock } from "./steering.js";
import { openTrigger } from "./trigger.js";

const KINDS = { deliveries, requests, inbox };
const MOST_STORES = 5; // to whose events the inbox is subscribed by one click
const KEYS = [
  ["1 2 3", "deliveries, requests, inbox"],
  ["/", "search"],
  ["↑ ↓ Home End", "another row"],
  ["Esc", "close the detail"],
  ["p", "pause and go on"],
  ["t", "fire an event"],
  ["f", "freeze and release the clock"],
  ["?", "these keys"],
];
const rows = Object.fromEntries(Object.entries(KINDS).map(([name, kind]) => [name, new Rows(kind)]));
const list = new List(byId("list"), byId("space"));
let setup = null;
let current = deliveries;
let chosen = null;
let scheduled = false;
let inboxUrl = null;
let inboxIsStale = false;

// ---------------------------------------------------------------- rows
function schedule() {
  if (!scheduled) {
    scheduled = true;
    requestAnimationFrame(draw);
  }
}

function draw() {
  scheduled = false;
  const found = rows[current.name].found();
  list.update(found);
  for (const [name, { size }] of Object.entries(rows))
    byId(`tab-${name}`).querySelector("b").textContent = String(size);
  const { paused, backlog, wanted } = rows[current.name];
  byId("pause").textContent = paused ? `Go on (${backlog.length})` : "Pause";
  byId("pause").setAttribute("aria-pressed", String(paused));
  byId("empty").hidden = found.length > 0;
  byId("empty").textContent = wanted ? "Nothing is found." : current.empty;
}

function show(kind) {
  if (current === kind && list.kind) return;
  current = kind;
  for (const name of Object.keys(KINDS)) {
    const tab = byId(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === kind.name));
    tab.tabIndex = name === kind.name ? 0 : -1;
  }
  byId("panel").setAttribute("aria-labelledby", `tab-${kind.name}`);
  byId("rows").className = kind.name;
  byId("head").replaceChildren(...kind.columns.map(({ name, label }) => element("span", { class: name }, label)));
  byId("search").value = rows[kind.name].wanted;
  list.show({ ...kind, choose: (key) => open(kind, key) });
  closeDetail();
  schedule();
}

async function load(kind) {
  const loaded = await kind.load();
  for (const row of loaded) rows[kind.name].put(row);
}

const isThere = (kind) => (kind === requests ? setup.hasRequests : kind === inbox ? setup.hasInbox : true);
const loadAll = () =>
  Promise.all(
    Object.values(KINDS)
      .filter(isThere)
      .map((kind) => attempt(() => load(kind))),
  );

// ---------------------------------------------------------------- detail
async function open(kind, key, { focus = false } = {}) {
  show(kind);
  chosen = key;
  list.select(key);
  history.replaceState(null, "", `#${kind.name}/${encodeURIComponent(key)}`);
  const made = await attempt(() => kind.detail(key, rows[kind.name].get(key)));
  if (chosen !== key || current !== kind) return;
  byId("detail").replaceChildren(
    ...(made ?? [element("p", { class: "quiet" }, "The mock has forgotten this one."), closing()])
      .flat()
      .filter(Boolean),
  );
  byId("detail").hidden = false;
  document.body.classList.add("has-detail");
  if (focus) byId("detail").focus();
}

const closing = () => element("button", { type: "button", "data-close": true }, "Close");

function closeDetail() {
  chosen = null;
  list.select(null);
  byId("detail").hidden = true;
  byId("detail").replaceChildren();
  document.body.classList.remove("has-detail");
}

function leaveDetail() {
  closeDetail();
  history.replaceState(null, "", `#${current.name}`);
  byId("list").focus();
}

function followFragment() {
  const [name, key] = placeIn(location.hash);
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : null;
  if (kind && key) open(kind, key, { focus: true });
  else if (kind) show(kind);
}

// ---------------------------------------------------------------- what the mock tells
const TELL = {
  request: (row, size) => rows.requests.put(row, size),
  delivery(row, size) {
    rows.deliveries.put({ ...row, live: true }, size);
    if (inboxUrl && row.url.startsWith(inboxUrl)) scheduleInbox();
    if (current === deliveries && chosen === row.deliveryId) open(deliveries, chosen);
  },
  clock: showClock,
  faults: showFaults,
  reset: beginAnew, // something is left if only a part was put back
  async missed() {
    await beginAnew(); // ids may be those of another mock at this address
    notify("The mock was started again, or too much happened at once: some of it is not shown.");
  },
};

/** Forgets all rows, and reads what the mock has now. */
async function beginAnew() {
  for (const kept of Object.values(rows)) kept.clear();
  closeDetail();
  await attempt(async () => {
    if (setup.hasInbox) showInbox(await call("GET", "ui/inbox"));
    await refresh();
  });
  await loadAll();
}

function scheduleInbox() {
  if (inboxIsStale) return;
  inboxIsStale = true;
  setTimeout(() => {
    inboxIsStale = false;
    attempt(() => load(inbox));
  }, 100);
}

function told(name, content, size) {
  TELL[name](content, size);
}

let wasOpen = null;
function connection(isOpen) {
  byId("connection").textContent = isOpen ? "live" : "not connected";
  byId("connection").dataset.tone = isOpen ? "good" : "bad";
  if (isOpen && wasOpen === false) attempt(refresh);
  wasOpen = isOpen;
}

// ---------------------------------------------------------------- inbox
function showInbox({ url, subscriptions }) {
  inboxUrl = url;
  const isOpen = subscriptions.length > 0;
  byId("inbox").textContent = isOpen ? "Close inbox" : "Open inbox";
  byId("inbox").setAttribute("aria-pressed", String(isOpen));
  byId("inbox").title = isOpen
    ? `Listens at ${url}, for ${subscriptions.length} subscriptions`
    : "Receive every event of the store here";
}

const toggleInbox = () =>
  attempt(async () => {
    const isOpen = byId("inbox").getAttribute("aria-pressed") === "true";
    if (isOpen) {
      showInbox(await call("DELETE", "ui/inbox"));
      rows.inbox.clear();
      return;
    }
    for (const storeCode of setup.stores.slice(0, MOST_STORES))
      showInbox(await call("POST", "ui/inbox", { storeCode }));
  });

// ---------------------------------------------------------------- keys and buttons
const trigger = () =>
  attempt(() =>
    openTrigger(setup, ({ total }) => {
      byId("dialog").close();
      show(deliveries);
      notify(
        total === 0 ? "Nobody has subscribed to this event in this store. Open the inbox, or subscribe a URL." : "",
      );
    }),
  );
const pause = () => rows[current.name].pause(!rows[current.name].paused);
const help = () =>
  showDialog(
    "Keys",
    element(
      "table",
      {},
      element(
        "tbody",
        {},
        KEYS.map(([keys, what]) => element("tr", {}, element("th", { scope: "row" }, keys), element("td", {}, what))),
      ),
    ),
  );
const SHORTCUTS = {
  1: () => show(deliveries),
  2: () => show(requests),
  3: () => setup.hasInbox && show(inbox),
  "/": () => byId("search").focus(),
  p: pause,
  t: () => setup.hasInbox && trigger(),
  f: toggleClock,
  "?": help,
  Escape: leaveDetail,
};

function onKey(event) {
  const isTyping = event.target.closest?.("input, select, textarea, dialog");
  if (event.key === "Escape" && event.target.id === "search") byId("list").focus();
  if (
    isTyping ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    byId("dialog").open ||
    !Object.hasOwn(SHORTCUTS, event.key)
  )
    return;
  event.preventDefault();
  SHORTCUTS[event.key]();
}

function onTab(event) {
  const names = Object.keys(KINDS).filter((name) => !byId(`tab-${name}`).hidden);
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = names[(names.indexOf(current.name) + step + names.length) % names.length];
  show(KINDS[next]);
  byId(`tab-${next}`).focus();
}

function listen() {
  for (const [name, kind] of Object.entries(KINDS)) {
    byId(`tab-${name}`).addEventListener("click", () => {
      show(kind);
      history.replaceState(null, "", `#${name}`);
    });
    rows[name].changed = schedule;
  }
  byId("tabs").addEventListener("keydown", onTab);
  byId("search").addEventListener("input", ({ target }) => rows[current.name].search(target.value));
  byId("pause").addEventListener("click", pause);
  byId("clear").addEventListener("click", () => {
    rows[current.name].clear();
    closeDetail();
  });
  byId("inbox").addEventListener("click", toggleInbox);
  byId("trigger").addEventListener("click", trigger);
  byId("help").addEventListener("click", help);
  byId("presets").addEventListener("click", () => attempt(() => openPresets(setup)));
  byId("detail").addEventListener("click", ({ target }) => {
    if (target.closest("[data-close]")) leaveDetail();
  });
  addEventListener("keydown", onKey);
  addEventListener("hashchange", followFragment);
}

async function start() {
  setup = await call("GET", "ui/setup");
  useKey(setup.apiKey);
  document.title = `${setup.contract} — mock`;
  document.querySelector("h1 a").textContent = `${setup.contract} — mock`;
  for (const id of ["inbox", "trigger", "tab-inbox"]) byId(id).hidden = !setup.hasInbox;
  byId("tab-requests").hidden = !setup.hasRequests;
  byId("leave").hidden = !setup.hasToken;
  listen();
  show(setup.hasInbox ? deliveries : requests);
  follow(told, connection);
  await startSteering(setup);
  await loadAll();
  if (setup.hasInbox) showInbox(await call("GET", "ui/inbox"));
  followFragment();
  document.body.dataset.ready = "true";
}

attempt(start);
