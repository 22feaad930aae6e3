/* Calls of the control plane, and of what the page asks for beside it. All addresses are relative to the page's. */
import { notify } from "./dom.js";

/** What an error of the mock says: its message, and every problem with its path. */
function reason(status, content) {
  const problems = (content?.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
  return [content?.message ?? `The mock answered ${status}.`, ...problems].join("\n");
}

/** The JSON of the answer, null if it has none. Throws an Error that says why there is no success. */
export async function call(method, path, body) {
  const options = { method, headers: {}, cache: "no-store" };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The mock doesn't answer. Does it run?");
  }
  if (answer.status === 401) location.reload();
  const content = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
  if (!answer.ok) throw new Error(reason(answer.status, content));
  return content;
}

/** Does something on a click, and tells if that fails. */
export async function attempt(action) {
  try {
    notify("");
    return await action();
  } catch (error) {
    notify(error.message);
    return undefined;
  }
}

/** The events of the stream. `told` gets name and data, `state` whether the stream is open; comes again by itself. */
export function follow(told, state) {
  let source;
  const names = ["request", "delivery", "clock", "faults", "reset", "missed"];
  function open() {
    source = new EventSource("stream");
    source.onopen = () => state(true);
    source.onerror = () => {
      state(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 3000); // refused: the browser doesn't come again
    };
    for (const name of names) source.addEventListener(name, ({ data }) => told(name, JSON.parse(data), data.length));
  }
  open();
  addEventListener("pagehide", () => source.close());
}
