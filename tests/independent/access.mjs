/** Who calls, and may they? */
import { authenticationRequired, forbidden, invalidToken } from './answers.mjs';
import { fault } from './faults.mjs';

const BEARER = /^Bearer +(\S+) *$/i;

/** Operations that forgot to ask, each behind its fault. */
const OPEN = {
  webhookEventGetList: 'event-list-needs-no-token',
  webhookSubscriptionRotateHmacKey: 'rotate-needs-no-token',
};

/** Operations that let members in, each behind its fault. */
const MEMBERS_TOO = {
  webhookSubscriptionGetList: 'member-may-list',
  webhookSubscriptionDelete: 'member-may-delete',
  _memberPost: 'member-may-add-members',
};

/** The user of the API key. Undefined where it is not one. */
const userOfKey = (world, request) => {
  const key = request.headers['x-auth-token'];
  return typeof key === 'string' && world.isApiKey(key) ? world.admin : undefined;
};

/** The user of a JWT. Throws the 401 of a bad one. */
const userOfToken = (world, token) => {
  const claims = world.tokens.claims(token);
  const user = world.users.get(claims?.id);
  if (user === undefined) throw invalidToken();
  return user;
};

const authenticated = (world, request) => {
  const match = BEARER.exec(request.headers.authorization ?? '');
  const keyed = userOfKey(world, request);
  if (match === null && keyed === undefined) throw authenticationRequired();
  if (match === null) return keyed;
  try {
    return userOfToken(world, match[1]);
  } catch (refused) {
    if (keyed !== undefined) return keyed;
    throw refused;
  }
};

/** The caller of an operation. Throws the 401 or 403 of one who may not call it. */
export const caller = (world, request, operationId) => {
  if (operationId in OPEN && fault(OPEN[operationId])) return world.admin;
  const user = authenticated(world, request);
  const membersToo = operationId in MEMBERS_TOO && fault(MEMBERS_TOO[operationId]);
  if (!user.roles.includes('ROLE_ADMIN') && !membersToo) throw forbidden();
  return user;
};
