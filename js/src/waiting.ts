// Waits that may be longer than one call to the mock may wait: who waits longer, asks again.

const LONGEST_WAIT = 60; // seconds, by the contract

/** What `ask` finds, as soon as it is `enough`, or after `timeout` seconds. `ask` waits for as long as it is told. */
export async function patiently<T>(
  timeout: number,
  enough: (found: T) => boolean,
  ask: (wait: number) => Promise<T>,
): Promise<T> {
  for (let left = timeout; ; left -= LONGEST_WAIT) {
    const found = await ask(Math.min(left, LONGEST_WAIT));
    if (enough(found) || left <= LONGEST_WAIT) return found;
  }
}
