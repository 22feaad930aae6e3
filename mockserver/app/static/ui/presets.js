/* The form that puts a store, or the whole mock, into a named state. */
import { call } from "./api.js";
import { byId, element, showDialog } from "./dom.js";

// what a mock of another contract can do with its resources, although it is no preset
const RESET = {
  name: "start",
  path: "reset",
  takes: ["resource"],
  description: "All as it was at the start; or one resource alone.",
};

/** The fields of what a state takes beside the store, each in its label. */
function fieldsOf(resources) {
  const count = element("input", { name: "count", type: "number", min: 1, max: 10000, placeholder: "50" });
  const resource = element("select", { name: "resource" }, element("option", { value: "" }, "all"), resources);
  element("label", {}, "Records", count);
  element("label", {}, "Resource", resource);
  return { count, resource };
}

/** Opens the form. What is put in its place is gone, so it takes a second click. `resources` are those that the mock
 * remembers, `takes` says by the names of presets which fields they have beside the store. */
export async function openPresets({ stores, resources, takes }) {
  const { items } = await call("GET", "presets");
  const states = resources.length > 0 ? [...items, RESET] : items;
  const options = (names) => names.map((name) => element("option", {}, name));
  const names = element(
    "select",
    { name: "preset" },
    options(states.map(({ name }) => name)),
  );
  const store = element("select", { name: "store" }, options(stores));
  const fields = fieldsOf(options(resources));
  const description = element("p", { class: "quiet" });
  const told = element("p", { class: "problem", role: "alert", hidden: true });
  const chosen = () => states[names.selectedIndex];
  const isTaken = (name) => (chosen().takes ?? takes[chosen().name] ?? []).includes(name);
  function describe() {
    description.textContent = chosen().description;
    store.disabled = !chosen().ofStore;
    for (const [name, field] of Object.entries(fields)) {
      field.disabled = !isTaken(name); // else the browser would judge what nobody sees
      field.parentElement.hidden = field.disabled;
    }
  }
  async function apply(event) {
    event.preventDefault();
    const query = new URLSearchParams(store.disabled ? {} : { storeCode: store.value });
    for (const [name, { disabled, value }] of Object.entries(fields)) if (!disabled && value) query.set(name, value);
    const path = chosen().path ?? `presets/${encodeURIComponent(chosen().name)}`;
    try {
      await call("POST", `${path}${String(query) && `?${query}`}`);
      byId("dialog").close();
    } catch (error) {
      told.textContent = error.message;
      told.hidden = false;
    }
  }
  names.addEventListener("change", describe);
  describe();
  showDialog(
    "Preset",
    element(
      "form",
      { class: "stack", onsubmit: apply },
      element("div", { class: "line" }, element("label", {}, "State", names), element("label", {}, "Store", store)),
      element("div", { class: "line" }, fields.count.parentElement, fields.resource.parentElement),
      description,
      told,
      element("button", { class: "primary" }, "Apply"),
    ),
  );
}
