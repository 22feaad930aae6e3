/* What the checks beside this file do with the documentation page: watch it, find things in it, try operations. */

/** Collects whatever a page should not do. */
export function watch(page, origin) {
  const faults = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console error: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
  page.on("requestfailed", (request) => {
    const { errorText } = request.failure(); // one is aborted when the page is left
    if (errorText !== "net::ERR_ABORTED") faults.push(`request failed: ${request.url()}: ${errorText}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.origin !== origin) {
      faults.push(`request to another origin: ${request.url()}`);
    }
  });
  return faults;
}

/** The name of a tag as addresses have it. */
export const slugOf = (tag) => tag.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");

/** Opens the page anew at the section of a tag of a document, which unfolds the tag in the sidebar. */
export async function openTag(page, base, tag, document = "api") {
  await page.goto("about:blank");
  await page.goto(`${base}/docs#${document}/tag/${slugOf(tag)}`);
  await page.locator("aside a").first().waitFor();
}

/** Clicks the sidebar entry whose address ends with `ending`. */
export async function openEntry(page, ending) {
  const entry = page.locator(`aside a[href$="${ending}" i]`).first();
  await entry.click();
  await page.waitForTimeout(800); // the page scrolls there smoothly
}

/** Presses "Test Request" at the operation and "Send"; returns the answer once the page shows it. */
export async function tryOperation(page, method, path) {
  const label = `(${method} ${path})`;
  await page.getByRole("button", { name: label }).first().click();
  const answer = page.waitForResponse((response) => response.request().method() === method.toUpperCase()
    && response.request().resourceType() === "fetch");
  await page.getByRole("button", { name: /^\s*Send\b/ }).first().click();
  const response = await answer;
  await page.getByText(`${response.status()} ${response.statusText()}`).first().waitFor({ timeout: 5000 });
  await page.waitForTimeout(800); // it fades in
  return response;
}
