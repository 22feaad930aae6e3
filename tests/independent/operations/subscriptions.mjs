/** Webhook subscriptions. */
import { randomBytes, randomUUID } from 'node:crypto';

import { badRequest, noContent, notFound, ok, tooManyRequests, validationFailed } from '../answers.mjs';
import { fault } from '../faults.mjs';
import { Listing, sortedPage, totalOf } from '../listing.mjs';
import { now } from '../tokens.mjs';
import { checkSubscription } from './subscription-bodies.mjs';
import { detailsOf, rowOf } from './subscription-views.mjs';

const ROTATION_PAUSE = 300; // seconds
const LAG = 3; // seconds
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const listing = new Listing({
  filters: { eventName: 'text', url: 'text', createdAt: 'dateTime', legacy: 'bool' },
  sortable: ['createdAt', 'eventName', 'url'],
});

const valueOf = (subscription, field) => {
  if (field === 'createdAt') return { seconds: subscription.createdAt, fraction: 0 };
  return field === 'legacy' ? false : subscription[field];
};

/** All subscriptions that a fault shows, of whatever store. */
const everywhere = (world) => [...world.stores.values()].flatMap((store) => [...store.subscriptions.values()]);

const visible = ({ world, store }) => {
  let all = fault('list-shows-other-stores') ? everywhere(world) : [...store.subscriptions.values()];
  if (fault('list-lags-behind')) all = all.filter(({ createdAt }) => createdAt + LAG < now());
  return fault('deleted-stays-in-list') ? all : all.filter(({ deleted }) => !deleted);
};

const listSubscriptions = (context) => {
  const asked = listing.read(context.search);
  if (fault('huge-page-is-500') && asked.page * asked.size > 2 ** 31) throw new RangeError('OFFSET out of range');
  const all = visible(context);
  const filtered = listing.filter(all, asked, valueOf);
  const shown = sortedPage(filtered, asked, (subscription, field) => subscription[field]);
  const total = totalOf({
    all: fault('total-counts-other-stores') ? everywhere(context.world).length : all.length,
    filtered: filtered.length,
    shown: shown.length,
  });
  const items = shown.map(rowOf);
  return ok(fault('total-missing') ? { items } : { items, total });
};

/** The subscription of the path. Throws 404. */
const named = ({ world, store, params }, leak) => {
  const id = params.webhookSubscription;
  if (fault('malformed-id-is-500') && !UUID.test(id)) throw new Error('invalid input syntax for type uuid');
  const own = store.subscriptions.get(fault('id-case-ignored') ? id.toLowerCase() : id);
  const found = own ?? (fault(leak) ? everywhere(world).find((known) => known.webhookSubscriptionId === id) : undefined);
  if (found === undefined || found.deleted) throw notFound();
  return found;
};

const newSecret = () => `whsec_${randomBytes(32).toString('hex')}`;

const sign = (subscription) => {
  subscription.hmacEnabled = true;
  subscription.hmacSecretKey = newSecret();
  subscription.keyVersion = 1;
};

const stopSigning = (subscription) => {
  subscription.hmacEnabled = false;
  delete subscription.hmacSecretKey;
};

/** Takes over what a body says of a destination; what it leaves out is emptied. */
const setDestination = (subscription, sent) => {
  const queue = 'queueKey' in sent;
  Object.assign(subscription, {
    url: sent.url,
    destinationType: queue ? 'queue' : 'rest',
    headerName: sent.headerName ?? null,
    headerValue: sent.headerValue ?? null,
    headers: sent.headers ?? (fault('update-keeps-headers') ? subscription.headers ?? [] : []),
    queue: queue ? { key: sent.queueKey, secret: sent.queueSecretKey, encryption: sent.queueEncryptionKey } : undefined,
  });
};

const create = ({ store, body }) => {
  const sent = checked(body, true);
  const subscription = {
    webhookSubscriptionId: randomUUID(),
    eventName: sent.eventName,
    createdAt: now(),
    hmacEnabled: false,
  };
  setDestination(subscription, sent);
  if (fault('create-drops-headers')) subscription.headers = [];
  if (sent.hmacEnabled === true) sign(subscription);
  if (!fault('create-stores-nothing')) store.subscriptions.set(subscription.webhookSubscriptionId, subscription);
  return created(subscription);
};

