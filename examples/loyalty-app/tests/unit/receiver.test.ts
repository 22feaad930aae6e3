/** The app's receiver, on its own: whatever is sent to it, it goes on, and it tells only the app what it got. */
import { request } from "node:http";
import { connect } from "node:net";
import { expect, test as plain } from "vitest";
import { startReceiver } from "../../receiver/receiver.js";

const APP = "http://localhost:5173";
const test = plain.extend<{ receiver: Awaited<ReturnType<typeof startReceiver>> }>({
  receiver: async ({}, use) => {
    const receiver = await startReceiver({ origin: APP });
    await use(receiver);
    await receiver.stop();
  },
});

/** The status of an answer; `fetch` lets nobody choose Host and Origin. */
function statusOf(url: string, method: string, headers: Record<string, string> = {}, body = ""): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.destroy(); // a stream of events has no end
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end(body);
  });
}

test("a request that is broken off in its body ends alone", async ({ receiver }) => {
  const { port, host } = new URL(receiver.url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), "127.0.0.1", () => {
      const head = `POST /hook HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n`;
      socket.write(`${head}{`);
    });
    socket.once("data", () => socket.resetAndDestroy()); // it is being read
    socket.on("error", () => undefined).on("close", () => resolve());
  });

  expect(await statusOf(`${receiver.url}/received`, "GET")).toBe(200);
});

const NO_SECRETS = ["x", "null", "{}", '{"url": 1, "secret": "s"}', "[".repeat(100_000)];
test.for(NO_SECRETS)("a secret that is none is a 400", async (body, { receiver }) => {
  expect(await statusOf(`${receiver.url}/secrets`, "PUT", {}, body)).toBe(400);
  expect(await statusOf(`${receiver.url}/secrets`, "PUT", {}, '{"url": "u", "secret": "s"}')).toBe(204);
});

test("other names of this machine, and pages of other origins, get nothing", async ({ receiver }) => {
  const asked = (headers: Record<string, string>) => statusOf(`${receiver.url}/received`, "GET", headers);
  const { port } = new URL(receiver.url);

  expect(await asked({ Host: `rebound.example:${port}` })).toBe(403);
  expect(await asked({ Host: "127.0.0.1.rebound.example" })).toBe(403);
  expect(await asked({ Origin: "http://elsewhere.example" })).toBe(403);
  expect(await asked({ Origin: APP, Host: `localhost:${port}` })).toBe(200);
});

test("what it keeps has bounds", async ({ receiver }) => {
  for (let sent = 0; sent < 205; sent++) {
    const told = JSON.stringify({ eventName: `E${sent}`, storeCode: "DEFAULT" });
    expect(await statusOf(`${receiver.url}/hook`, "POST", {}, told)).toBe(401);
  }

  expect([receiver.received.length, receiver.received[0]?.eventName]).toEqual([200, "E5"]);
  expect(await statusOf(`${receiver.url}/hook`, "POST", {}, "x".repeat(2 ** 20 + 1)).catch(() => 413)).toBe(413);
});
