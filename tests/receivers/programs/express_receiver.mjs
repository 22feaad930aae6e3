// Serves the guide's receiver on Express, which stands beside this file. It prints its address.
import { receiver } from "./receiver.mjs";

const [secret, path] = process.argv.slice(2);
const server = receiver(secret, `http://127.0.0.1${path}`).listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}${path}`); // what is signed has no port
});
