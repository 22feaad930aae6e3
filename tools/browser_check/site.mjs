#!/usr/bin/env node
/*
 * Reads the static site in a headless browser: from its files, and below a path of a server.
 *
 *   make site && tools/pinned/install_node_tools.sh             once
 *   node tools/browser_check/site.mjs site [FOLDER_FOR_PICTURES]
 *
 * Fails (exit code 1) if a page asks another host for anything, writes an error to the console, asks for what isn't there,
 * or is wider than a desktop's or a phone's screen; or if the search doesn't find a page by what it is about. Exit code 2: wrong usage. Exit code 3:
 * playwright-core or the browser is missing.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch, stop } from "./browser.mjs";

const BELOW = "/some/path/";
const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };
const SCREENS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
};
/** What people look for, and the title of the page that has to be among the first of those found. */
const SOUGHT = {
  signature: "Verifying webhook signatures",
  "signature mismatch": "Verifying webhook signatures",
  401: "Errors",
  429: "Errors",
  docker: "From a browser, Postman, Bruno or a container",
  pagination: "The API: how to begin, and conventions",
  receiver: "Your first webhook",
};
const FIRST = 5;
const PICTURED = ["index.html", "docs/webhook-signatures.html", "reference/api-webhook-subscription.html"];

/** All pages in a folder, as paths below it. */
function pagesIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile() && file.name.endsWith(".html"));
  return paths.map((file) => relative(folder, join(file.parentPath ?? file.path, file.name))).sort();
}

/** Serves the folder below a path; resolves to the server and its address. */
function serve(folder) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = join(folder, decodeURIComponent(pathname.slice(BELOW.length)));
    if (!pathname.startsWith(BELOW) || !existsSync(file)) return response.writeHead(404).end();
    return response.setHeader("Content-Type", TYPES[extname(file)] ?? "text/plain").end(readFileSync(file));
  });
  return new Promise((done) => {
    server.listen(0, "127.0.0.1", () => done({ server, url: `http://127.0.0.1:${server.address().port}${BELOW}` }));
  });
}

/** A page of the browser that keeps what goes wrong in `problems`. */
async function watched(browser, base, screen, problems) {
  const page = await (await browser.newContext(screen)).newPage();
  page.on("console", (message) => message.type() === "error" && problems.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(`script: ${error.message}`));
  page.on("requestfailed", (request) => {
    const why = request.failure().errorText; // aborted is what the next page doesn't need any more
    if (why !== "net::ERR_ABORTED") problems.push(`${why}: ${request.url()}`);
  });
  page.on("response", (response) => response.status() >= 400 && problems.push(`${response.status()}: ${response.url()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith("data:")) problems.push(`asks ${request.url()}`);
  });
  return page;
}

/** Reads every page from an address on one screen. */
async function readAll(browser, base, pages, [name, screen], pictures) {
  const problems = [];
  const page = await watched(browser, base, screen, problems);
  for (const path of pages) {
    await page.goto(base + path);
    const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    if (wide > seen) problems.push(`${path} is ${wide} pixels wide on a screen of ${seen}`);
    if (pictures && PICTURED.includes(path)) {
      await page.screenshot({ path: join(pictures, `${name}-${path.replaceAll("/", "-")}.png`) });
    }
  }
  for (const [words, title] of Object.entries(SOUGHT)) {
    await page.goto(`${base}search.html?q=${encodeURIComponent(words)}`);
    const hit = page.locator("#search-results li > a").getByText(title, { exact: true }).first();
    const there = await hit.waitFor({ timeout: 10_000 }).then(() => true, () => false);
    const titles = await page.locator("#search-results li > a").allTextContents();
    if (!there || titles.indexOf(title) >= FIRST) problems.push(`the search for "${words}" finds ${titles.slice(0, FIRST)}`);
  }
  assert.deepEqual(problems, [], `${name}, ${base}`);
  console.log(`${name}, ${new URL(base).protocol}: ${pages.length} pages, nothing asked of other hosts, no errors, the search finds`);
}

async function main() {
  const [site, pictures] = process.argv.slice(2);
  if (!site || !existsSync(join(site, "index.html"))) stop(2, "usage: site.mjs FOLDER [PICTURES]; `make site` makes the folder");
  const folder = resolve(site);
  const browser = await launch();
  const { server, url } = await serve(folder);
  try {
    const pages = pagesIn(folder);
    for (const screen of Object.entries(SCREENS)) {
      await readAll(browser, `${pathToFileURL(folder)}/`, pages, screen, pictures);
    }
    await readAll(browser, url, pages, ["desktop", SCREENS.desktop]);
  } catch (error) {
    stop(1, error.message);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

await main();
