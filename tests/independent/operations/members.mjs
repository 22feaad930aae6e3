/** Adding members. */
import { randomUUID } from 'node:crypto';

import { ok, validationFailed } from '../answers.mjs';
import { parseDateTime } from '../dates.mjs';
import { fault } from '../faults.mjs';
import { now } from '../tokens.mjs';
import { bool, list, object, problem, text } from '../validation.mjs';

const COUNTRY = /^[A-Z]{2}$/;
const IDENTIFIERS = ['email', 'phone', 'loyaltyCardNumber'];

const texts = (names) => Object.fromEntries(names.map((name) => [name, text()]));

const address = () => {
  const country = fault('country-unchecked') ? text() : text({ max: Infinity, pattern: COUNTRY });
  return object({ ...texts(['street', 'address1', 'address2', 'postal', 'city', 'province']), country });
};

const card = () => {
  if (!fault('card-number-takes-numbers')) return text();
  return (value, path, problems) => void (typeof value === 'number' || text()(value, path, problems));
};

const customField = () =>
  object({ customFieldSchemaId: text({ format: 'uuid' }), value: text() }, { required: ['customFieldSchemaId', 'value'] });

const customer = () =>
  object(
    {
      referrerToken: text({ nullable: true }),
      ...texts(['firstName', 'lastName', 'phone']),
      email: fault('email-form-unchecked') ? text() : text({ format: 'email' }),
      gender: fault('gender-unchecked') ? text() : text({ choices: ['male', 'female', 'not_disclosed'] }),
      loyaltyCardNumber: card(),
      birthDate: fault('birth-date-unchecked') ? text() : text({ format: 'date' }),
      createdAt: text({ format: 'dateTime' }),
      registeredAt: text({ format: 'dateTime' }),
      address: address(),
      company: object(texts(['name', 'nip'])),
      labels: list(object(texts(['key', 'value']))),
      agreement1: bool(),
      agreement2: bool(),
      agreement3: bool(),
      levelId: text({ format: 'uuid', nullable: true }),
      channelId: text({ format: 'uuid' }),
      customFieldsData: list(customField(), { nullable: true }),
    },
    { required: ['email'] },
  );

/** Adds the identifiers that somebody else in the store has. */
const checkTaken = (store, sent, problems) => {
  for (const field of IDENTIFIERS) {
    if (fault('taken-email-accepted') && field === 'email') continue;
    if (fault('taken-card-number-accepted') && field === 'loyaltyCardNumber') continue;
    const other = store.memberBy(field, sent[field]);
    if (other === undefined) continue;
    if (fault('taken-email-is-500') && field === 'email') throw new Error('duplicate key value violates unique constraint');
    if (fault('email-case-matters') && field === 'email' && other.email !== sent.email) continue;
    problems.push(problem('taken', `customer.${field}`));
  }
};

const checked = (store, body) => {
  const problems = [];
  if (fault('missing-customer-is-500')) body.customer.email.trim();
  object({ customer: customer() }, { required: ['customer'] })(body, '', problems);
  if (problems.length === 0) checkTaken(store, body.customer, problems);
  if (problems.length > 0) throw validationFailed(problems);
  return body.customer;
};

/** Seconds since 1970. */
const registration = ({ registeredAt, createdAt }) => {
  const sent = registeredAt ?? createdAt;
  if (sent === undefined) return now();
  const at = parseDateTime(sent).seconds;
  if (fault('ancient-date-is-500') && at < 0) throw new RangeError('Invalid time value');
  return at;
};

const register = ({ store, body, emit }) => {
  const sent = checked(store, body);
  const member = {
    ...sent,
    customerId: randomUUID(),
    referralToken: randomUUID().slice(0, 6).toUpperCase(),
    registeredAt: registration(sent),
  };
  store.members.set(member.customerId, member);
  emit('CustomerRegistered', member);
  if (fault('member-without-email')) return ok({ customerId: member.customerId });
  if (fault('member-id-as-integer')) return ok({ customerId: store.members.size, email: sent.email });
  return ok({ customerId: member.customerId, email: sent.email });
};

export const members = {
  '/api/{storeCode}/member': { POST: { id: '_memberPost', body: true, handle: register } },
};
