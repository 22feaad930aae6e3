/** All that one server keeps: its stores, its users and their tokens. */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';

import { Tokens, now } from './tokens.mjs';

const digest = (text) => createHash('sha256').update(text).digest();

/** A tenant. */
class Store {
  constructor(code) {
    this.code = code;
    this.subscriptions = new Map();
    this.members = new Map();
    this.transactions = new Map();
  }

  /** The member who has an identifier; names and addresses are compared without regard to case, cards exactly. */
  memberBy(field, value) {
    const plain = (text) => (field === 'loyaltyCardNumber' || typeof text !== 'string' ? text : text.toLowerCase());
    if (typeof value !== 'string' || value === '') return undefined;
    return [...this.members.values()].find((member) => plain(member[field]) === plain(value));
  }
}

const user = (username, password, role, store) => ({
  id: randomUUID(),
  username,
  password: digest(password),
  roles: ['ROLE_USER', role],
  lastLoginAt: null,
  store,
});

export class World {
  constructor(options) {
    this.stores = new Map(options.stores.map((code) => [code, new Store(code)]));
    this.tokens = new Tokens(options.tokenTtl);
    this.apiKey = digest(options.admin.apiKey);
    this.admin = user(options.admin.username, options.admin.password, 'ROLE_ADMIN');
    this.users = new Map([[this.admin.id, this.admin]]);
    if (options.member !== undefined) this.#addAccount(options.member, options.stores[0]);
  }

  /** A member who can log in. */
  #addAccount({ username, password }, code) {
    const account = user(username, password, 'ROLE_PARTICIPANT', code);
    this.users.set(account.id, account);
    const store = this.stores.get(code);
    store.members.set(account.id, { customerId: account.id, email: `${username}@example.com`, registeredAt: now() });
  }

  /** The user with this name and password: an admin, or a member of the store. */
  userByPassword(username, password, store) {
    const named = [...this.users.values()].find((known) => known.store === store && this.#isNamed(known, username));
    const good = timingSafeEqual(digest(password), (named ?? this.admin).password);
    return named !== undefined && good ? named : undefined;
  }

  #isNamed(known, name) {
    if (known.username === name) return true;
    if (known.store === undefined) return false;
    const store = this.stores.get(known.store);
    return ['email', 'phone', 'loyaltyCardNumber'].some((field) => store.memberBy(field, name)?.customerId === known.id);
  }

  isApiKey(text) {
    return timingSafeEqual(digest(text), this.apiKey);
  }
}
