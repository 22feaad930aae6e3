/* The form that fires an event: its fields come from the event's schema, their values from the generated example. */
import { call } from "./api.js";
import { element, showDialog } from "./dom.js";

const DEEPEST = 6;

/** A schema with what it refers to, and with the parts of an `allOf` in it. */
function resolved(schema, root) {
  let found = schema ?? {};
  for (let hops = 0; found.$ref && hops < 20; hops += 1)
    found = root.$defs?.[decodeURIComponent(found.$ref.split("/").at(-1))] ?? {};
  if (!found.allOf) return found;
  const parts = found.allOf.map((part) => resolved(part, root));
  return Object.assign({}, found, ...parts, {
    properties: Object.assign({}, ...parts.map(({ properties }) => properties), found.properties),
  });
}

const typesOf = ({ type }) => (Array.isArray(type) ? type : [type]).filter(Boolean);

/** A field for one value: the element, and `read`, which throws for what isn't one. */
function field(name, schema, value, root, depth) {
  const found = resolved(schema, root);
  const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
  if (isObject && depth < DEEPEST) return group(name, found, value, root, depth);
  const types = typesOf(found);
  const hint = found.description ? { title: found.description } : {};
  if (typeof value === "boolean") {
    const box = element("input", { type: "checkbox", ...hint });
    box.checked = value;
    return { shown: element("label", { class: "check" }, box, name), read: () => box.checked };
  }
  if (found.enum && typeof value === "string") {
    const choice = element(
      "select",
      hint,
      found.enum.map((one) => element("option", {}, String(one))),
    );
    choice.value = value;
    return { shown: element("label", {}, name, choice), read: () => choice.value };
  }
  if (typeof value === "string" || typeof value === "number" || value === null) return text(name, types, value, hint);
  const area = element("textarea", { rows: 4, spellcheck: "false", ...hint, value: JSON.stringify(value, null, 2) });
  return { shown: element("label", {}, `${name} (JSON)`, area), read: () => JSON.parse(area.value) };
}

function text(name, types, value, hint) {
  const isNumber =
    typeof value === "number" ||
    (types.some((type) => type === "number" || type === "integer") && !types.includes("string"));
  const isNullable = value === null || types.includes("null");
  const input = element("input", {
    type: isNumber ? "number" : "text",
    step: isNumber ? "any" : null,
    placeholder: isNullable ? "null" : null,
    ...hint,
    value: value ?? "",
  });
  const read = () => (input.value === "" && isNullable ? null : isNumber ? Number(input.value) : input.value);
  return { shown: element("label", {}, name, input), read };
}

function group(name, schema, value, root, depth) {
  const fields = Object.entries(value).map(([key, item]) => [
    key,
    field(key, schema.properties?.[key], item, root, depth + 1),
  ]);
  const read = () => Object.fromEntries(fields.map(([key, { read: of }]) => [key, of()]));
  return {
    shown: element(
      "fieldset",
      {},
      element("legend", {}, name),
      fields.map(([, { shown }]) => shown),
    ),
    read,
  };
}

/** Opens the form; `fired` is called with what the mock answered. */
export async function openTrigger({ events, stores }, fired) {
  const names = element(
    "select",
    { name: "event" },
    events.map((name) => element("option", {}, name)),
  );
  const store = element(
    "select",
    { name: "store" },
    stores.map((code) => element("option", {}, code)),
  );
  const count = element("input", { type: "number", min: 1, max: 10000, value: "1" });
  const place = element("div", { class: "fields" });
  const told = element("p", { class: "problem", role: "alert", hidden: true });
  let read = () => ({});
  async function choose() {
    const wanted = names.value;
    const { schema, data } = await call("GET", `ui/events/${encodeURIComponent(wanted)}`);
    if (wanted !== names.value) return;
    const whole = resolved(schema, schema);
    const made = field("data", whole.properties?.data, data, schema, 0);
    ({ read } = made);
    place.replaceChildren(made.shown);
  }
  async function fire(event) {
    event.preventDefault();
    told.hidden = true;
    try {
      const wanted = { eventName: names.value, storeCode: store.value, count: Number(count.value), data: read() };
      fired(await call("POST", "events", wanted), wanted);
    } catch (error) {
      told.textContent = error.message;
      told.hidden = false;
    }
  }
  names.addEventListener("change", choose);
  showDialog(
    "Fire event",
    element(
      "form",
      { class: "stack", onsubmit: fire },
      element(
        "div",
        { class: "line" },
        element("label", {}, "Event", names),
        element("label", {}, "Store", store),
        element("label", {}, "Times", count),
      ),
      place,
      told,
      element("button", { class: "primary" }, "Fire"),
    ),
  );
  await choose();
}
