/**
 * The faults that can be planted, one at a time: what each does, and at which operations it may be seen.
 * The server asks `fault('name')` at the places.
 */
const ADMIN_LOGIN = 'adminLoginCheck';
const MEMBER_LOGIN = 'memberLoginCheck';
const REFRESH = 'tokenRefresh';
const MEMBER_REFRESH = 'tokenRefreshMember';
const REVOKE = 'userGetTokenRevoke';
const EVENTS = 'webhookEventGetList';
const LIST = 'webhookSubscriptionGetList';
const CREATE = '_webhookSubscriptionPost';
const READ = 'webhookSubscriptionGet';
const UPDATE = '_webhookSubscriptionPut';
const DELETE = 'webhookSubscriptionDelete';
const ROTATE = 'webhookSubscriptionRotateHmacKey';
const STATS = 'membersStatsGet';
const MEMBER = '_memberPost';
const TRANSACTION = '_transactionPost';

const LOGINS = [ADMIN_LOGIN, MEMBER_LOGIN];
const REFRESHES = [REFRESH, MEMBER_REFRESH];
const OPEN = [...LOGINS, ...REFRESHES];
const ONE = [READ, UPDATE, DELETE, ROTATE];
const BODIES = [CREATE, UPDATE, MEMBER, TRANSACTION];
const GUARDED = [EVENTS, LIST, CREATE, ...ONE, STATS, MEMBER, TRANSACTION, REVOKE];
const IN_STORE = [MEMBER_LOGIN, MEMBER_REFRESH, EVENTS, LIST, CREATE, ...ONE, STATS, MEMBER, TRANSACTION];
const ALL = [...OPEN, ...GUARDED];

