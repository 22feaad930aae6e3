// A mock for tests: started, steered and asked by methods.
import {
  type CausedDeliveries,
  type Config,
  type ControlClient,
  controlClient,
  ControlError,
  type DeclaredEvent,
  refusal,
} from "./control.js";
import { findExecutable } from "./executable.js";
import { type LogEntry, ServerProcess, StartError } from "./server_process.js";
import { type Secrets, type StartOptions, startOf } from "./start_options.js";
import {
  ClockControl,
  DeliveriesControl,
  FaultsControl,
  only,
  PresetsControl,
  ReceiversControl,
  RequestsControl,
  StateControl,
} from "./steering.js";
import { misfitOf, ownVersion } from "./version.js";

export type Role = "admin" | "member";

/** Who logs in where; what is left out is as the mock was started with. */
export interface Login {
  storeCode?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
}

export interface TriggerOptions {
  /** The store in which it happens; the first one if left out. */
  storeCode?: string | undefined;
  /** What shall be different from the data that the mock makes up. */
  data?: Record<string, unknown> | undefined;
  /** How often. */
  count?: number | undefined;
  /** The only receiver that gets it; all do if left out. */
  receiverId?: string | undefined;
}

export interface SubscribeOptions {
  storeCode?: string | undefined;
  /** Whether deliveries are signed; the answer then has the secret. */
  hmacEnabled?: boolean | undefined;
  /** Headers that each delivery carries. */
  headers?: { headerName: string; headerValue: string }[] | undefined;
}

export interface Subscription {
  webhookSubscriptionId: string;
  /** The secret of the signatures, where `hmacEnabled` was asked for. */
  hmacSecretKey?: string;
}

/** Start a mock of its own; resolves once it answers. Throws ExecutableNotFound or StartError. */
export async function startMock(options: StartOptions = {}): Promise<Mock> {
  const { args, env, secrets } = startOf(options, process.env);
  const executable = findExecutable(options.executable);
  const timeout = (options.startTimeout ?? 30) * 1000;
  const server = await ServerProcess.start({ executable, args, env, timeout, onLog: options.onLog });
  try {
    const misfit = misfitOf(server.started.version, ownVersion());
    if (misfit) throw new StartError(`${misfit}\n  ${executable}`);
    const control = controlClient(server.started.url, secrets.controlToken);
    return new Mock(server, control, secrets, await settingsOf(control));
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** What a mock tells of itself, as far as is needed here. */
interface MockSettings {
  stores: readonly string[];
  adminUsername: string;
  memberUsername: string;
}

async function settingsOf(control: ControlClient): Promise<MockSettings> {
  try {
    return (await control.GET("/_mock/config")).data.settings as unknown as MockSettings;
  } catch (error) {
    const switchedOff = error instanceof ControlError && error.status === 404;
    const reason = switchedOff
      ? "its control plane is switched off. Leave out --no-control (or MOCKSERVER_CONTROL): tests need it."
      : `it doesn't tell its settings. ${String(error)}`;
    throw new StartError(`The mock has started, but ${reason}`, { cause: error });
  }
}

/** A running mock. */
export class Mock {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** The codes of its stores. */
  readonly stores: readonly string[];
  /** The whole control plane, typed by its contract. */
  readonly control: ControlClient;
  readonly clock: ClockControl;
  readonly faults: FaultsControl;
  readonly requests: RequestsControl;
  readonly deliveries: DeliveriesControl;
  readonly state: StateControl;
  readonly presets: PresetsControl;
  readonly receivers: ReceiversControl;
  readonly #server: ServerProcess;
  readonly #secrets: Secrets;
  readonly #settings: MockSettings;

  /** Made by `startMock`. */
  constructor(server: ServerProcess, control: ControlClient, secrets: Secrets, settings: MockSettings) {
    this.#server = server;
    this.#secrets = secrets;
    this.#settings = settings;
    this.url = server.started.url;
    this.stores = settings.stores;
    this.control = control;
    this.clock = new ClockControl(control);
    this.faults = new FaultsControl(control);
    this.requests = new RequestsControl(control);
    this.deliveries = new DeliveriesControl(control);
    this.state = new StateControl(control);
    this.presets = new PresetsControl(control);
    this.receivers = new ReceiversControl(control);
  }

  /** The first store. */
  get storeCode(): string {
    return this.stores[0]!;
  }

  /** The permanent key of the admin, for the header `X-AUTH-TOKEN`. */
  get apiKey(): string {
    return this.#secrets.apiKey!;
  }

  /** The seed that it runs with. */
  get seed(): string {
    return this.#server.started.seed;
  }

  /** The id of its process. */
  get pid(): number {
    return this.#server.pid;
  }

  /** The last 200 lines of its log. */
  get log(): readonly LogEntry[] {
    return this.#server.log;
  }

  /** Put everything back as it was at the start, or one store. */
  async reset({ storeCode }: { storeCode?: string | undefined } = {}): Promise<void> {
    await this.control.POST("/_mock/reset", { params: { query: only({ storeCode }) } });
  }

  /** Log in, and give the JWT for the header `Authorization: Bearer …`. */
  async token(role: Role = "admin", login: Login = {}): Promise<string> {
    const username = login.username ?? this.#settings[`${role}Username`];
    const password = login.password ?? this.#secrets[`${role}Password`];
    const store = encodeURIComponent(login.storeCode ?? this.storeCode);
    const path = role === "admin" ? "/api/admin/login_check" : `/api/${store}/member/login_check`;
    const answer = await this.#post(path, { username, password });
    return (answer as { token: string }).token;
  }

  /** The events of the contract, and how each is sent. */
  async events(): Promise<DeclaredEvent[]> {
    return (await this.control.GET("/_mock/events")).data.items;
  }

  /** Have an event delivered to all who have subscribed to it, as if it had happened. */
  async trigger(eventName: string, options: TriggerOptions = {}): Promise<CausedDeliveries> {
    const body = { eventName, ...only(options), storeCode: options.storeCode ?? this.storeCode };
    return (await this.control.POST("/_mock/events", { body })).data;
  }

  /** Subscribe a URL, or a receiver, to an event, as an admin does by the API. Throws ControlError if it is refused. */
  async subscribe(
    eventName: string,
    to: string | { url: string },
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    const { storeCode = this.storeCode, ...rest } = options;
    const webhookSubscription = { eventName, url: typeof to === "string" ? to : to.url, ...only(rest) };
    const path = `/api/${encodeURIComponent(storeCode)}/webhook/subscription`;
    return (await this.#post(path, { webhookSubscription })) as Subscription;
  }

  /** The JSON Schema (2020-12) of an event's payload. */
  async eventSchema(eventName: string): Promise<Record<string, unknown>> {
    const params = { path: { eventName } };
    return (await this.control.GET("/_mock/schemas/{eventName}.json", { params })).data as Record<string, unknown>;
  }

  /** The version, the contract, the seed and all settings. */
  async config(): Promise<Config> {
    return (await this.control.GET("/_mock/config")).data;
  }

  /** End the mock; resolves once its process is gone. */
  async stop(): Promise<void> {
    await this.#server.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-AUTH-TOKEN": this.apiKey },
      body: JSON.stringify(body),
      redirect: "manual", // whom it leads to would get the key and the password
    });
    if (!response.ok) throw await refusal("POST", response);
    return await response.json();
  }
}
