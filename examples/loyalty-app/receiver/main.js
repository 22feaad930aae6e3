/** `npm run receiver`: the receiver for the app as Vite serves it while one writes it. */
import { startReceiver } from "./receiver.js";

const origin = process.env.APP_ORIGIN ?? "http://localhost:5173";
const { url } = await startReceiver({ port: 9000, origin });
console.log(`receives at ${url}/hook what pages of ${origin} have subscribed`);