/** @type {Record<string, [string, string[]]>} */
const TABLE = {
  // fields of answers
  'create-id-renamed': ['the new id is called id', [CREATE]],
  'create-secret-missing': ['the secret of a signed subscription is never shown', [CREATE]],
  'create-secret-null': ['the secret of an unsigned subscription is null', [CREATE]],
  'create-secret-without-prefix': ['the secret has no whsec_', [CREATE]],
  'row-without-creation-time': ['rows have no createdAt', [LIST]],
  'row-event-name-in-snake-case': ['rows say event_name', [LIST]],
  'row-id-is-wrapped': ['the id of a row is an object', [LIST]],
  'row-single-header-is-empty-text': ['an absent single header is an empty text in rows, and null in details', [LIST, READ]],
  'details-without-hmac-flag': ['details have no hmacEnabled', [READ]],
  'details-headers-null-if-none': ['no headers are null', [READ]],
  'details-headers-as-map': ['headers are an object from name to value', [READ]],
  'details-header-value-missing': ['headers are shown without their values', [READ, CREATE, UPDATE]],
  'details-header-keys-renamed': ['headers say name and value', [READ, CREATE, UPDATE]],
  'legacy-as-integer': ['legacy is 0', [LIST, READ]],
  'hmac-flag-as-text': ['hmacEnabled is "true" or "false"', [LIST, READ]],
  'url-lower-cased': ['urls are shown in lower case', [LIST, READ, CREATE, UPDATE]],
  'destination-type-null': ['destinationType is null unless it is a queue', [LIST, READ]],
  'event-list-of-objects': ['events are objects with a name', [EVENTS]],
  'event-list-bare-array': ['the event list is an array', [EVENTS]],
  'event-list-names-one-twice': ['one event is listed twice', [EVENTS]],
  'figures-total-as-text': ['the number of members is a text', [STATS]],
  'figures-without-list': ['intervals are an object, not a list of one', [STATS]],
  'member-without-email': ['a new member is shown without the e-mail address', [MEMBER]],
  'member-id-as-integer': ['the id of a new member is a number', [MEMBER]],
  'refresh-token-in-camel-case': ['logins say refreshToken', LOGINS],
  'total-as-text': ['total.all is a text', [LIST]],
  'total-estimated-null': ['total.estimated is null', [LIST]],
  'total-missing': ['lists have no total', [LIST]],
  'unauthorized-message-renamed': ['a 401 says error in place of message', GUARDED],
  // dates
  'created-at-without-offset': ['createdAt has no offset', [LIST, READ]],
  'created-at-with-space': ['createdAt is as databases write it', [LIST, READ]],
  'created-at-epoch': ['createdAt is a number of seconds', [LIST, READ]],
  'created-at-zero-date': ['createdAt is 0000-00-00', [LIST, READ]],
  'created-at-month-off-by-one': ['createdAt is a month early', [LIST, READ, CREATE]],
  'created-at-local-time': ['createdAt is local time, two hours ahead, and says +00:00', [LIST, READ, CREATE]],
  'update-renews-creation-time': ['an update changes createdAt', [UPDATE, READ, LIST]],
  // statuses, media types, bodies as a whole
  'create-is-201': ['creating answers 201', [CREATE]],
  'delete-is-200': ['deleting answers 200 with a body', [DELETE]],
  'update-is-200': ['updating answers 200 with the subscription', [UPDATE]],
  'bad-login-is-403': ['a wrong password or refresh token is a 403', OPEN],
  'missing-password-is-401': ['a login without a password is a 401', LOGINS],
  'forbidden-is-401': ['a member is answered 401 where 403 is right', GUARDED],
  'validation-is-422': ['what does not fit is a 422', ALL],
  'problem-path-missing': ['problems have no path', ALL],
  'problems-by-field': ['problems are an object by field', ALL],
  'problems-not-told': ['a refusal lists no problem', ALL],
  'wrong-method-is-404': ['a method that a path does not have is a 404', ALL],
  'allow-missing': ['a 405 has no Allow', ALL],
  'allow-incomplete': ['Allow names the first method only', ALL],
  'html-404': ['what is not found is a page in HTML', ALL],
  'login-page-redirect': ['without a credential one is sent to a login page', GUARDED],
  'json-as-html': ['JSON is declared as HTML', ALL],
  'errors-as-problem-json': ['errors are declared as application/problem+json', ALL],
  'list-breaks-off': ['long answers to GET end in the middle', [LIST, EVENTS]],
  'list-is-slow': ['the list takes 12 seconds', [LIST]],
  // validation
  'event-name-unchecked': ['any event name is taken', [CREATE]],
  'url-form-unchecked': ['a url may be any text', [CREATE, UPDATE]],
  'url-length-unchecked': ['a url may have any length', [CREATE, UPDATE]],
  'header-value-unchecked': ['the value of a header may be any text', [CREATE, UPDATE]],
  'hmac-enabled-takes-text': ['hmacEnabled may be "true", "false", 0 or 1', [CREATE, UPDATE]],
  'queue-keys-not-required': ['a queue needs no keys', [CREATE, UPDATE]],
  'unknown-property-accepted': ['unknown properties of a subscription are ignored', [CREATE, UPDATE]],
  'email-form-unchecked': ['an e-mail address may be any text', [MEMBER]],
  'birth-date-unchecked': ['a date of birth may be any text', [MEMBER]],
  'gender-unchecked': ['a gender may be any text', [MEMBER]],
  'country-unchecked': ['a country may be any text', [MEMBER]],
  'card-number-takes-numbers': ['a card number may be a number', [MEMBER]],
  'sku-not-required': ['an item needs no sku', [TRANSACTION]],
  'quantity-not-required': ['an item needs no quantity', [TRANSACTION]],
  'quantity-decimals-unchecked': ['quantities may have any number of decimals', [TRANSACTION]],
  'gross-value-takes-text': ['grossValue may be a text of digits', [TRANSACTION]],
  'label-value-not-required': ['a label of a transaction needs no value', [TRANSACTION]],
  'purchased-at-unchecked': ['purchasedAt may be any text', [TRANSACTION]],
  'transaction-takes-anything': ['unknown properties of a transaction are ignored', [TRANSACTION]],
  'media-type-unchecked': ['a body is read whatever it is declared as', [...OPEN, ...BODIES]],
  'huge-body-accepted': ['a body may have any size', [...OPEN, ...BODIES]],
  'bad-json-is-empty': ['a body that is no JSON counts as an empty object', [...OPEN, ...BODIES]],
  'nan-accepted': ['NaN counts as 0', [...OPEN, ...BODIES]],
  // crashes
  'stack-trace-on-bad-json': ['a body that is no JSON is a 500 with a stack trace', [...OPEN, ...BODIES]],
  'null-subscription-is-500': ['null in place of a subscription is a 500', [CREATE, UPDATE]],
  'missing-customer-is-500': ['a body without customer or e-mail address is a 500', [MEMBER]],
  'login-with-object-is-500': ['a user name that is an object is a 500', LOGINS],
  'huge-number-is-500': ['a number such as 1e400 is a 500', [...OPEN, ...BODIES]],
  'lone-surrogate-is-500': ['half of a surrogate pair is a 500', [...OPEN, ...BODIES]],
  'null-byte-is-500': ['a null byte in a text is a 500', [...OPEN, ...BODIES]],
  'deep-nesting-is-500': ['a body that is nested deeply is a 500', [...OPEN, ...BODIES]],
  'huge-body-is-500': ['a body over the limit is a 500', [...OPEN, ...BODIES]],
  'huge-page-is-500': ['a page far beyond the end is a 500', [LIST]],
  'ancient-date-is-500': ['a registration before 1970 is a 500', [MEMBER]],
  'malformed-id-is-500': ['an id that is no UUID is a 500', ONE],
  'taken-email-is-500': ['an e-mail address that is taken is a 500', [MEMBER]],
  // lists
  'page-counted-from-zero': ['page 1 is the second page', [LIST]],
  'page-overlaps-by-one': ['the last row of a page is the first of the next, too', [LIST]],
  'page-past-end-is-last-page': ['a page past the end shows the last rows', [LIST]],
  'items-on-page-ignored': ['a page always has ten rows', [LIST]],
  'items-on-page-clamped': ['more than fifty rows are taken for fifty', [LIST]],
  'total-counts-the-page': ['total.filtered counts the rows of the page', [LIST]],
  'total-all-counts-filtered': ['total.all counts the rows that pass', [LIST]],
  'total-counts-other-stores': ['total.all counts the rows of all stores', [LIST]],
  'filter-event-name-ignored': ['eventName=… filters nothing', [LIST]],
  'filter-like-case-sensitive': ['like looks at case', [LIST]],
  'filter-like-is-prefix': ['like finds beginnings only', [LIST]],
  'filter-lte-excludes-equal': ['lte is lt', [LIST]],
  'filter-date-unchecked': ['a filter by a date that is none is taken for 1970', [LIST]],
  'filters-combined-by-or': ['of several filters one has to hold', [LIST]],
  'order-ignored': ['sorting does nothing', [LIST]],
  'order-reversed': ['asc is desc, and desc is asc', [LIST]],
  'order-within-the-page': ['a list is cut into pages, then sorted', [LIST]],
  'second-order-key-ignored': ['only the first sort key counts', [LIST]],
  'order-direction-unchecked': ['any direction that is not desc is asc', [LIST]],
  'unknown-order-field-accepted': ['fields that are not sortable are taken', [LIST]],
  'unknown-query-accepted': ['unknown query parameters are ignored', [LIST, STATS]],
  'list-lags-behind': ['a new subscription is listed after four seconds', [LIST, CREATE]],
  // stores
  'list-shows-other-stores': ['the list has the rows of all stores', [LIST, CREATE]],
  'read-finds-other-stores': ["another store's subscription can be read", [READ]],
  'update-reaches-other-stores': ["another store's subscription can be updated", [UPDATE]],
  'delete-reaches-other-stores': ["another store's subscription can be deleted", [DELETE]],
  'rotate-reaches-other-stores': ["another store's key can be rotated", [ROTATE]],
  'unknown-store-is-default': ['a store that does not exist is the default one', IN_STORE],
  'store-case-ignored': ['the case of a store code does not matter', IN_STORE],
  // credentials
  'event-list-needs-no-token': ['the event list needs no credential', [EVENTS]],
  'rotate-needs-no-token': ['rotating a key needs no credential', [ROTATE]],
  'member-may-list': ['a member may list subscriptions', [LIST]],
  'member-may-delete': ['a member may delete subscriptions', [DELETE]],
  'member-may-add-members': ['a member may add members', [MEMBER]],
  'expired-token-accepted': ['an expired JWT is accepted', GUARDED],
  'alg-none-accepted': ['a JWT with alg none is accepted', GUARDED],
  'signature-unchecked': ['the signature of a JWT is not checked', GUARDED],
  'token-without-expiry': ['a JWT never expires', [...OPEN]],
  'token-is-opaque': ['a token is no JWT', [...OPEN]],
  'refresh-token-works-twice': ['a refresh token that was used still works', REFRESHES],
  'refresh-token-not-rotated': ['a refresh answers the refresh token that was sent', REFRESHES],
  'refresh-token-of-other-store': ["a member's refresh token works in another store", [MEMBER_REFRESH]],
  'admin-refresh-token-for-members': ["an admin's refresh token works for members", [MEMBER_REFRESH]],
  'revoke-keeps-refresh-tokens': ['logging out ends no refresh token', [REVOKE]],
  'login-tells-unknown-user': ['a login with an unknown name says so', LOGINS],
  // records
  'create-stores-nothing': ['a new subscription cannot be read', [CREATE, READ, LIST]],
  'create-drops-headers': ['the headers of a new subscription are lost', [CREATE, READ]],
  'update-changes-nothing': ['an update changes nothing', [UPDATE, READ]],
  'update-keeps-headers': ['headers that an update leaves out stay', [UPDATE, READ]],
  'update-ends-signing': ['an update without hmacEnabled ends signing', [UPDATE, READ]],
  'update-hides-the-secret': ['an update that issues a secret answers 204', [UPDATE]],
  'delete-keeps-it': ['deleting deletes nothing', [DELETE, READ, LIST]],
  'deleted-stays-in-list': ['what was deleted is still listed', [DELETE, LIST]],
  'delete-is-idempotent': ['deleting what is not there is a 204', [DELETE]],
  'id-case-ignored': ['an id in capitals is found', ONE],
  'rotate-keeps-the-secret': ['rotating answers the old secret', [ROTATE]],
  'rotate-without-limit': ['a key can be rotated again at once', [ROTATE]],
  'rotate-limit-without-retry-after': ['the 429 of a rotation has no Retry-After', [ROTATE]],
  'rotate-signs-the-unsigned': ['rotating the key of an unsigned subscription issues one', [ROTATE]],
  'details-show-the-secret': ['details show the signing secret', [READ]],
  'details-show-queue-keys': ['details show the keys of a queue', [READ]],
  'taken-email-accepted': ['an e-mail address may be taken twice', [MEMBER]],
  'taken-card-number-accepted': ['a card number may be taken twice', [MEMBER]],
  'email-case-matters': ['an e-mail address in other case is another one', [MEMBER]],
  'transaction-id-repeats': ['every transaction has the same id', [TRANSACTION]],
  'figures-are-cached': ['figures are those of the first call', [STATS]],
  'figures-ignore-the-filter': ['withTransaction does nothing', [STATS]],
  'figures-leave-out-shorter-spans': ['each span counts only what the shorter ones do not', [STATS]],
  // deliveries, which no caller of the API sees
  'signed-with-decoded-key': ['deliveries are signed with the bytes that the key spells', []],
  'delivered-once-only': ['a failed delivery is not repeated', []],
};

export const FAULTS = Object.entries(TABLE).map(([name, [what, operations]]) => ({ name, what, operations }));

let planted;

/** Plants a fault. Throws an Error with one line where there is none of this name. */
export const plant = (name) => {
  if (!Object.hasOwn(TABLE, name)) throw new Error(`there is no fault ${name}; --list-faults shows them`);
  planted = name;
};

/** Whether this fault is planted. */
export const fault = (name) => name === planted;
