/** The calls of Open Loyalty that the app makes. Knows no page, so that it can be tested without a browser. */
import type { Config } from "./config";

export interface Tokens {
  token: string;
  refresh_token: string;
}

/** Where tokens are kept; null: nobody is logged in. */
export interface TokenStore {
  load(): Tokens | null;
  save(tokens: Tokens | null): void;
}

export interface Subscription {
  webhookSubscriptionId: string;
  eventName: string;
  url: string;
  createdAt: string;
  hmacEnabled: boolean;
}

export interface Page<Item> {
  items: Item[];
  total: { all: number; filtered: number };
}

/** What the API doesn't accept: `path` is that of the property in the body that was sent. */
export interface Problem {
  path: string;
  message: string;
}

/** A call that failed, in words for whoever sits in front of the page. */
export class ApiError extends Error {
  /** Status of the answer; 0: there was none. */
  status = 0;
  problems: Problem[] = [];
  /** Seconds until the next try makes sense. */
  retryAfter = 0;
  /** Whether the server may have done all the same what it was asked for. */
  uncertain = false;

  constructor(message: string, more: Partial<Omit<ApiError, "message">> = {}) {
    super(message);
    Object.assign(this, more);
  }
}

/** Nobody is logged in any more: the refresh token has expired, or was used up. */
export class SessionOver extends ApiError {}

interface Answer {
  response: Response;
  text: string;
}

export class Api {
  #config: Config;
  #tokens: TokenStore;
  #renewal: Promise<void> | null = null;

  constructor(config: Config, tokens: TokenStore) {
    this.#config = config;
    this.#tokens = tokens;
  }

  async logIn(username: string, password: string): Promise<void> {
    const answer = await this.#send("POST", "/api/admin/login_check", { username, password });
    this.#tokens.save(read<Tokens>(answer));
  }

  /** Ends the session here in any case, and at the server if it can be reached. */
  async logOut(): Promise<void> {
    const token = this.#tokens.load()?.token;
    this.#tokens.save(null);
    await this.#send("GET", "/api/token/revoke", undefined, token);
  }

  async events(): Promise<string[]> {
    return (await this.#call<{ items: string[] }>("GET", "/webhook/event")).items;
  }

  subscriptions(query: Record<string, string>): Promise<Page<Subscription>> {
    const given = Object.entries(query).filter(([, value]) => value !== "");
    return this.#call("GET", `/webhook/subscription?${new URLSearchParams(given)}`);
  }

  /** Subscribes; the secret is in this answer only, and only if deliveries are signed. */
  subscribe(body: unknown): Promise<{ webhookSubscriptionId: string; hmacSecretKey?: string }> {
    return this.#call("POST", "/webhook/subscription", body);
  }

  unsubscribe(id: string): Promise<void> {
    return this.#call("DELETE", `/webhook/subscription/${encodeURIComponent(id)}`);
  }

  register(body: unknown): Promise<{ customerId: string; email: string }> {
    return this.#call("POST", "/member", body);
  }

  async memberCount(): Promise<number> {
    return (await this.#call<{ total: number }>("GET", "/analytics/members")).total;
  }

  /** Calls an operation of the store; where the token has expired, gets another one and calls again. */
  async #call<Content>(method: string, path: string, body?: unknown): Promise<Content> {
    const inStore = `/api/${encodeURIComponent(this.#config.store)}${path}`;
    const used = this.#tokens.load()?.token;
    const answer = await this.#send(method, inStore, body, used);
    if (answer.response.status !== 401) return read(answer);
    // Another call may have renewed it meanwhile.
    if (used === this.#tokens.load()?.token) await this.#renew();
    return read(await this.#send(method, inStore, body, this.#tokens.load()?.token));
  }

  /** Renews the tokens, once for all calls that wait for it: a refresh token can be used once. */
  #renew(): Promise<void> {
    this.#renewal ??= this.#refresh().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #refresh(): Promise<void> {
    const { refresh_token } = this.#tokens.load() ?? {};
    const answer = refresh_token && (await this.#send("POST", "/api/token/refresh", { refresh_token }));
    if (!answer || answer.response.status === 401) {
      this.#tokens.save(null);
      throw new SessionOver("Your session is over. Log in again.", { status: 401 });
    }
    this.#tokens.save(read<Tokens>(answer));
  }

  async #send(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (token) headers.Authorization = `Bearer ${token}`;
    // With cookies, as a gateway before the API may set one.
    const request: RequestInit = { method, headers, credentials: "include", body: JSON.stringify(body) };
    const uncertain = method !== "GET";
    let arrived = false;
    try {
      const signal = AbortSignal.timeout(this.#config.timeout);
      const response = await fetch(this.#config.api + path, { ...request, signal });
      arrived = true;
      return { response, text: await response.text() };
    } catch (error) {
      if ((error as Error).name === "TimeoutError") throw new ApiError("The server takes too long.", { uncertain });
      if (arrived) throw new ApiError("The connection was lost.", { uncertain });
      throw new ApiError("The server can't be reached.", { uncertain });
    }
  }
}

/** The content of an answer that went well, or an ApiError. */
function read<Content>({ response, text }: Answer): Content {
  if (response.status === 204) return undefined as Content;
  const content = parsed(response, text);
  if (response.ok && content !== undefined) return content as Content;
  throw new ApiError(wording(response, content), {
    status: response.status,
    problems: content?.errors ?? [],
    retryAfter: Number(response.headers.get("Retry-After") ?? 0),
  });
}

/** The JSON of an answer; undefined if it is something else, such as the page of a gateway. */
function parsed(response: Response, text: string): { message?: string; errors?: Problem[] } | undefined {
  if (!response.headers.get("Content-Type")?.includes("json")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wording(response: Response, content: { message?: string } | undefined): string {
  if (!content) return `The server answered something that the app doesn't understand (${response.status}).`;
  if (response.status >= 500) return `The server has a problem (${response.status}).`;
  return content.message ?? `The server refused (${response.status}).`;
}
