// The parts of a mock that tests steer and ask, by methods: clock, faults, requests, deliveries, state.
import type {
  Clock,
  ControlClient,
  Delivery,
  DeliveryList,
  Exchange,
  Fault,
  FaultPost,
  operations,
  RequestList,
  RequestMatch,
  Snapshot,
  StateDescription,
  Verification,
  VerificationResult,
} from "./control.js";

export type RequestFilters = NonNullable<operations["listRequests"]["parameters"]["query"]>;
export type DeliveryFilters = NonNullable<operations["listDeliveries"]["parameters"]["query"]>;
type Store = { storeCode?: string | undefined };

const WAIT = 5; // seconds, unless a test says otherwise
const SHOWN = 10; // lines of what came instead

/** What was waited for didn't come, or came too often; the message says what did. */
export class ExpectationFailed extends Error {
  override name = "ExpectationFailed";
}

/** The mock's time: tokens expire by it, deliveries are repeated by it. */
export class ClockControl {
  readonly #control: ControlClient;

  constructor(control: ControlClient) {
    this.#control = control;
  }

  async get(): Promise<Clock> {
    return (await this.#control.GET("/_mock/clock")).data;
  }

  /** Let so many seconds pass. */
  async advance(seconds: number): Promise<Clock> {
    return (await this.#control.POST("/_mock/clock/advance", { body: { seconds } })).data;
  }

  /** Stop it, at a moment or where it is. */
  async freeze(at?: Date | string): Promise<Clock> {
    return await this.#set({ ...moment(at), frozen: true });
  }

  /** Move it to a moment, be it earlier or later; it runs on or stands, as before. */
  async set(at: Date | string): Promise<Clock> {
    return await this.#set(moment(at));
  }

  /** Let it run on from where it is. */
  async release(): Promise<Clock> {
    return await this.#set({ frozen: false });
  }

  async #set(body: { now?: string; frozen?: boolean }): Promise<Clock> {
    return (await this.#control.PUT("/_mock/clock", { body })).data;
  }
}

/** Answers and deliveries that go wrong on purpose. */
export class FaultControl {
  readonly #control: ControlClient;

  constructor(control: ControlClient) {
    this.#control = control;
  }

  async add(fault: FaultPost): Promise<Fault> {
    return (await this.#control.POST("/_mock/faults", { body: fault })).data;
  }

  async list(of: Store = {}): Promise<Fault[]> {
    return (await this.#control.GET("/_mock/faults", { params: { query: only(of) } })).data.items;
  }

  /** One fault, with how often it fitted and struck. One that has struck for the last time is gone. */
  async get(fault: string | Fault): Promise<Fault> {
    return (await this.#control.GET("/_mock/faults/{faultId}", { params: { path: { faultId: idOf(fault) } } })).data;
  }

  /** Switch one off and on. */
  async enable(fault: string | Fault, enabled = true): Promise<Fault> {
    const params = { path: { faultId: idOf(fault) } };
    return (await this.#control.PATCH("/_mock/faults/{faultId}", { params, body: { enabled } })).data;
  }

  async remove(fault: string | Fault): Promise<void> {
    await this.#control.DELETE("/_mock/faults/{faultId}", { params: { path: { faultId: idOf(fault) } } });
  }

  /** Take all back, or those of one store. */
  async clear(of: Store = {}): Promise<void> {
    await this.#control.DELETE("/_mock/faults", { params: { query: only(of) } });
  }
}

/** The calls that the API got: the last 250. */
export class RequestControl {
  readonly #control: ControlClient;

  constructor(control: ControlClient) {
    this.#control = control;
  }

  /** Those that pass all filters, the oldest first. */
  async list(filters: RequestFilters = {}): Promise<Exchange[]> {
    return (await this.#page(filters)).items;
  }

  /** Wait until `atLeast` pass the filters, for `wait` seconds at most. Throws ExpectationFailed. */
  async wait(filters: RequestFilters = {}): Promise<Exchange[]> {
    const { atLeast = 1, wait = WAIT } = filters;
    const { items, total } = await this.#page({ ...filters, atLeast, wait });
    if (total >= atLeast) return items;
    const came = (await this.list({ last: SHOWN })).map((each) => `${each.method} ${each.path} ${each.status ?? ""}`);
    throw new ExpectationFailed(missed("calls", total, atLeast, wait, filters, came));
  }

  /**
   * Count the calls that fit `match`, or check the order of a `sequence`; with `wait` for so many seconds. Throws
   * ExpectationFailed, with the calls that come closest.
   */
  async verify(expected: Verification & { wait?: number }): Promise<VerificationResult> {
    const result = await this.#verdict(expected);
    if (!result.ok) throw new ExpectationFailed(misfit(expected, result));
    return result;
  }

  /** How many of the calls fit. */
  async count(match: RequestMatch = {}): Promise<number> {
    return (await this.#verdict({ match, atLeast: 0 })).count;
  }

  async clear(of: Store = {}): Promise<void> {
    await this.#control.DELETE("/_mock/requests", { params: { query: only(of) } });
  }

  async #page(query: RequestFilters): Promise<RequestList> {
    return (await this.#control.GET("/_mock/requests", { params: { query } })).data;
  }

  async #verdict({ wait, ...body }: Verification & { wait?: number }): Promise<VerificationResult> {
    return (await this.#control.POST("/_mock/requests/verify", { params: { query: only({ wait }) }, body })).data;
  }
}

/** What was sent to the URLs of subscriptions. */
export class DeliveryControl {
  readonly #control: ControlClient;

  constructor(control: ControlClient) {
    this.#control = control;
  }

  /** Those that pass all filters, in the order of their events. */
  async list(filters: DeliveryFilters = {}): Promise<Delivery[]> {
    return (await this.#page(filters)).items;
  }

  /** Wait until `atLeast` pass the filters, for `wait` seconds at most. Throws ExpectationFailed. */
  async wait(filters: DeliveryFilters = {}): Promise<Delivery[]> {
    const { atLeast = 1, wait = WAIT } = filters;
    const { items, total } = await this.#page({ ...filters, atLeast, wait });
    if (total >= atLeast) return items;
    const came = (await this.list()).slice(-SHOWN).map((each) => `${each.eventName} to ${each.url}: ${each.status}`);
    throw new ExpectationFailed(missed("deliveries", total, atLeast, wait, filters, came));
  }

  /** One delivery, with all its attempts and, where it was signed, the lines that the signature was made of. */
  async get(delivery: string | Delivery): Promise<Delivery> {
    const params = { path: { deliveryId: typeof delivery === "string" ? delivery : delivery.deliveryId } };
    return (await this.#control.GET("/_mock/deliveries/{deliveryId}", { params })).data;
  }

  /** Send one again. */
  async redeliver(delivery: string | Delivery): Promise<Delivery> {
    const params = { path: { deliveryId: typeof delivery === "string" ? delivery : delivery.deliveryId } };
    return (await this.#control.POST("/_mock/deliveries/{deliveryId}/redeliver", { params })).data;
  }

  async #page(query: DeliveryFilters): Promise<DeliveryList> {
    return (await this.#control.GET("/_mock/deliveries", { params: { query } })).data;
  }
}

/** All that decides about later answers. */
export class StateControl {
  readonly #control: ControlClient;

  constructor(control: ControlClient) {
    this.#control = control;
  }

  /** A snapshot. It holds secrets in clear text. */
  async get(): Promise<Snapshot> {
    return (await this.#control.GET("/_mock/state")).data;
  }

  /** Put a snapshot back. */
  async put(snapshot: Snapshot): Promise<void> {
    await this.#control.PUT("/_mock/state", { body: snapshot });
  }

  /** Add members, transactions, subscriptions and users by a short description. */
  async add(description: StateDescription): Promise<void> {
    await this.#control.POST("/_mock/state", { body: description });
  }
}

/** An object without what is undefined. */
export function only<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

function moment(at?: Date | string): { now?: string } {
  return at === undefined ? {} : { now: typeof at === "string" ? at : at.toISOString() };
}

function idOf(fault: string | Fault): string {
  return typeof fault === "string" ? fault : fault.faultId;
}

function missed(what: string, total: number, atLeast: number, wait: number, filters: object, came: string[]): string {
  const { atLeast: _, wait: __, ...asked } = filters as Record<string, unknown>;
  const head = `${total} of ${atLeast} ${what} with ${JSON.stringify(asked)} within ${wait} s.`;
  return came.length ? `${head} The last that came:\n${came.map((line) => `  ${line}`).join("\n")}` : `${head} None came at all.`;
}

function misfit(expected: object, result: VerificationResult): string {
  const { wait: _, ...asked } = expected as Record<string, unknown>;
  const near = result.nearMisses.map((each) => {
    const parts = each.misfits.map((one) => `${one.part} was ${JSON.stringify(one.actual)}, not ${JSON.stringify(one.expected)}`);
    return `\n  ${each.method} ${each.path} ${each.status ?? ""}: ${parts.join("; ")}`;
  });
  return `${result.count} calls fit ${JSON.stringify(asked)}.${near.length ? ` The closest:${near.join("")}` : ""}`;
}
