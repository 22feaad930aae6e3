/* A request as a line for a shell. All of it may come from a stranger: it is one call of curl, and reads no file. */
import { quoted } from "./dom.js";

const word = (text) => (/^[A-Za-z]+$/.test(text) ? text : quoted(text));

/** The line. `headers` are pairs of names and values; an empty body is none. */
export function curlLine(method, url, headers, body) {
  const curl = /[[\]{}]/.test(url) ? "curl -g" : "curl"; // to curl these are patterns, by which it calls many URLs
  const lines = [
    `${curl} -X ${word(method)} ${quoted(url)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
  ];
  if (body) lines.push(`--data-raw ${quoted(body)}`); // with --data-binary, a body that begins with @ is a file's name
  return lines.join(" \\\n  ");
}
