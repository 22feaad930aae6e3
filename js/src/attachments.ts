// What the report of a failed test shows: what its mock got and sent last, without secrets.
import { redacted } from "./escaping.js";
import type { Mock } from "./mock.js";

const MOST = 100; // of the requests and of the deliveries, the last ones

/** Files by their names: requests, deliveries and faults of a mock, as JSON. */
export async function attachmentsOf(mock: Mock): Promise<[name: string, body: string][]> {
  const requests = await mock.requests.list({ last: MOST });
  const deliveries = await mock.deliveries.latest(MOST);
  const seen = { requests, deliveries, faults: await mock.faults.list() };
  return Object.entries(seen).map(([name, list]) => [
    `mock-${name}.json`,
    JSON.stringify(redacted(list), undefined, 2),
  ]);
}
