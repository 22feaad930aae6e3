/** Answers, and errors as the contract declares them. */
import { fault } from './faults.mjs';

/**
 * @typedef {{status: number, body?: unknown, headers?: Record<string, string>, raw?: {type: string, text: string}}} Answer
 */

/** @returns {Answer} */
export const ok = (body) => ({ status: 200, body });

/** @returns {Answer} */
export const noContent = () => ({ status: 204 });

/** An error that is an answer. */
export class Refusal extends Error {
  /** @param {Answer} answer */
  constructor(answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

const CHALLENGE = { 'WWW-Authenticate': 'Bearer' };

const refusal = (status, message, headers) => new Refusal({ status, headers, body: { code: status, message } });

const html = (status, text) =>
  new Refusal({
    status,
    raw: { type: 'text/html; charset=utf-8', text: `<!DOCTYPE html><html><body><h1>${text}</h1></body></html>` },
  });

export const notFound = () => (fault('html-404') ? html(404, 'Page not found') : refusal(404, 'Not Found'));

export const forbidden = () =>
  fault('forbidden-is-401') ? authenticationRequired() : refusal(403, 'Forbidden.');

export const tooLarge = () => (fault('huge-body-is-500') ? refusal(500, 'Internal Error') : refusal(413, 'Payload Too Large'));

export const unsupportedMediaType = () => refusal(415, 'Unsupported Media Type');

export const tooManyRequests = (seconds) =>
  refusal(
    429,
    'Too Many Requests',
    fault('rotate-limit-without-retry-after') ? undefined : { 'Retry-After': String(seconds) },
  );

export const methodNotAllowed = (methods) => {
  if (fault('wrong-method-is-404')) return notFound();
  if (fault('allow-missing')) return refusal(405, 'Method Not Allowed.');
  const named = fault('allow-incomplete') ? methods.slice(0, 1) : methods;
  return refusal(405, 'Method Not Allowed.', { Allow: named.join(', ') });
};

export const authenticationRequired = () => {
  if (fault('login-page-redirect')) return new Refusal({ status: 302, headers: { Location: '/login' } });
  const body = fault('unauthorized-message-renamed')
    ? { error: 'Authentication Required' }
    : { message: 'Authentication Required' };
  return new Refusal({ status: 401, headers: CHALLENGE, body });
};

export const invalidToken = () =>
  new Refusal({ status: 401, headers: CHALLENGE, body: { code: 401, message: 'Invalid JWT Token' } });

export const expiredToken = () =>
  new Refusal({ status: 401, headers: CHALLENGE, body: { code: 401, message: 'Expired JWT Token.' } });

export const badCredentials = () => {
  if (fault('bad-login-is-403')) return refusal(403, 'Forbidden.');
  return new Refusal({ status: 401, headers: CHALLENGE, body: { message: 'Bad credentials.' } });
};

/** A 400 that tells every problem. */
export const validationFailed = (problems) => {
  const status = fault('validation-is-422') ? 422 : 400;
  let errors = problems;
  if (fault('problem-path-missing')) errors = problems.map(({ path, ...rest }) => rest);
  if (fault('problems-by-field')) errors = Object.fromEntries(problems.map(({ path, message }) => [path, [message]]));
  if (fault('problems-not-told')) errors = [];
  return new Refusal({ status, body: { code: status, message: 'Validation failed', errors } });
};

/** A 400 whose reason is the message alone. */
export const badRequest = (message) => new Refusal({ status: 400, body: { code: 400, message, errors: [] } });

/** What a crash looks like from outside. */
export const crashed = (error) => {
  if (fault('stack-trace-on-bad-json')) return { status: 500, raw: { type: 'text/plain', text: String(error.stack) } };
  return { status: 500, body: { code: 500, message: 'Internal Server Error' } };
};
