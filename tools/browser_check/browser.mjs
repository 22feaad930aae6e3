/* The headless browser of the checks beside this file. CHROMIUM names another one than /usr/bin/chromium. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const LAUNCH = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Ends the program with one line that says why. */
export function stop(code, message) {
  console.error(`browser check: ${message}`);
  process.exit(code);
}

/** The playwright-core that install_node_tools.sh has put into tools/.cache. */
function playwright() {
  try {
    return createRequire(new URL("../.cache/node/", import.meta.url))("playwright-core");
  } catch {
    return stop(3, "playwright-core is missing; run tools/pinned/install_node_tools.sh first");
  }
}

/** Starts the browser; ends the program with exit code 3 if it or playwright-core is missing. */
export async function launch() {
  const { chromium } = playwright();
  if (!existsSync(BROWSER)) stop(3, `no browser at ${BROWSER}`);
  return chromium.launch({ executablePath: BROWSER, args: LAUNCH });
}
