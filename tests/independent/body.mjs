/** Reads the JSON body of a request. */
import { badRequest, tooLarge, unsupportedMediaType } from './answers.mjs';
import { fault } from './faults.mjs';

const LIMIT = 1024 * 1024; // bytes
const MAX_DEPTH = 200;

/** All bytes up to the limit; what is more is read, and dropped. */
const bytesOf = async (request) => {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= LIMIT || fault('huge-body-accepted')) chunks.push(chunk);
  }
  if (size > LIMIT && !fault('huge-body-accepted')) throw tooLarge();
  return Buffer.concat(chunks);
};

const isJson = (type) => /^application\/json *(;|$)/i.test(type);

/** How deep arrays and objects stand within each other. */
const depthOf = (text) => {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '{' || character === '[')) deepest = Math.max(deepest, (depth += 1));
    else if (!quoted && (character === '}' || character === ']')) depth -= 1;
  }
  return deepest;
};

const textOf = (bytes) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badRequest('The body is not UTF-8.');
  }
};

/** Crashes that teams have seen with bodies that few send. */
const crashOnOddities = (text) => {
  if (fault('huge-number-is-500') && /\b\d(?:\.\d+)?e\+?\d{3,}/i.test(text)) throw new RangeError('number out of range');
  if (fault('lone-surrogate-is-500') && /\\ud[89a-f]..(?!\\ud[c-f])/i.test(text)) throw new Error('unencodable');
  if (fault('deep-nesting-is-500') && depthOf(text) > MAX_DEPTH) throw new RangeError('Maximum call stack size exceeded');
  if (fault('null-byte-is-500') && /\\u0000/.test(text)) throw new Error('invalid byte sequence for encoding "UTF8": 0x00');
};

/** The value that a body holds. Throws 400, 413 or 415. */
export const readBody = async (request) => {
  const bytes = await bytesOf(request);
  if (!isJson(request.headers['content-type'] ?? '') && !fault('media-type-unchecked')) throw unsupportedMediaType();
  const text = textOf(bytes);
  if (depthOf(text) > MAX_DEPTH && !fault('deep-nesting-is-500')) throw badRequest('The body is nested too deeply.');
  crashOnOddities(text);
  if (fault('nan-accepted')) return JSON.parse(text.replace(/:\s*(NaN|-?Infinity)/g, ': 0'));
  try {
    return JSON.parse(text);
  } catch (error) {
    if (fault('stack-trace-on-bad-json')) throw error;
    if (fault('bad-json-is-empty')) return {};
    throw badRequest('The body is not valid JSON.');
  }
};
