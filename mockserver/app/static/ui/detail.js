/* What the details of all tabs are made of. */
import { element, pretty, visible } from "./dom.js";

/** The head of a detail: a title that links to itself, and the buttons. */
export const heading = (title, href, ...buttons) =>
  element(
    "div",
    { class: "detail-head" },
    element("h2", {}, element("a", { href }, title)),
    element("div", { class: "actions" }, ...buttons),
    element("button", { type: "button", class: "close", "data-close": true, "aria-label": "Close the detail" }, "×"),
  );

export const button = (label, onclick, more = {}) =>
  element(
    "button",
    {
      type: "button",
      onclick: ({ currentTarget }) => onclick(currentTarget),
      ...more,
    },
    label,
  );

/** Names and values; those without a value are left out. */
export const facts = (pairs) =>
  element(
    "dl",
    {},
    pairs
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value, tone]) =>
        element("div", {}, element("dt", {}, name), element("dd", { "data-tone": tone }, value)),
      ),
  );

export const section = (title, ...content) => element("section", {}, element("h3", {}, title), ...content);

/** Headers: an object, or a list of names and values. */
export function headers(given) {
  const pairs = Array.isArray(given) ? given.map(({ name, value }) => [name, value]) : Object.entries(given ?? {});
  return element(
    "table",
    { class: "headers" },
    element(
      "tbody",
      {},
      pairs.map(([name, value]) => element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value))),
    ),
  );
}

/** A body, pretty and raw. */
export function body(given) {
  if (given === null || given === undefined || given === "") return element("p", { class: "quiet" }, "No body");
  const raw = typeof given === "string" ? given : JSON.stringify(given);
  const shown = element("pre", { tabindex: "0" }, pretty(given));
  if (visible(raw) === shown.textContent) return shown;
  const toggle = element("button", { type: "button", class: "toggle", "aria-pressed": "false" }, "Raw");
  toggle.addEventListener("click", () => {
    const isRaw = toggle.getAttribute("aria-pressed") !== "true";
    toggle.setAttribute("aria-pressed", String(isRaw));
    shown.textContent = visible(isRaw ? raw : pretty(given));
  });
  return element("div", { class: "body" }, toggle, shown);
}

/** A verdict: a sign, which isn't colour alone, and what is wrong. */
export function verdict(name, isGood, says) {
  const tone = isGood === null ? "quiet" : isGood ? "good" : "bad";
  const sign = isGood === null ? "–" : isGood ? "✓" : "✗";
  return element(
    "li",
    { "data-tone": tone },
    element("span", { "aria-hidden": "true" }, `${sign} `),
    `${name}: ${says}`,
  );
}

/** The verdicts on signature and schema. */
export const verdicts = (signature, violations) =>
  element(
    "ul",
    { class: "verdicts" },
    verdict("signature", signature === "right" ? true : /^un(signed|known)/.test(signature) ? null : false, signature),
    verdict(
      "schema",
      violations.length === 0,
      violations.length === 0 ? "as the contract says" : violations.join("; "),
    ),
  );
