// Text of others, for people: it can neither control a terminal nor forge a line, shows no secret, and is short. The
// rules are those of Python (mockserver/escaping.py, mockserver/world/redaction.py).

export const MASK = "********"; // what is shown of a secret
const LONGEST = 200; // characters of a value that is shown
const DEEPEST = 32; // levels of it
const ENDINGS = /(?:apikey|authorization|jwt|pass|passwd|password|secret|secretkey|token)$/;
const NAMES = new Set(["cookie", "headervalue", "queueencryptionkey", "queuekey", "setcookie", "xswitchuser"]);
const SHOWN = new Set(["compass", "referraltoken", "referrertoken"]); // which end so, and let nobody in
const ENCODINGS = 3; // one on the other
const USER = /^([a-z][a-z0-9+.-]*:)?(\/\/)?[^/?#]*@/i;
const ANYTHING = /^([a-z][a-z0-9+.-]*:)?(\/\/)?[^]*@/i;
const HOST_AND_PORT = /^(?:localhost|[0-9.]+|\[[0-9a-f:.]+\])(?::[0-9]*)?$/i; // no user name

/** Control characters, line breaks, bidirectional marks and lone surrogates become escapes such as `\x1b`. */
export function visible(text: string): string {
  return text.replace(/[\p{C}\p{Z}]/gu, (char) => (char === " " ? char : escaped(char)));
}

function escaped(char: string): string {
  const at = "\t\n\r".indexOf(char);
  if (at >= 0) return `\\${"tnr"[at]}`;
  const code = char.codePointAt(0)!.toString(16);
  if (code.length <= 2) return `\\x${code.padStart(2, "0")}`;
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
}

/** A text of others in a line: visible, and no longer than what people read. */
export function short(text: string): string {
  const beginning = visible(text.slice(0, LONGEST));
  return text.length > LONGEST ? `${beginning}…` : beginning;
}

/** Any value in a line, as JSON, without secrets. It never throws. */
export function shown(value: unknown): string {
  if (value instanceof RegExp) return short(String(value));
  try {
    return short(JSON.stringify(redacted(value)) ?? "absent");
  } catch {
    return "what can't be shown"; // a getter or a toJSON that throws
  }
}

/** Whether the value of a header, property or parameter of this name is secret. */
export function isSecret(name: string): boolean {
  const plain = name.slice(-100).toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return (ENDINGS.test(plain) && !SHOWN.has(plain)) || NAMES.has(plain);
}

/** A URL without its possible secrets: query values, fragment, user name and password. */
export function masked(url: string): string {
  const [, address = "", query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/.exec(withoutUser(url)) ?? [];
  const values = query?.split("&").map(withoutValue);
  return [address, values && `?${values.join("&")}`, fragment === undefined ? "" : `#${fragment && MASK}`].join("");
}

function withoutValue(field: string): string {
  const name = field.slice(0, field.indexOf("=") + 1);
  return name === field ? field : `${name}${MASK}`;
}

function withoutUser(url: string, user = hasPlainHost(url) ? USER : ANYTHING): string {
  return url.replace(user, (_, scheme = "", slashes = "") => `${scheme}${slashes}${MASK}@`);
}

/** Whether a text is a URL whose host can't be a user name, as before a password with a slash in it. */
function hasPlainHost(url: string): boolean {
  const [, netloc = "", rest = ""] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^]*)$/i.exec(url) ?? [];
  const host = netloc.slice(netloc.lastIndexOf("@") + 1);
  if (!host) return false;
  if (/[[\]]/.test(netloc)) return HOST_AND_PORT.test(host); // an address of IPv6, or no URL
  return (host.includes(".") && !host.includes(":")) || !rest.includes("@") || HOST_AND_PORT.test(host);
}

/** A query, or a form, with its secret values masked; all else stays. */
export function maskedQuery(text: string): string {
  return text.split("&").map(maskedField).join("&");
}

function maskedField(field: string): string {
  const at = field.indexOf("=");
  if (at < 0 || at === field.length - 1) return field;
  const plain = decoded(field.slice(0, at));
  const steps = plain.replaceAll("]", "").split(/[.[]/); // member[password], member.password
  return plain.toLowerCase() === "key" || steps.some(isSecret) ? `${field.slice(0, at)}=${MASK}` : field;
}

function decoded(name: string): string {
  let plain = name;
  for (let round = 0; round < ENCODINGS; round++) {
    const char = (_: string, code: string): string => String.fromCharCode(parseInt(code, 16));
    plain = plain.replaceAll("+", " ").replace(/%([0-9a-f]{2})/gi, char);
  }
  return plain;
}

/** A copy of what is JSON, without secrets, for a report. What is nested too deep is cut. */
export function redacted(value: unknown, above: readonly object[] = []): unknown {
  if (typeof value === "string") return redactedText(value);
  if (typeof value === "bigint" || value instanceof RegExp) return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (above.length >= DEEPEST || above.includes(value)) return "…";
  const below = [...above, value];
  if (Array.isArray(value)) return value.map((each) => redacted(each, below));
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return redacted(toJSON.call(value), below);
  const name = "name" in value && typeof value.name === "string" ? value.name : undefined;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, property(key === "value" && name ? name : key, each, below)]),
  );
}

function property(name: string, value: unknown, above: readonly object[]): unknown {
  if (value === null || value === undefined) return value;
  if (isSecret(name)) return MASK;
  if (typeof value === "string" && name === "url") return masked(value);
  return typeof value === "string" && name === "query" ? maskedQuery(value) : redacted(value, above);
}

/** A text: one that is JSON, or the beginning of it, a form, or a URL may have secrets in it. */
function redactedText(text: string): string {
  if (/^\s*[{["]/.test(text)) return redactedJson(text);
  if (/^[^\s=&?#]+=/.test(text)) return maskedQuery(text);
  if (!/^[a-z][a-z0-9+.-]*:\/\/|^\//i.test(text)) return text;
  const [address = "", ...parts] = (text.startsWith("/") ? text : withoutUser(text, USER)).split(/([?#])/);
  return address + parts.map(maskedQuery).join("");
}

function redactedJson(text: string): string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return (text.match(/[\w-]+/g) ?? []).some(isSecret) ? MASK : text;
  }
  const copy = redacted(content);
  try {
    return JSON.stringify(copy) === JSON.stringify(content) ? text : JSON.stringify(copy);
  } catch {
    return JSON.stringify(copy); // nested too deep
  }
}
