/** The view of webhook subscriptions: a list with pages and a filter, and a form. */
import { ApiError, SessionOver, type Api, type Page, type Subscription } from "./api";
import type { Config } from "./config";
import { bodyOf, onSubmit } from "./forms";

const ROWS = 5;

const list = document.querySelector<HTMLElement>("#list")!;
const status = list.querySelector<HTMLElement>("[role=status]")!;
const alert = list.querySelector<HTMLElement>("[role=alert]")!;
const rows = list.querySelector("tbody")!;
const place = document.querySelector<HTMLElement>("#place")!;
const filter = document.querySelector<HTMLFormElement>("#filter")!;
const form = document.querySelector<HTMLFormElement>("#subscribe")!;
const buttons = [...list.querySelectorAll<HTMLButtonElement>("button[data-page]")];

/** Wires the view; returns what shows it anew, from its first page. */
export function subscriptionsView(api: Api, config: Config, onOver: (error: SessionOver) => void): () => Promise<void> {
  let page = 1;

  async function show(): Promise<void> {
    list.ariaBusy = "true";
    status.textContent = "Loading…";
    alert.replaceChildren();
    try {
      render(await api.subscriptions({ ...query(), _page: String(page), _itemsOnPage: String(ROWS) }));
    } catch (error) {
      status.textContent = "";
      if (error instanceof SessionOver) onOver(error);
      else offerAgain(error as ApiError, show);
    } finally {
      list.ariaBusy = "false";
    }
  }

  function render({ items, total }: Page<Subscription>): void {
    const last = Math.max(1, Math.ceil(total.filtered / ROWS));
    rows.replaceChildren(...items.map((item) => row(item, () => remove(item))));
    status.textContent = `${total.filtered} of ${total.all} subscriptions`;
    place.textContent = `Page ${page} of ${last}`;
    for (const button of buttons) {
      const target = page + Number(button.dataset.page);
      button.disabled = target < 1 || target > last;
    }
  }

  async function remove({ webhookSubscriptionId, eventName, url }: Subscription): Promise<void> {
    if (!confirm(`No longer send ${eventName} to ${url}?`)) return;
    try {
      await api.unsubscribe(webhookSubscriptionId);
      page = 1;
      await show();
    } catch (error) {
      if (error instanceof SessionOver) onOver(error);
      else offerAgain(error as ApiError, show);
    }
  }

  async function subscribe(): Promise<string> {
    const body = bodyOf(form);
    const { hmacSecretKey } = await api.subscribe(body);
    const url = body.webhookSubscription?.url as string;
    if (hmacSecretKey && url.startsWith(config.receiver)) await handOn(config.receiver, url, hmacSecretKey);
    page = 1;
    void show();
    return hmacSecretKey ? `Subscribed. The secret, shown once: ${hmacSecretKey}` : "Subscribed.";
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      page += Number(button.dataset.page);
      void show();
    });
  }
  filter.addEventListener("submit", (event) => {
    event.preventDefault();
    page = 1;
    void show();
  });
  onSubmit(form, subscribe, onOver);
  return async () => {
    page = 1;
    form.querySelector("input")!.defaultValue = `${config.receiver}/hook`;
    await Promise.all([show(), offerEvents(api)]);
  };
}

function query(): Record<string, string> {
  return Object.fromEntries([...new FormData(filter)].map(([name, value]) => [name, String(value)]));
}

function row({ eventName, url, hmacEnabled, createdAt }: Subscription, remove: () => void): HTMLTableRowElement {
  const element = document.createElement("tr");
  for (const text of [eventName, url, hmacEnabled ? "yes" : "no", createdAt]) element.insertCell().textContent = text;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Delete" });
  button.ariaLabel = `Delete ${eventName} to ${url}`;
  button.addEventListener("click", remove);
  element.insertCell().append(button);
  return element;
}

/** Says what went wrong, and has a button that tries again. */
function offerAgain(error: ApiError, again: () => Promise<void>): void {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Try again" });
  button.addEventListener("click", () => void again());
  alert.replaceChildren(`${error.message} `, button);
}

/** Fills the menus of events, once. Without them the page is of use, too: whoever logs in again gets them. */
async function offerEvents(api: Api): Promise<void> {
  const menus = [...document.querySelectorAll<HTMLSelectElement>("select[data-events]")];
  if (menus.every((menu) => menu.length > 1)) return;
  const names = await api.events().catch(() => []);
  for (const menu of menus) menu.append(...names.map((name) => new Option(name)));
}

/** Gives the app's receiver the secret of a subscription that leads to it. */
async function handOn(receiver: string, url: string, secret: string): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ url, secret });
  await fetch(`${receiver}/secrets`, { method: "PUT", headers, body }).catch(() => {
    throw new ApiError(`Subscribed, but the receiver can't be reached. Give it the secret by hand: ${secret}`);
  });
}
