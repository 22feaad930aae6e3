/** JWTs of one server, and its refresh tokens. */
import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';

import { expiredToken, invalidToken } from './answers.mjs';
import { fault } from './faults.mjs';

const REFRESH_TTL = 30 * 86_400; // seconds

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The JSON of one part, which has one spelling only. Throws where it is none. */
const decode = (part) => {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new SyntaxError('not base64url');
  return JSON.parse(bytes.toString('utf8'));
};

export const now = () => Math.floor(Date.now() / 1000);

export class Tokens {
  /** @param {number} ttl seconds that a JWT is good for */
  constructor(ttl) {
    this.ttl = ttl;
    this.keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.refreshTokens = new Map();
  }

  /** What a login and a refresh hand out. */
  issue(user) {
    const iat = now();
    const exp = iat + this.ttl;
    const claims = { iat, exp, roles: user.roles, username: user.username, id: user.id, lastLoginAt: user.lastLoginAt };
    if (fault('token-without-expiry')) delete claims.exp;
    const token = fault('token-is-opaque') ? randomBytes(32).toString('hex') : this.#signed(claims);
    if (fault('token-is-opaque')) this.opaque = (this.opaque ?? new Map()).set(token, claims);
    return { token, refresh_token: this.#refreshToken(user) };
  }

  #signed(claims) {
    const text = `${encode({ typ: 'JWT', alg: 'RS256' })}.${encode(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), this.keys.privateKey).toString('base64url')}`;
  }

  #refreshToken(user) {
    const value = randomBytes(64).toString('hex');
    this.refreshTokens.set(value, { user, expires: now() + REFRESH_TTL });
    return value;
  }

  /** The claims of a good JWT. Throws the 401 of a bad one. */
  claims(token) {
    const opaque = this.opaque?.get(token);
    if (opaque !== undefined) return opaque;
    const claims = this.#verified(token);
    if (claims.exp !== undefined && !(claims.exp > now()) && !fault('expired-token-accepted')) throw expiredToken();
    return claims;
  }

  #verified(token) {
    try {
      const [header, payload, signature, ...rest] = token.split('.');
      const { alg } = decode(header);
      if (alg === 'none' && fault('alg-none-accepted')) return decode(payload);
      if (fault('signature-unchecked')) return decode(payload);
      if (alg !== 'RS256' || rest.length > 0 || !this.#isSigned(`${header}.${payload}`, signature)) throw invalidToken();
      return decode(payload);
    } catch {
      throw invalidToken();
    }
  }

  #isSigned(text, signature) {
    const bytes = Buffer.from(signature, 'base64url');
    return bytes.toString('base64url') === signature && verify('sha256', Buffer.from(text), this.keys.publicKey, bytes);
  }

  /** The user of a refresh token that `accepts` them, which is used up by it; undefined where there is none. */
  spend(value, accepts) {
    const known = this.refreshTokens.get(value);
    if (known === undefined || known.expires <= now() || !accepts(known.user)) return undefined;
    if (!fault('refresh-token-works-twice')) this.refreshTokens.delete(value);
    return known.user;
  }

  /** As `spend` and `issue`; undefined where the refresh token isn't good. */
  renew(value, accepts) {
    const user = this.spend(value, accepts);
    if (user === undefined) return undefined;
    const issued = this.issue(user);
    if (!fault('refresh-token-not-rotated')) return issued;
    this.refreshTokens.set(value, { user, expires: now() + REFRESH_TTL });
    return { ...issued, refresh_token: value };
  }

  /** Ends all refresh tokens of a user. */
  revoke(user) {
    if (fault('revoke-keeps-refresh-tokens')) return;
    for (const [value, known] of this.refreshTokens) if (known.user.id === user.id) this.refreshTokens.delete(value);
  }
}
