/** Deliveries of events to this machine, one after the other for each subscription; a failed one is sent once more. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { formatMoment } from './dates.mjs';
import { customerRegistered, transactionAssigned, transactionRegistered } from './events-data.mjs';
import { fault } from './faults.mjs';
import { now } from './tokens.mjs';

const DATA = {
  CustomerRegistered: customerRegistered,
  TransactionRegistered: transactionRegistered,
  TransactionAssignedToCustomer: transactionAssigned,
};
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;
const TIMEOUT = 10_000; // milliseconds
const RETRY_DELAY = 1_000; // milliseconds

/** Host and path of a URL as they are signed. */
const signedParts = (url) => {
  const [, authority, rest] = /^https?:\/\/([^/?#]*)([^?#]*)/.exec(url);
  return [authority.replace(/:\d+$/, '').toLowerCase(), rest === '' ? '/' : rest];
};

const measured = (text) => `${Buffer.byteLength(text)}:${text}`;

/** The headers that sign an attempt. */
const signature = (subscription, body, requestId) => {
  const timestamp = now();
  const [host, path] = signedParts(subscription.url);
  const hash = createHash('sha256').update(body).digest('hex');
  const canonical = ['POST', measured(host), measured(path), hash, timestamp, requestId].join('\n');
  const text = subscription.hmacSecretKey.slice('whsec_'.length);
  const key = fault('signed-with-decoded-key') ? Buffer.from(text, 'hex') : text;
  return {
    'X-Webhook-Signature': createHmac('sha256', key).update(canonical).digest('hex'),
    'X-Webhook-Signature-Algorithm': 'hmac-sha256',
    'X-Webhook-Timestamp': String(timestamp),
    'X-Webhook-Request-Id': requestId,
    'X-Webhook-Signature-Version': String(subscription.keyVersion),
  };
};

/** The platform's headers, then those of the subscription, which replace them. */
const headersOf = (subscription, body, requestId) => {
  const headers = new Map();
  const set = (name, value) => headers.set(name.toLowerCase(), [name, value]);
  set('Content-Type', 'application/json');
  set('User-Agent', 'OpenLoyalty');
  const signing = subscription.hmacEnabled ? signature(subscription, body, requestId) : {};
  for (const [name, value] of Object.entries(signing)) set(name, value);
  if (subscription.headerName !== null) set(subscription.headerName, subscription.headerValue ?? '');
  for (const { headerName, headerValue = '' } of subscription.headers) if (headerName !== undefined) set(headerName, headerValue);
  return Object.fromEntries(headers.values());
};

/** One attempt: the status of the answer, or 0 where there was none. */
const attempt = (subscription, envelope) =>
  new Promise((resolve) => {
    const requestId = randomUUID();
    const { messageId, ...rest } = envelope;
    const body = Buffer.from(JSON.stringify({ messageId, requestId, ...rest }));
    const headers = headersOf(subscription, body, requestId);
    const sent = request(subscription.url, { method: 'POST', headers, timeout: TIMEOUT });
    sent.on('response', (answer) => resolve((answer.resume(), answer.statusCode)));
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(0));
    sent.on('close', () => resolve(0));
    sent.end(body);
  });

const isFinished = (status) => status >= 200 && status < 400;

const deliver = async (store, subscription, envelope) => {
  const isThere = () => store.subscriptions.has(subscription.webhookSubscriptionId);
  if (!isThere() || isFinished(await attempt(subscription, envelope)) || fault('delivered-once-only')) return;
  await pause(RETRY_DELAY, undefined, { ref: false });
  if (isThere()) await attempt(subscription, envelope);
};

const isReachable = ({ url, destinationType }) => {
  const [host] = signedParts(url);
  return destinationType === 'rest' && url.startsWith('http:') && LOOPBACK.test(host) && URL.canParse(url);
};

/** Sends an event of a store to whoever has subscribed, if it is on this machine. Best effort: nobody waits for it. */
export const emit = (store, eventName, ...subjects) => {
  const createdAt = formatMoment(now());
  for (const subscription of store.subscriptions.values()) {
    if (subscription.eventName !== eventName || !isReachable(subscription)) continue;
    const data = DATA[eventName](...subjects);
    const envelope = { messageId: randomUUID(), eventName, storeCode: store.code, createdAt, data };
    const before = subscription.queueOfDeliveries ?? Promise.resolve();
    subscription.queueOfDeliveries = before.then(() => deliver(store, subscription, envelope)).catch(() => {});
  }
};