const created = ({ webhookSubscriptionId, hmacSecretKey }) => {
  if (fault('create-id-renamed')) return ok({ id: webhookSubscriptionId, hmacSecretKey });
  if (fault('create-secret-missing')) return ok({ webhookSubscriptionId });
  if (fault('create-secret-null')) return ok({ webhookSubscriptionId, hmacSecretKey: hmacSecretKey ?? null });
  if (fault('create-secret-without-prefix')) return ok({ webhookSubscriptionId, hmacSecretKey: hmacSecretKey?.slice(6) });
  const answer = ok({ webhookSubscriptionId, hmacSecretKey });
  return fault('create-is-201') ? { ...answer, status: 201 } : answer;
};

const checked = (body, isNew) => {
  const problems = [];
  if (fault('null-subscription-is-500') && body?.webhookSubscription === null) body.webhookSubscription.url.trim();
  checkSubscription(body, isNew, problems);
  if (problems.length > 0) throw validationFailed(problems);
  return body.webhookSubscription;
};

const read = (context) => ok(detailsOf(named(context, 'read-finds-other-stores')));

const update = (context) => {
  const subscription = named(context, 'update-reaches-other-stores');
  const sent = checked(context.body, false);
  if (fault('update-changes-nothing')) return noContent();
  setDestination(subscription, sent);
  if (fault('update-renews-creation-time')) subscription.createdAt = now() + 60;
  if (sent.hmacEnabled === true && !subscription.hmacEnabled) {
    sign(subscription);
    if (fault('update-hides-the-secret')) return noContent();
    return ok({ hmacSecretKey: subscription.hmacSecretKey });
  }
  const kept = sent.hmacEnabled === undefined && !fault('update-ends-signing');
  if (sent.hmacEnabled === false || subscription.queue !== undefined || !(kept || sent.hmacEnabled)) stopSigning(subscription);
  return fault('update-is-200') ? ok(detailsOf(subscription)) : noContent();
};

const remove = (context) => {
  if (fault('delete-is-idempotent') && !context.store.subscriptions.has(context.params.webhookSubscription)) return noContent();
  const subscription = named(context, 'delete-reaches-other-stores');
  if (fault('delete-keeps-it')) return noContent();
  if (fault('deleted-stays-in-list')) subscription.deleted = true;
  else for (const store of context.world.stores.values()) store.subscriptions.delete(subscription.webhookSubscriptionId);
  return fault('delete-is-200') ? ok({ success: true }) : noContent();
};

const rotate = (context) => {
  const subscription = named(context, 'rotate-reaches-other-stores');
  if (!subscription.hmacEnabled) {
    if (fault('rotate-signs-the-unsigned')) sign(subscription);
    else throw badRequest('HMAC is not enabled for this subscription. Set hmacEnabled to true first.');
  }
  const wait = (subscription.rotatedAt ?? -Infinity) + ROTATION_PAUSE - now();
  if (wait > 0 && !fault('rotate-without-limit')) throw tooManyRequests(wait);
  if (!fault('rotate-keeps-the-secret')) subscription.hmacSecretKey = newSecret();
  subscription.keyVersion += 1;
  subscription.rotatedAt = now();
  return ok({ hmacSecretKey: subscription.hmacSecretKey });
};

const ONE = '/api/{storeCode}/webhook/subscription/{webhookSubscription}';

export const subscriptions = {
  '/api/{storeCode}/webhook/subscription': {
    GET: { id: 'webhookSubscriptionGetList', handle: listSubscriptions },
    POST: { id: '_webhookSubscriptionPost', body: true, handle: create },
  },
  [ONE]: {
    GET: { id: 'webhookSubscriptionGet', handle: read },
    PUT: { id: '_webhookSubscriptionPut', body: true, handle: update },
    DELETE: { id: 'webhookSubscriptionDelete', handle: remove },
  },
  [`${ONE}/rotate-hmac-key`]: { POST: { id: 'webhookSubscriptionRotateHmacKey', handle: rotate } },
};
