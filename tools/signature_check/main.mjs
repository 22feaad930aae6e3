// Judges the requests in the folders that it is given, by the function of the guide beside it: a line for each.
import { readFileSync } from "node:fs";

import { isAuthentic } from "./verification.mjs";

for (const folder of process.argv.slice(2)) {
  const text = (name) => readFileSync(`${folder}/${name}`, "utf8");
  const lines = text("headers").split("\n").filter(Boolean).map((line) => line.split(": "));
  const headers = Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value]));
  const authentic = isAuthentic(text("secret"), text("url"), headers, readFileSync(`${folder}/body`));
  console.log(authentic ? "authentic" : "refused");
}
