// What the tests share: the mock of the checkout, or the one that OPENLOYALTY_MOCKSERVER names.
import { type Mock, startMock, type StartOptions } from "../src/index.js";

/** The headers of the admin's calls. */
export function headersOf(mock: Mock): Record<string, string> {
  return { "X-AUTH-TOKEN": mock.apiKey, "Content-Type": "application/json" };
}

/** Add a member by the API. */
export async function addMember(mock: Mock, email: string, storeCode = "DEFAULT"): Promise<Response> {
  const body = JSON.stringify({ customer: { email } });
  return await fetch(`${mock.url}/api/${storeCode}/member`, { method: "POST", headers: headersOf(mock), body });
}

/** Run a test with a mock of its own. */
export async function withMock(use: (mock: Mock) => Promise<void>, options: StartOptions = {}): Promise<void> {
  const mock = await startMock(options);
  try {
    await use(mock);
  } finally {
    await mock.stop();
  }
}

/** Whether a process is there. */
export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
