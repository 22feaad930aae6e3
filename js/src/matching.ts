// Which values differ from what is wanted. Of an object only what is wanted must be there; all else must be equal.

/** The differences, in words; none if it fits. */
export function differences(actual: unknown, wanted: unknown, place = ""): string[] {
  if (!isObject(wanted)) return same(actual, wanted) ? [] : [told(actual, wanted, place)];
  if (!isObject(actual) || Array.isArray(actual) !== Array.isArray(wanted)) return [told(actual, wanted, place)];
  if (Array.isArray(wanted) && actual["length"] !== wanted.length) return [told(actual, wanted, place)];
  return Object.entries(wanted)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => differences(actual[name], value, place ? `${place}.${name}` : name));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !(value instanceof RegExp);
}

function same(actual: unknown, wanted: unknown): boolean {
  return wanted instanceof RegExp ? typeof actual === "string" && wanted.test(actual) : Object.is(actual, wanted);
}

function told(actual: unknown, wanted: unknown, place: string): string {
  return `${place || "body"} is ${short(actual)}, not ${short(wanted)}`;
}

function short(value: unknown): string {
  const text = value instanceof RegExp ? String(value) : (JSON.stringify(value) ?? "absent");
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
