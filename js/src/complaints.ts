// What a failed expectation says: what was expected, and what came instead, a line each.
import type { Delivery, Exchange, VerificationResult } from "./control.js";
import { isSecret, MASK, masked, short, shown } from "./escaping.js";

/** What was waited for didn't come, or came too often; the message says what did. */
export class ExpectationFailed extends Error {
  override name = "ExpectationFailed";
}

/** A request in a line. */
export function requestLine({ method, path, status }: Exchange): string {
  return `${method} ${short(path)} ${status ?? "was not answered"}`;
}

/** A delivery in a line. */
export function deliveryLine({ eventName, url, status }: Delivery): string {
  return `${short(eventName)} to ${short(masked(url))}: ${status}`;
}

/** What was waited for, and how much of it came. */
export interface Missing {
  what: string;
  found: number;
  atLeast: number;
  timeout: number;
  filters: object;
}

/** That too few came in time; `lines` are the last of the `total` that came, whatever was asked for. */
export function missed({ what, found, atLeast, timeout, filters }: Missing, lines: string[], total: number): string {
  const head = `${found} of ${atLeast} ${what} with ${shown(filters)} within ${timeout} s.`;
  if (!lines.length) return `${head} None came at all.`;
  return [`${head} There are ${total}, the last of them:`, ...lines].join("\n  ");
}

/** That requests aren't as they were expected. */
export function misfit(expected: object, result: VerificationResult): string {
  const near = result.nearMisses.map(({ method, path, status, misfits }) => {
    const parts = misfits.map(
      ({ part, actual, expected }) => `${short(part)} was ${told(actual, part)}, not ${told(expected, part)}`,
    );
    return `\n  ${method} ${short(path)} ${status ?? ""}: ${parts.join("; ")}`;
  });
  const head = `Not as expected: ${shown(expected)}. ${result.reason ?? ""}`.trimEnd();
  return near.length ? `${head} The closest:${near.join("")}` : head;
}

/** A value that stands at a place of a body, a query or the headers: masked if that is the place of a secret. */
export function told(value: unknown, place: string): string {
  return isSecret(place.slice(place.lastIndexOf(".") + 1)) && value !== undefined ? MASK : shown(value);
}
