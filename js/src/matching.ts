// Which values differ from what is wanted. Of an object only what is wanted must be there; all else must be equal.
import { told } from "./complaints.js";

/** The differences, in words; none if it fits. */
export function differences(actual: unknown, wanted: unknown, place = ""): string[] {
  if (!isObject(wanted)) return same(actual, wanted) ? [] : [difference(actual, wanted, place)];
  if (!isObject(actual) || Array.isArray(actual) !== Array.isArray(wanted)) return [difference(actual, wanted, place)];
  if (Array.isArray(wanted) && actual["length"] !== wanted.length) return [difference(actual, wanted, place)];
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

function difference(actual: unknown, wanted: unknown, place: string): string {
  return `${place || "body"} is ${told(actual, place)}, not ${told(wanted, place)}`;
}
