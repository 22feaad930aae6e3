/** What may be sent to create or update a subscription. */
import { fault } from '../faults.mjs';
import { bool, list, object, problem, text } from '../validation.mjs';
import { EVENTS } from './events.mjs';

const URL_FORM = /^https?:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?([/?#][!-~]*)?$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[ -~]*$/;
const MAX_HEADERS = 100;

/** Headers that frame a request, and those of browsers and proxies (assumption A70). */
const RESERVED = new RegExp(
  '^(host|content-length|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|proxy-.*' +
    '|cookie|origin|referer|sec-.*|access-control-.*' +
    '|forwarded|x-forwarded-.*|x-real-ip|x-http-method-override|x-mock-.*)$',
  'i',
);

const url = () => {
  const max = fault('url-length-unchecked') ? Infinity : 255;
  return fault('url-form-unchecked') ? text({ max }) : text({ max, pattern: URL_FORM, kind: 'url' });
};

const headerName = () => {
  const form = text({ pattern: HEADER_NAME });
  return (value, path, problems) => {
    form(value, path, problems);
    if (typeof value === 'string' && RESERVED.test(value.replaceAll('_', '-'))) problems.push(problem('pattern', path));
  };
};

const headerValue = () => (fault('header-value-unchecked') ? text() : text({ pattern: HEADER_VALUE }));

const hmacEnabled = () => {
  if (!fault('hmac-enabled-takes-text')) return bool();
  return (value, path, problems) => void (['true', 'false', 1, 0].includes(value) || bool()(value, path, problems));
};

const restProperties = () => ({
  url: url(),
  destinationType: text({ choices: ['rest'] }),
  headerName: headerName(),
  headerValue: headerValue(),
  headers: list(object({ headerName: headerName(), headerValue: headerValue() }, { closed: true }), { max: MAX_HEADERS }),
  hmacEnabled: hmacEnabled(),
});

const queueProperties = () => ({
  url: url(),
  destinationType: text({ choices: ['queue'] }),
  queueKey: text(),
  queueSecretKey: text(),
  queueEncryptionKey: text({ max: Infinity }),
});

const eventName = () => ({ eventName: fault('event-name-unchecked') ? text() : text({ choices: EVENTS }) });

/** Whether a body means a queue: it says so, or it has what only queues have. */
const isQueue = (sent) => {
  if (sent?.destinationType !== undefined) return sent.destinationType === 'queue';
  return ['queueKey', 'queueSecretKey', 'queueEncryptionKey'].some((name) => Object.hasOwn(sent ?? {}, name));
};

/** Adds what is wrong with a body. */
export const checkSubscription = (body, isNew, problems) => {
  const queue = isQueue(body?.webhookSubscription);
  const keys = fault('queue-keys-not-required') ? [] : ['queueKey', 'queueSecretKey'];
  const required = [...(isNew ? ['eventName'] : []), 'url', ...(queue ? keys : [])];
  const properties = { ...(isNew ? eventName() : {}), ...(queue ? queueProperties() : restProperties()) };
  const closed = !fault('unknown-property-accepted');
  const subscription = object(properties, { required, closed });
  object({ webhookSubscription: subscription }, { required: ['webhookSubscription'] })(body, '', problems);
};
