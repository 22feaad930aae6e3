// Whether a mock and this package fit together: their versions differ in what comes last, at most (docs/upgrading.md).
import { createRequire } from "node:module";

const CHECKOUT = "0.0.0"; // package.json has no version of its own until it is packed

/** The version of this package. */
export function ownVersion(): string {
  return (createRequire(import.meta.url)("../package.json") as { version: string }).version;
}

/** What to do about a mock of a version that doesn't fit; undefined if it does. */
export function misfitOf(mock: string, own: string): string | undefined {
  if (own === CHECKOUT || series(mock) === series(own)) return undefined;
  return [
    `The mock is of version ${mock}, and this package of ${own}: they don't know each other's calls. Do one of these:`,
    `  npm install --save-dev openloyalty-mockserver@${mock}   for the package of that mock`,
    `  pip install openloyalty-mockserver==${own}   or another \`executable\`, for the mock of this package. It was:`,
  ].join("\n");
}

function series(version: string): string {
  return /^(?:0\.)?\d+/.exec(version)?.[0] ?? version; // "0.2" of 0.2.1, "1" of 1.4.0
}
