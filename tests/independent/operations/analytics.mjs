/** Figures about members. */
import { ok } from '../answers.mjs';
import { fault } from '../faults.mjs';
import { readQuery, readers } from '../query.mjs';
import { now } from '../tokens.mjs';

const DAY = 86_400; // seconds
const SPANS = [1, 7, 30, 365];

const withTransaction = (text) => (text === '' ? null : readers.bool(text));

const membersOf = (store, wanted) => {
  const members = [...store.members.values()];
  if (wanted === null || fault('figures-ignore-the-filter')) return members;
  const buyers = new Set([...store.transactions.values()].map(({ customerId }) => customerId));
  return members.filter(({ customerId }) => buyers.has(customerId) === wanted);
};

const spansOf = (members, at) => {
  const ages = members.map(({ registeredAt }) => at - registeredAt).filter((age) => age >= 0);
  let counted = 0;
  return SPANS.map((days) => {
    const within = ages.filter((age) => age <= days * DAY).length;
    const shown = fault('figures-leave-out-shorter-spans') ? within - counted : within;
    counted = within;
    return [`in_${days}_days`, shown];
  });
};

const stats = ({ store, search }) => {
  const members = membersOf(store, readQuery(search, { withTransaction }).withTransaction ?? null);
  const spans = Object.fromEntries(spansOf(members, now()));
  const total = fault('figures-total-as-text') ? String(members.length) : members.length;
  const remembered = fault('figures-are-cached') && (store.figures ??= { intervals: [spans], total });
  return ok(remembered || { intervals: fault('figures-without-list') ? spans : [spans], total });
};

export const analytics = {
  '/api/{storeCode}/analytics/members': { GET: { id: 'membersStatsGet', handle: stats } },
};
