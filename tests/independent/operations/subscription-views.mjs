/** What of a subscription is shown. */
import { formatCreation } from '../dates.mjs';
import { fault } from '../faults.mjs';

/** Faults of both views: the list's row and the details. */
const VIEW_FAULTS = {
  'legacy-as-integer': (view) => ({ ...view, legacy: Number(view.legacy) }),
  'hmac-flag-as-text': (view) => ({ ...view, hmacEnabled: String(view.hmacEnabled) }),
  'url-lower-cased': (view) => ({ ...view, url: view.url.toLowerCase() }),
  'destination-type-null': (view) => ({ ...view, destinationType: view.destinationType === 'rest' ? null : 'queue' }),
};

const ROW_FAULTS = {
  'row-without-creation-time': ({ createdAt, ...view }) => view,
  'row-event-name-in-snake-case': ({ eventName, ...view }) => ({ ...view, event_name: eventName }),
  'row-id-is-wrapped': (view) => ({ ...view, webhookSubscriptionId: { webhookSubscriptionId: view.webhookSubscriptionId } }),
  'row-single-header-is-empty-text': ({ headerName, headerValue, ...view }) => ({
    ...view,
    headerName: headerName ?? '',
    headerValue: headerValue ?? '',
  }),
};

const DETAIL_FAULTS = {
  'details-without-hmac-flag': ({ hmacEnabled, ...view }) => view,
  'details-headers-null-if-none': (view) => ({ ...view, headers: view.headers.length === 0 ? null : view.headers }),
  'details-headers-as-map': (view) => ({
    ...view,
    headers: Object.fromEntries(view.headers.map(({ headerName, headerValue }) => [headerName, headerValue])),
  }),
  'details-header-value-missing': (view) => ({ ...view, headers: view.headers.map(({ headerName }) => ({ headerName })) }),
  'details-header-keys-renamed': (view) => ({
    ...view,
    headers: view.headers.map(({ headerName, headerValue }) => ({ name: headerName, value: headerValue })),
  }),
};

const SECRET_FAULTS = {
  'details-show-the-secret': (view, { hmacSecretKey }) => ({ ...view, hmacSecretKey }),
  'details-show-queue-keys': (view, { queue }) => ({ ...view, queueKey: queue?.key, queueSecretKey: queue?.secret }),
};

/** The view as the planted fault has it, if it is one of these. */
const distorted = (view, faults, subscription) => {
  const planted = Object.keys(faults).find((name) => fault(name));
  return planted === undefined ? view : faults[planted](view, subscription);
};

const viewOf = (subscription) => ({
  webhookSubscriptionId: subscription.webhookSubscriptionId,
  eventName: subscription.eventName,
  url: subscription.url,
  headerName: subscription.headerName,
  headerValue: subscription.headerValue,
  legacy: false,
  createdAt: formatCreation(subscription.createdAt),
  destinationType: subscription.destinationType,
  hmacEnabled: subscription.hmacEnabled,
});

export const rowOf = (subscription) => distorted(viewOf(subscription), { ...VIEW_FAULTS, ...ROW_FAULTS });

export const detailsOf = (subscription) => {
  const view = { ...viewOf(subscription), headers: subscription.headers };
  return distorted(view, { ...VIEW_FAULTS, ...DETAIL_FAULTS, ...SECRET_FAULTS }, subscription);
};
