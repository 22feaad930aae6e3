// Starts a mock, tells its process and address, and stays until it is killed.
import { startMock } from "openloyalty-mockserver";

const mock = await startMock();
console.log(JSON.stringify({ pid: mock.pid, url: mock.url }));
setInterval(() => {}, 1000);
