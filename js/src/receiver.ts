// A receiver of webhooks: a real HTTP server, which keeps what arrives and answers as a test wants.
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ExpectationFailed } from "./complaints.js";
import { masked, short, shown } from "./escaping.js";
import { differences } from "./matching.js";
import { type Freshness, isAuthentic } from "./signature.js";

const TIMEOUT = 5; // seconds
const SHOWN = 10; // deliveries that a failed expectation tells
const LONGEST_BODY = 4 * 1024 * 1024; // bytes

/** An answer: a status, or more than that. `delay` is in seconds. */
export type Reaction = number | { status?: number; headers?: Record<string, string>; body?: string; delay?: number };

export interface ReceiverOptions {
  /** The port; the system chooses one if left out. */
  port?: number;
}

/** A delivery as it arrived. */
export class Captured {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The URL that it was sent to, as it was subscribed. */
  readonly url: string;
  /** The headers, their names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The body, byte by byte. */
  readonly rawBody: Buffer;
  /** The body as JSON; undefined if it is none. */
  readonly body: any;

  /** Made by a Receiver. */
  constructor(method: string, path: string, origin: string, headers: IncomingHttpHeaders, rawBody: Buffer) {
    this.method = method;
    this.path = path;
    this.url = origin + path;
    this.headers = headers;
    this.rawBody = rawBody;
    this.body = parsed(rawBody);
  }

  /** The name of the event; undefined if this is no delivery. */
  get eventName(): string | undefined {
    const name: unknown = this.body?.eventName;
    return typeof name === "string" ? name : undefined;
  }

  /** The `data` of the event. */
  get data(): any {
    return this.body?.data;
  }

  /** Whether it is signed by this secret, and fresh. */
  isAuthentic(secret: string, freshness: Freshness = {}): boolean {
    return isAuthentic({ ...freshness, secret, url: this.url, headers: this.headers, rawBody: this.rawBody });
  }
}

/** A receiver of webhooks on this machine. */
export class Receiver {
  readonly #server: Server;
  readonly #captured: Captured[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #ending = new AbortController();
  #reactions: Reaction[] = [204];
  #refused = 0; // that were too long

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Start one; it answers 204, until `answerWith` says something else, and 413 to more than 4 MiB. */
  static async start({ port = 0 }: ReceiverOptions = {}): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on("request", (request, response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      request.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= LONGEST_BODY) chunks.push(chunk);
        else chunks.length = 0; // what follows is read and forgotten, so that the sender gets the answer
      });
      request.on("end", () => {
        if (size > LONGEST_BODY) return receiver.#refuse(response);
        const { method = "", url = "", headers } = request;
        void receiver.#take(new Captured(method, url, receiver.#origin, headers, Buffer.concat(chunks)), response);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    server.unref(); // a forgotten receiver holds up no test run
    return receiver;
  }

  /** The URL to subscribe. Any path below it will do as well. */
  get url(): string {
    return `${this.#origin}/webhook`;
  }

  get #origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** All that arrived so far, in its order. */
  get captured(): readonly Captured[] {
    return this.#captured;
  }

  /** Answer the next deliveries like this, one after another; the last answer goes on. */
  answerWith(...reactions: [Reaction, ...Reaction[]]): void {
    this.#reactions = reactions;
  }

  /** Forget what arrived, and answer 204 again. */
  clear(): void {
    this.#captured.length = 0;
    this.#refused = 0;
    this.#reactions = [204];
  }

  /**
   * The first delivery of an event whose body has all that `partialBody` has, at any depth; waits until it arrives,
   * for `timeout` seconds. Throws ExpectationFailed, which says what arrived instead, and how that differs.
   */
  async waitFor(eventName: string, partialBody: object = {}, { timeout = TIMEOUT } = {}): Promise<Captured> {
    return (await this.waitForAll(1, eventName, partialBody, { timeout }))[0]!;
  }

  /** All deliveries of that kind, as soon as there are `count` of them. Throws ExpectationFailed as `waitFor` does. */
  async waitForAll(
    count: number,
    eventName: string,
    partialBody: object = {},
    { timeout = TIMEOUT } = {},
  ): Promise<Captured[]> {
    const wanted = { ...partialBody, eventName };
    const find = (): Captured[] | undefined => {
      const found = this.#captured.filter((each) => !differences(each.body, wanted).length);
      return found.length >= count ? found : undefined;
    };
    const found = find() ?? (await this.#arrival(find, timeout));
    if (found) return found;
    throw new ExpectationFailed(this.#complaint(count, wanted, timeout));
  }

  /** Close it; resolves once no connection is left. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #refuse(response: ServerResponse): void {
    this.#refused += 1;
    response.writeHead(413).end();
  }

  async #take(captured: Captured, response: ServerResponse): Promise<void> {
    this.#captured.push(captured);
    for (const look of this.#waiting) look();
    const [next = 204, ...later] = this.#reactions;
    if (later.length) this.#reactions = later;
    const { status = 204, headers = {}, body = "", delay = 0 } = typeof next === "number" ? { status: next } : next;
    if (delay) await sleep(delay * 1000, undefined, { signal: this.#ending.signal, ref: false }).catch(() => {});
    response.writeHead(status, headers).end(body);
  }

  #arrival<T>(find: () => T | undefined, timeout: number): Promise<T | undefined> {
    return new Promise((resolve) => {
      const done = (found?: T): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const look = (): void => {
        const found = find();
        if (found) done(found);
      };
      const timer = setTimeout(() => done(), timeout * 1000);
      this.#waiting.add(look);
    });
  }

  #complaint(count: number, wanted: object, timeout: number): string {
    const what = count === 1 ? "No delivery" : `Not ${count} deliveries`;
    const refused = this.#refused ? ` ${this.#refused} had more than 4 MiB, and got 413.` : "";
    const head = `${what} with ${shown(wanted)} within ${timeout} s.${refused}`;
    if (!this.#captured.length && refused) return head;
    if (!this.#captured.length) return `${head} Nothing has arrived at all.`;
    const told = this.#captured.map((each) => [each, differences(each.body, wanted)] as const);
    const closest = told.sort(([, left], [, right]) => left.length - right.length).slice(0, SHOWN);
    const name = ({ eventName, path }: Captured): string => short(eventName ?? masked(path));
    const lines = closest.map(([each, found]) => `  ${name(each)}: ${found.join("; ")}`);
    return [`${head} ${told.length} arrived, the closest first:`, ...lines].join("\n");
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
