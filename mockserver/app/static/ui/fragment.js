/* The fragment of the address: `#deliveries` is a tab, `#deliveries/3-1` a row in it. */

/** The name of the tab and the key of the row. Whoever makes a link may write anything: a key that can't be read is none. */
export function placeIn(fragment) {
  const [name, key = ""] = fragment.slice(1).split("/");
  try {
    return [name, decodeURIComponent(key)];
  } catch {
    return [name, ""];
  }
}
