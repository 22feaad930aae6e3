// The parts of a mock that tests steer and ask, by methods, in the names that Python has for them, too
// (mockserver/remote/control_plane.py): clock, faults, requests, deliveries, receivers, state, presets.
import type {
  Clock,
  ControlClient,
  Delivery,
  DeliveryList,
  EventReceiver,
  EventReceiverList,
  Exchange,
  Fault,
  FaultPost,
  operations,
  Preset,
  ReceiverPost,
  RequestList,
  RequestMatch,
  Snapshot,
  StateDescription,
  Verification,
  VerificationResult,
} from "./control.js";
import { deliveryLine, ExpectationFailed, misfit, missed, requestLine } from "./complaints.js";
import { patiently } from "./waiting.js";

type RequestQuery = NonNullable<operations["listRequests"]["parameters"]["query"]>;
type DeliveryQuery = NonNullable<operations["listDeliveries"]["parameters"]["query"]>;
export type RequestFilters = Omit<RequestQuery, "wait" | "atLeast">;
export type DeliveryFilters = Omit<DeliveryQuery, "wait" | "atLeast" | "_page" | "_itemsOnPage">;
type Store = { storeCode?: string | undefined };

/** How many to wait for, 1 if left out, and for how many seconds at most, 5 if left out. */
export interface Waiting {
  atLeast?: number | undefined;
  timeout?: number | undefined;
}

/** What is expected of the requests; with `wait`, within so many seconds. */
export type Expected = Verification & { wait?: number | undefined };

const TIMEOUT = 5; // seconds, unless a test says otherwise
const PAGE = 1_000; // deliveries
const MOST_SHOWN = 10; // lines of what came instead

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
  async freeze(now?: Date | string): Promise<Clock> {
    return await this.set(now, { frozen: true });
  }

  /** Move it to a moment, be it earlier or later; it runs on or stands, as before or as `frozen` says. */
  async set(now?: Date | string, { frozen }: { frozen?: boolean | undefined } = {}): Promise<Clock> {
    const body = only({ now: now instanceof Date ? now.toISOString() : now, frozen });
    return (await this.#control.PUT("/_mock/clock", { body })).data;
  }

  /** Let it run on from where it is. */
  async release(): Promise<Clock> {
    return await this.set(undefined, { frozen: false });
  }
}

/** Answers and deliveries that go wrong on purpose. */
export class FaultsControl {
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

