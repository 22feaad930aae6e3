/** The view of webhooks: what the app's receiver was sent, as it comes. */
import type { Received } from "../receiver/receiver.js";

const list = document.querySelector<HTMLElement>("#webhooks ol")!;

/** Shows what the receiver was sent before, and what it is sent from now on. The browser reconnects by itself. */
export function webhooksView(receiver: string): void {
  const stream = new EventSource(`${receiver}/received`);
  stream.onopen = () => list.replaceChildren(); // a receiver tells all that it has, each time
  stream.onmessage = ({ data }) => list.prepend(item(JSON.parse(data) as Received));
}

function item({ eventName, storeCode, verdict, body }: Received): HTMLElement {
  const element = document.createElement("li");
  const details = document.createElement("details");
  const summary = details.appendChild(document.createElement("summary"));
  const shown = details.appendChild(document.createElement("pre"));
  summary.textContent = `${eventName} of ${storeCode}: ${verdict}`;
  shown.textContent = body;
  shown.tabIndex = 0; // it scrolls
  element.append(details);
  return element;
}
