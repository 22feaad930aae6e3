/** The calls of the app, without a browser: Vitest's fixtures start a mock for each worker. */
import { expect, test as withMock } from "openloyalty-mockserver/vitest";
import { Api, SessionOver, type Tokens, type TokenStore } from "../../src/api";

const DAY = 86_400; // as long as a token of the mock is valid
const MONTH = 31 * DAY; // longer than a refresh token is

function inMemory(): TokenStore {
  let kept: Tokens | null = null;
  return { load: () => kept, save: (tokens) => (kept = tokens) };
}

const test = withMock.extend<{ tokens: TokenStore; api: Api }>({
  tokens: async ({}, use) => use(inMemory()),
  api: async ({ mock, tokens }, use) => {
    const api = new Api({ api: mock.url, store: mock.storeCode, receiver: "", timeout: 5000 }, tokens);
    await api.logIn("admin", "password");
    await use(api);
  },
});

test("calls that find the token expired at the same time renew it once", async ({ api, mock }) => {
  await mock.clock.advance(DAY + 1);
  const [page, events] = await Promise.all([api.subscriptions({}), api.events(), api.memberCount()]);

  expect(page.total.all).toBe(0);
  expect(events).toContain("CustomerRegistered");
  await mock.requests.verify({ match: { operationId: "tokenRefresh" }, atLeast: 1, atMost: 1 });
});

test("where the refresh token has expired, too, nobody is logged in any more", async ({ api, mock, tokens }) => {
  await mock.clock.advance(MONTH);

  await expect(api.events()).rejects.toBeInstanceOf(SessionOver);
  expect(tokens.load()).toBeNull();
});

test("a problem has the path of the property that was sent", async ({ api }) => {
  const refused = api.register({ customer: { email: "nobody" } });

  const problems = [{ path: "customer.email", message: "This value is not a valid email address." }];
  await expect(refused).rejects.toMatchObject({ status: 400, problems: [expect.objectContaining(problems[0]!)] });
});

test("a lost answer leaves open whether a member was added, and a list is only read again", async ({ api, mock }) => {
  await mock.faults.add({ match: {}, answer: { effect: "dropConnection" } });

  await expect(api.register({ customer: { email: "jo@example.com" } })).rejects.toMatchObject({ uncertain: true });
  await expect(api.events()).rejects.toMatchObject({ uncertain: false });
});

test("who is told to wait knows for how long", async ({ api, mock }) => {
  const answer = { status: 429, headers: { "Retry-After": "7" }, body: { code: 429, message: "Too Many Requests" } };
  await mock.faults.add({ match: { path: { contains: "/analytics/" } }, answer });

  await expect(api.memberCount()).rejects.toMatchObject({ status: 429, retryAfter: 7 });
});
