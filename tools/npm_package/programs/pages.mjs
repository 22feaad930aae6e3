// Asks the mock for each page that it serves from files, and for what only few ask for; prints what is wrong.
import { startMock } from "openloyalty-mockserver";

const PAGES = {
  "/docs": "<!doctype html>",
  "/docs/assumptions": "A01",
  "/docs/vendor-facts": "§",
  "/openapi.yaml": "openapi: 3.0",
  "/openapi.json": '"openapi"',
  "/_mock/openapi.yaml": "openapi: 3.0",
  "/_mock/ui": "<!doctype html>",
  "/_mock/metrics": "# HELP",
  "/_mock/schemas/CustomerRegistered.json": "2020-12",
  "/_mock/presets": "busy-store",
};
for (const args of [["--engine", "connexion"], ["--spec", "pets.json"]]) {
  const other = await startMock({ args });
  const path = args.includes("pets.json") ? "/pets" : "/api/DEFAULT/webhook/event";
  const { status } = await fetch(other.url + path, { headers: { "X-AUTH-TOKEN": other.apiKey } });
  if (status !== 200) console.log(`${args.join(" ")}: ${path} was answered with ${status}`);
  await other.stop();
}
const mock = await startMock();
for (const [path, expected] of Object.entries(PAGES)) {
  const response = await fetch(mock.url + path);
  const text = await response.text();
  if (response.status !== 200 || !text.toLowerCase().includes(expected.toLowerCase())) {
    console.log(`${path}: ${response.status} ${text.slice(0, 200)}`);
  }
  for (const [, asset] of text.matchAll(/<(?:script|link)[^>]* (?:src|href)="(\/[^"#]+)"/g)) {
    const { status } = await fetch(mock.url + asset);
    if (status !== 200) console.log(`${path}: its ${asset} is ${status}`);
  }
}
await mock.stop();
