/** Adding transactions. */
import { randomUUID } from 'node:crypto';

import { ok, validationFailed } from '../answers.mjs';
import { fault } from '../faults.mjs';
import { integer, list, number, object, problem, text } from '../validation.mjs';

const DAY = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])';
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?';
const OFFSET = '(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])';
const PURCHASED_AT = new RegExp(`^${DAY}([T ]${TIME}${OFFSET}?)?$`);
const MAX_ITEMS = 100;

const texts = (names) => Object.fromEntries(names.map((name) => [name, text()]));

const closed = (properties, required = []) => object(properties, { required, closed: !fault('transaction-takes-anything') });

const labels = () => list(closed(texts(['key', 'value']), fault('label-value-not-required') ? ['key'] : ['key', 'value']));

const grossValue = () => {
  if (!fault('gross-value-takes-text')) return number();
  return (value, path, problems) => void (/^-?[\d.]+$/.test(value) || number()(value, path, problems));
};

/** A line of the receipt: one of both quantities is needed. */
const item = () => {
  const required = ['name', 'category', 'grossValue', ...(fault('sku-not-required') ? [] : ['sku'])];
  const properties = closed(
    {
      ...texts(['sku', 'name', 'category', 'maker']),
      grossValue: grossValue(),
      quantity: integer(),
      highPrecisionQuantity: number({ places: fault('quantity-decimals-unchecked') ? undefined : 3 }),
      labels: labels(),
    },
    required,
  );
  return (value, path, problems) => {
    properties(value, path, problems);
    const lacks = value?.quantity === undefined && value?.highPrecisionQuantity === undefined;
    if (!lacks || typeof value !== 'object' || fault('quantity-not-required')) return;
    problems.push(problem('blank', `${path}.quantity`));
  };
};

const header = () =>
  closed(
    {
      ...texts(['documentNumber', 'linkedDocumentNumber', 'purchasePlace']),
      purchasedAt: fault('purchased-at-unchecked') ? text() : text({ max: Infinity, pattern: PURCHASED_AT, kind: 'dateTime' }),
      documentType: text({ choices: ['sell', 'return'] }),
      labels: labels(),
    },
    ['documentNumber', 'purchasedAt'],
  );

const transaction = () =>
  closed(
    {
      customerData: closed({
        ...texts(['customerId', 'email', 'loyaltyCardNumber', 'name', 'nip', 'phone']),
        address: closed(texts(['street', 'address1', 'address2', 'postal', 'city', 'province', 'country'])),
      }),
      items: list(item(), { max: MAX_ITEMS }),
      channelId: text({ format: 'uuid' }),
      header: header(),
    },
    ['items', 'header'],
  );

const checked = (body) => {
  const problems = [];
  closed({ transaction: transaction() }, ['transaction'])(body, '', problems);
  if (problems.length > 0) throw validationFailed(problems);
  return body.transaction;
};

/** The member whom the buyer's data names: the first hit decides. */
const buyer = (store, data = {}) =>
  store.members.get(data.customerId) ??
  ['loyaltyCardNumber', 'email', 'phone'].map((field) => store.memberBy(field, data[field])).find((found) => found !== undefined);

const add = ({ store, body, emit }) => {
  const sent = checked(body);
  const member = buyer(store, sent.customerData);
  const record = { ...sent, transactionId: randomUUID(), customerId: member?.customerId };
  store.transactions.set(record.transactionId, record);
  emit('TransactionRegistered', record);
  if (member !== undefined) emit('TransactionAssignedToCustomer', record, member);
  if (fault('transaction-id-repeats')) return ok({ transactionId: '0c6f2b1e-8a3d-4c57-9e21-5d4b7f8a9c30' });
  return ok({ transactionId: record.transactionId });
};

export const transactions = {
  '/api/{storeCode}/transaction': { POST: { id: '_transactionPost', body: true, handle: add } },
};
