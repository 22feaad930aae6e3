// What a reader waits for: seconds to the first 200, and to the first webhook; as JSON.
import { performance } from "node:perf_hooks";
import { Receiver, startMock } from "openloyalty-mockserver";

const seconds = () => Number((performance.now() / 1000).toFixed(3)); // since Node.js began
const mock = await startMock();
const started = seconds();
const headers = { "X-AUTH-TOKEN": mock.apiKey, "Content-Type": "application/json" };
const { status } = await fetch(`${mock.url}/api/DEFAULT/webhook/event`, { headers });
const answered = seconds();
const receiver = await Receiver.start();
await mock.subscribe("CustomerRegistered", receiver);
const body = JSON.stringify({ customer: { email: "sam.lee@example.com" } });
await fetch(`${mock.url}/api/DEFAULT/member`, { method: "POST", headers, body });
await receiver.waitFor("CustomerRegistered");
const delivered = seconds();
const before = seconds();
await mock.reset();
const reset = seconds() - before;
const stopping = seconds();
await mock.stop();
const stopped = Number((seconds() - stopping).toFixed(3));
await receiver.stop();
console.log(JSON.stringify({ status, started, answered, delivered, reset: Number(reset.toFixed(3)), stopped }));
