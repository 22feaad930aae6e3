/** Logging in, refreshing, logging out. */
import { badCredentials, noContent, ok, validationFailed } from '../answers.mjs';
import { fault } from '../faults.mjs';
import { now } from '../tokens.mjs';
import { object, text } from '../validation.mjs';

const check = (body, names) => {
  const problems = [];
  object(Object.fromEntries(names.map((name) => [name, text({ max: Infinity })])), { required: names })(body, '', problems);
  if (problems.length > 0) throw validationFailed(problems);
};

const logIn = ({ world, body, store }) => {
  if (fault('login-with-object-is-500') && typeof body?.username === 'object') body.username.trim();
  if (fault('missing-password-is-401') && typeof body?.password !== 'string') throw badCredentials();
  check(body, ['username', 'password']);
  const user = world.userByPassword(body.username, body.password, store?.code);
  if (user === undefined) throw refusedLogin(world, body);
  user.lastLoginAt = new Date(now() * 1000).toISOString();
  const issued = world.tokens.issue(user);
  return ok(fault('refresh-token-in-camel-case') ? { token: issued.token, refreshToken: issued.refresh_token } : issued);
};

const refusedLogin = (world, { username }) => {
  const refused = badCredentials();
  const tells = fault('login-tells-unknown-user') && ![...world.users.values()].some((user) => user.username === username);
  if (tells) refused.answer.body = { message: 'User not found.' };
  return refused;
};

const refresh = ({ world, body, store }) => {
  check(body, ['refresh_token']);
  const issued = world.tokens.renew(body.refresh_token, (user) => isOf(user, store));
  if (issued === undefined) throw badCredentials();
  return ok(issued);
};

/** Whether a refresh token of this user is good here: an admin's at the admins' operation, a member's in its store. */
const isOf = (user, store) => {
  if (fault('admin-refresh-token-for-members') && user.store === undefined) return true;
  if (fault('refresh-token-of-other-store') && store !== undefined && user.store !== undefined) return true;
  return user.store === store?.code;
};

const revoke = ({ world, user }) => {
  world.tokens.revoke(user);
  return noContent();
};

const open = { open: true, body: true };

export const authorization = {
  '/api/admin/login_check': { POST: { ...open, id: 'adminLoginCheck', handle: logIn } },
  '/api/token/refresh': { POST: { ...open, id: 'tokenRefresh', handle: refresh } },
  '/api/token/revoke': { GET: { id: 'userGetTokenRevoke', handle: revoke } },
  '/api/{storeCode}/member/login_check': { POST: { ...open, id: 'memberLoginCheck', handle: logIn } },
  '/api/{storeCode}/token/refresh': { POST: { ...open, id: 'tokenRefreshMember', handle: refresh } },
};
