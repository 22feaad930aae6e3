/* The form that puts a store, or the whole mock, into a named state. */
import { call } from "./api.js";
import { byId, element, showDialog } from "./dom.js";

/** Opens the form. What is put in its place is gone, so it takes a second click. */
export async function openPresets({ stores }) {
  const { items } = await call("GET", "presets");
  const options = (names) => names.map((name) => element("option", {}, name));
  const names = element(
    "select",
    { name: "preset" },
    options(items.map(({ name }) => name)),
  );
  const store = element("select", { name: "store" }, options(stores));
  const description = element("p", { class: "quiet" });
  const told = element("p", { class: "problem", role: "alert", hidden: true });
  const chosen = () => items[names.selectedIndex];
  function describe() {
    description.textContent = chosen().description;
    store.disabled = !chosen().ofStore;
  }
  async function apply(event) {
    event.preventDefault();
    const query = store.disabled ? "" : `?storeCode=${encodeURIComponent(store.value)}`;
    try {
      await call("POST", `presets/${encodeURIComponent(names.value)}${query}`);
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
      description,
      told,
      element("button", { class: "primary" }, "Apply"),
    ),
  );
}
