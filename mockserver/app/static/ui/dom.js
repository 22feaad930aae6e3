/* Elements, texts and the clipboard. Text stays text: nothing in this page parses markup, its policy forbids it. */

/** A text whose invisible marks, which could turn the order of what one reads, are shown as escapes. */
export const visible = (text) =>
  String(text).replace(
    /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** An element. `on…` properties are listeners, `class` and others attributes; null and false are left out. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "value") made.value = value;
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  const shown = children.flat().filter((child) => child !== null && child !== undefined && child !== false);
  made.append(...shown.map((child) => (child instanceof Node ? child : visible(child))));
  return made;
}

export const byId = (id) => document.getElementById(id);

/** The time of day of an RFC 3339 text, in UTC, as the mock shows it. */
export const timeOfDay = (moment) => String(moment).slice(11, 19);

/** JSON over several lines; any other text as it is. */
export function pretty(text) {
  if (typeof text !== "string") return JSON.stringify(text, null, 2);
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** A text as one word of a POSIX shell. */
export const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

/** A JSON value as a Python literal. */
export function pythonic(value, indent = "    ") {
  const deeper = `${indent}    `;
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map((item) => pythonic(item, deeper)).join(", ")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const items = Object.entries(value).map(
    ([key, item]) => `${deeper}${JSON.stringify(key)}: ${pythonic(item, deeper)},\n`,
  );
  return items.length > 0 ? `{\n${items.join("")}${indent}}` : "{}";
}

/** Copies a text, and says so on the button. */
export async function copy(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    showText("Copy this", text);
  }
  setTimeout(() => {
    button.textContent = label;
  }, 1200);
}

/** Hands a JSON file to the browser. */
export function download(name, content) {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(content, null, 2)}\n`], { type: "application/json" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Opens the dialog with a title and content; resolves when it is closed. */
export function showDialog(title, ...content) {
  const dialog = byId("dialog");
  const close = element(
    "button",
    { type: "button", class: "close", "aria-label": "Close", onclick: () => dialog.close() },
    "×",
  );
  dialog.replaceChildren(
    element("div", { class: "dialog-head" }, element("h2", { id: "dialog-title" }, title), close),
    ...content,
  );
  if (!dialog.open) dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", resolve, { once: true });
  });
}

export const showText = (title, text) => showDialog(title, element("pre", { tabindex: "0" }, text));

/** Tells of what went wrong, at the top; an empty text takes it away. */
export function notify(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}
