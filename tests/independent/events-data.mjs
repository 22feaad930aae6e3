/** The `data` of the events that this server sends. */
import { formatMoment } from './dates.mjs';

const MIDNIGHT = 'T00:00:00+00:00';

const pairs = (labels = []) => labels.map(({ key = '', value = null }) => ({ key, value }));

const addressOf = (sent) => {
  if (sent === undefined) return null;
  const names = ['street', 'address1', 'address2', 'postal', 'city', 'province', 'country'];
  return Object.fromEntries(names.map((name) => [name, sent[name] ?? null]));
};

const companyOf = (sent) => (sent === undefined ? null : { name: sent.name ?? null, nip: sent.nip ?? null });

export const customerRegistered = (member) => ({
  customerId: member.customerId,
  customerData: {
    referralToken: member.referralToken,
    firstName: member.firstName ?? null,
    lastName: member.lastName ?? null,
    email: member.email,
    phone: member.phone ?? null,
    gender: member.gender ?? 'not_disclosed',
    birthDate: member.birthDate === undefined ? null : `${member.birthDate}${MIDNIGHT}`,
    registeredAt: formatMoment(member.registeredAt) ?? `0000-01-01${MIDNIGHT}`,
    address: addressOf(member.address),
    company: companyOf(member.company),
    loyaltyCardNumber: member.loyaltyCardNumber ?? null,
    customAttributes: pairs(member.labels),
    agreement1: member.agreement1 ?? false,
    agreement2: member.agreement2 ?? false,
    agreement3: member.agreement3 ?? false,
  },
});

/** A date and time in full: what is left out is midnight, and UTC. */
const inFull = (purchasedAt) => {
  const [, date, time = '00:00', seconds = ':00', offset = 'Z'] =
    /^(.{10})(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?$/.exec(purchasedAt) ?? [];
  const at = new Date(`${date}T${time}${seconds}${offset}`).getTime();
  return Number.isNaN(at) ? `${date}${MIDNIGHT}` : formatMoment(at / 1000) ?? `${date}${MIDNIGHT}`;
};

const buyerOf = (sent) => {
  if (sent === undefined) return null;
  const names = ['email', 'name', 'nip', 'phone', 'loyaltyCardNumber'];
  return { ...Object.fromEntries(names.map((name) => [name, sent[name] ?? null])), address: addressOf(sent.address) };
};

const lineOf = ({ sku, name, quantity, highPrecisionQuantity, grossValue, category, maker, labels }) => ({
  sku: { code: sku },
  name,
  quantity: quantity ?? (Number.isInteger(highPrecisionQuantity) ? highPrecisionQuantity : null),
  grossValue,
  category,
  maker: maker ?? null,
  labels: pairs(labels),
});

export const transactionRegistered = ({ transactionId, header, customerData, items, channelId }) => ({
  transactionId,
  documentNumber: header.documentNumber,
  purchasedAt: inFull(header.purchasedAt),
  documentType: header.documentType ?? 'sell',
  customerData: buyerOf(customerData),
  items: items.map(lineOf),
  channelId: channelId ?? null,
});

export const transactionAssigned = ({ transactionId, items }, member) => ({
  transactionId,
  grossValue: items.reduce((sum, { grossValue }) => sum + grossValue, 0),
  customer: {
    customerId: member.customerId,
    email: member.email,
    phone: member.phone ?? null,
    loyaltyCardNumber: member.loyaltyCardNumber ?? null,
  },
});