  /** Switch one on or off. */
  async change(fault: string | Fault, body: { enabled: boolean }): Promise<Fault> {
    const params = { path: { faultId: idOf(fault) } };
    return (await this.#control.PATCH("/_mock/faults/{faultId}", { params, body })).data;
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
export class RequestsControl {
  readonly #control: ControlClient;

  constructor(control: ControlClient) {
    this.#control = control;
  }

  /** Those that pass all filters, the oldest first. */
  async list(filters: RequestFilters = {}): Promise<Exchange[]> {
    return (await this.#page(filters)).items;
  }

  /** Those that pass all filters, as soon as there are enough of them. Throws ExpectationFailed. */
  async wait({ atLeast = 1, timeout = TIMEOUT, ...filters }: RequestFilters & Waiting = {}): Promise<Exchange[]> {
    const enough = ({ total }: RequestList): boolean => total >= atLeast;
    const found = await patiently(timeout, enough, (wait) => this.#page({ ...filters, atLeast, wait }));
    if (enough(found)) return found.items;
    const { items, total } = await this.#page({ last: MOST_SHOWN });
    const missing = { what: "requests", found: found.total, atLeast, timeout, filters };
    throw new ExpectationFailed(missed(missing, items.map(requestLine), total));
  }

  /**
   * Count those that fit `match`, or check the order of a `sequence`; with `wait` for so many seconds. Throws
   * ExpectationFailed, with those that come closest.
   */
  async verify({ wait = 0, ...body }: Expected): Promise<VerificationResult> {
    const held = ({ ok }: VerificationResult): boolean => ok;
    const result = await patiently(wait, held, (seconds) => this.#verdict(body, seconds));
    if (!result.ok) throw new ExpectationFailed(misfit(body, result));
    return result;
  }

  /** How many fit. */
  async count(match: RequestMatch = {}): Promise<number> {
    return (await this.#verdict({ match, atLeast: 0 })).count;
  }

  /** One request, by the `X-Mock-Request-Id` of its answer. */
  async get(requestId: string): Promise<Exchange> {
    return (await this.#control.GET("/_mock/requests/{requestId}", { params: { path: { requestId } } })).data;
  }

  /** Forget them, or those to one store. */
  async clear(of: Store = {}): Promise<void> {
    await this.#control.DELETE("/_mock/requests", { params: { query: only(of) } });
  }

  async #page(query: RequestQuery): Promise<RequestList> {
    return (await this.#control.GET("/_mock/requests", { params: { query } })).data;
  }

  async #verdict(body: Verification, wait = 0): Promise<VerificationResult> {
    return (await this.#control.POST("/_mock/requests/verify", { params: { query: { wait } }, body })).data;
  }
}

/** What was sent to the URLs of subscriptions. */
export class DeliveriesControl {
  readonly #control: ControlClient;

  constructor(control: ControlClient) {
    this.#control = control;
  }

  /** All that pass all filters, the oldest first. */
  async list(filters: DeliveryFilters = {}): Promise<Delivery[]> {
    return await this.#all(filters);
  }

  /** The last `count` of those that pass all filters, the oldest first. */
  async latest(count: number, filters: DeliveryFilters = {}): Promise<Delivery[]> {
    return (await this.#latest(count, filters)).items;
  }

  /** All that pass all filters, as soon as there are enough of them. Throws ExpectationFailed. */
  async wait({ atLeast = 1, timeout = TIMEOUT, ...filters }: DeliveryFilters & Waiting = {}): Promise<Delivery[]> {
    const enough = (items: Delivery[]): boolean => items.length >= atLeast;
    const found = await patiently(timeout, enough, (wait) => this.#all({ ...filters, atLeast, wait }));
    if (enough(found)) return found;
    const { items, total } = await this.#latest(MOST_SHOWN);
    const missing = { what: "deliveries", found: found.length, atLeast, timeout, filters };
    throw new ExpectationFailed(missed(missing, items.map(deliveryLine), total));
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

  /** All pages; the first waits, if the query says so. */
  async #all({ wait, atLeast, ...filters }: DeliveryQuery): Promise<Delivery[]> {
    let page = await this.#page({ ...filters, ...only({ wait, atLeast }), _itemsOnPage: PAGE });
    const found = [...page.items];
    while (page.items.length && found.length < page.total) {
      page = await this.#page({ ...filters, _itemsOnPage: PAGE, _page: 1 + Math.floor(found.length / PAGE) });
      found.push(...page.items);
    }
    return found;
  }

  /** The last ones, and how many there are: they are on the last two pages. */
  async #latest(count: number, filters: DeliveryFilters = {}): Promise<DeliveryList> {
    const first = await this.#page({ ...filters, _itemsOnPage: count });
    const last = Math.ceil(first.total / count);
    const pages = [first];
    for (let number = Math.max(2, last - 1); number <= last; number++) {
      pages.push(await this.#page({ ...filters, _itemsOnPage: count, _page: number }));
    }
    return { ...first, items: pages.slice(-2).flatMap((page) => page.items).slice(-count) };
  }

  async #page(query: DeliveryQuery): Promise<DeliveryList> {
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
  async snapshot(): Promise<Snapshot> {
    return (await this.#control.GET("/_mock/state")).data;
  }

  /** Put a snapshot back. */
  async restore(snapshot: Snapshot): Promise<void> {
    await this.#control.PUT("/_mock/state", { body: snapshot });
  }

  /** Add members, transactions, subscriptions and users by a short description. */
  async add(description: StateDescription): Promise<void> {
    await this.#control.POST("/_mock/state", { body: description });
  }
}

/** Named states: `empty`, `busy-store`, `expired-sessions`, and the files of the folder that `--presets` names. */
export class PresetsControl {
  readonly #control: ControlClient;

  constructor(control: ControlClient) {
    this.#control = control;
  }

  async list(): Promise<Preset[]> {
    return (await this.#control.GET("/_mock/presets")).data.items;
  }

  /** Go to a named state: with one store, the first if left out, or with the whole mock, as the preset says. */
  async apply(presetName: string, of: Store = {}): Promise<void> {
    await this.#control.POST("/_mock/presets/{presetName}", { params: { path: { presetName }, query: only(of) } });
  }
}

/** Who gets events: subscriptions, whom callbacks have named, and who is added here, for any contract. */
export class ReceiversControl {
  readonly #control: ControlClient;

  constructor(control: ControlClient) {
    this.#control = control;
  }

  /** All receivers of a store, the first if left out, without their secrets, and how they are signed. */
  async list(of: Store = {}): Promise<EventReceiverList> {
    return (await this.#control.GET("/_mock/receivers", { params: { query: only(of) } })).data;
  }

  /** Send each such event to a URL, or a receiver, from now on. The answer has the secret that signs it. */
  async add(
    eventName: string,
    to: string | { url: string },
    options: Omit<ReceiverPost, "eventName" | "url"> = {},
  ): Promise<EventReceiver> {
    const body = { eventName, url: typeof to === "string" ? to : to.url, ...only(options) };
    return (await this.#control.POST("/_mock/receivers", { body })).data;
  }

  async remove(receiverId: string, of: Store = {}): Promise<void> {
    const params = { path: { receiverId }, query: only(of) };
    await this.#control.DELETE("/_mock/receivers/{receiverId}", { params });
  }
}

/** An object without what is undefined. */
export function only<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

function idOf(fault: string | Fault): string {
  return typeof fault === "string" ? fault : fault.faultId;
}
