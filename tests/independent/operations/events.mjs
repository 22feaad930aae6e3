/** The names of events. */
import { ok } from '../answers.mjs';
import { fault } from '../faults.mjs';

export const EVENTS = [
  'CustomerRegistered',
  'CustomerWasRegisteredWithoutActivation',
  'CustomerUpdated',
  'CustomerRequestedSendActivationCode',
  'CustomerRequestedPasswordReset',
  'CustomerPhoneNumberWasChanged',
  'CustomerEmailWasChanged',
  'CustomerDeactivated',
  'CustomerLevelChanged',
  'LevelWillExpire',
  'TransactionRegistered',
  'TransactionAssignedToCustomer',
  'AvailablePointsAmountChanged',
  'WalletBalanceUpdated',
  'UnitsTransferWasAdded',
  'PointsWillExpire',
  'CustomerBoughtReward',
  'RewardRedemptionStatusChanged',
  'CouponWillExpire',
  'RewardCreated',
  'RewardUpdated',
  'CampaignEffectWasApplied',
  'CampaignCreated',
  'CampaignUpdated',
  'MemberAchievementProgressWasChanged',
  'AchievementsWereProcessed',
  'AchievementCreated',
  'AchievementUpdated',
  'SegmentMembershipDropped',
];

const listEvents = () => {
  if (fault('event-list-of-objects')) return ok({ items: EVENTS.map((name) => ({ name })) });
  if (fault('event-list-bare-array')) return ok(EVENTS);
  if (fault('event-list-names-one-twice')) return ok({ items: [...EVENTS, EVENTS[0]] });
  return ok({ items: EVENTS });
};

export const events = {
  '/api/{storeCode}/webhook/event': { GET: { id: 'webhookEventGetList', handle: listEvents } },
};
