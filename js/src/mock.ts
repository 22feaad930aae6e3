// A mock for tests: started, steered and asked by methods.
import { type CausedDeliveries, type Config, type ControlClient, controlClient, refusal } from "./control.js";
import { findExecutable } from "./executable.js";
import { type LogEntry, ServerProcess } from "./server_process.js";
import { ClockControl, DeliveryControl, FaultControl, only, RequestControl, StateControl } from "./steering.js";

export type Role = "admin" | "member";

export interface StartOptions {
  /** Codes of the stores; `DEFAULT` alone if left out. */
  stores?: string[] | undefined;
  /** The same seed gives the same ids for the same calls; 1 if left out, so that a test that fails can be repeated. */
  seed?: number | undefined;
  /** The port; the system chooses one if left out. */
  port?: number | undefined;
  /** Further options of `mockserver serve`: `["--strict", "--state", "people.yaml"]`. */
  args?: string[] | undefined;
  /** Variables of its environment beside those of this process. */
  env?: Record<string, string | undefined> | undefined;
  /** The program, in place of the one that is found. */
  executable?: string | undefined;
  /** Called with each line of the mock's log. */
  onLog?: ((entry: LogEntry) => void) | undefined;
  /** Seconds that the start may take; 30 if left out. */
  startTimeout?: number | undefined;
}

export interface TriggerOptions {
  /** The store in which it happens; the first one if left out. */
  storeCode?: string | undefined;
  /** What shall be different from the data that the mock makes up. */
  data?: Record<string, unknown> | undefined;
  /** How often. */
  count?: number | undefined;
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
  const env = { ...process.env, ...options.env };
  const args = [
    ...(options.port === undefined ? [] : ["--port", String(options.port)]),
    ...(options.stores ? ["--stores", options.stores.join(",")] : []),
    ...["--seed", String(options.seed ?? 1)],
    ...(options.args ?? []),
  ];
  const executable = findExecutable(options.executable);
  const timeout = (options.startTimeout ?? 30) * 1000;
  const server = await ServerProcess.start({ executable, args, env, timeout, onLog: options.onLog });
  return new Mock(server, (name) => setting(name, args, env));
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
  readonly faults: FaultControl;
  readonly requests: RequestControl;
  readonly deliveries: DeliveryControl;
  readonly state: StateControl;
  readonly #server: ServerProcess;
  readonly #setting: (name: string) => string | undefined;

  /** Made by `startMock`. */
  constructor(server: ServerProcess, settingOf: (name: string) => string | undefined) {
    this.#server = server;
    this.#setting = settingOf;
    this.url = server.started.url;
    this.stores = (settingOf("stores") ?? "DEFAULT").split(",").map((code) => code.trim());
    this.control = controlClient(this.url, settingOf("control-token"));
    this.clock = new ClockControl(this.control);
    this.faults = new FaultControl(this.control);
    this.requests = new RequestControl(this.control);
    this.deliveries = new DeliveryControl(this.control);
    this.state = new StateControl(this.control);
  }

  /** The first store. */
  get storeCode(): string {
    return this.stores[0] ?? "DEFAULT";
  }

  /** The permanent key of the admin, for the header `X-AUTH-TOKEN`. */
  get apiKey(): string {
    return this.#setting("api-key") ?? "mock-api-key";
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
  async token(role: Role, login: { storeCode?: string; username?: string; password?: string } = {}): Promise<string> {
    const username = login.username ?? this.#setting(`${role}-username`) ?? role;
    const password = login.password ?? this.#setting(`${role}-password`) ?? "password";
    const store = encodeURIComponent(login.storeCode ?? this.storeCode);
    const path = role === "admin" ? "/api/admin/login_check" : `/api/${store}/member/login_check`;
    const answer = await this.#post(path, { username, password });
    return (answer as { token: string }).token;
  }

  /** Have an event delivered to all who have subscribed to it, as if it had happened. */
  async trigger(eventName: string, options: TriggerOptions = {}): Promise<CausedDeliveries> {
    const body = { eventName, ...only(options), storeCode: options.storeCode ?? this.storeCode };
    return (await this.control.POST("/_mock/events", { body })).data;
  }

  /** Subscribe a URL, or a receiver, to an event, as an admin would by the API. Throws ControlError if it is refused. */
  async subscribe(eventName: string, to: string | { url: string }, options: SubscribeOptions = {}): Promise<Subscription> {
    const { storeCode = this.storeCode, ...rest } = options;
    const webhookSubscription = { eventName, url: typeof to === "string" ? to : to.url, ...only(rest) };
    const path = `/api/${encodeURIComponent(storeCode)}/webhook/subscription`;
    return (await this.#post(path, { webhookSubscription })) as Subscription;
  }

  /** Go to a named state: `empty`, `busy-store`, `expired-sessions`, or a file of the folder that `--presets` names. */
  async preset(presetName: string, { storeCode }: { storeCode?: string | undefined } = {}): Promise<void> {
    await this.control.POST("/_mock/presets/{presetName}", { params: { path: { presetName }, query: only({ storeCode }) } });
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
    });
    if (!response.ok) throw await refusal("POST", response);
    return await response.json();
  }
}

/** The value of a setting: of its option, else its variable, else its default. */
function setting(name: string, args: readonly string[], env: Record<string, string | undefined>): string | undefined {
  const option = `--${name}`;
  const place = args.lastIndexOf(option);
  if (place >= 0) return args[place + 1];
  const joined = args.findLast((each) => each.startsWith(`${option}=`));
  return joined?.slice(option.length + 1) ?? (env[`MOCKSERVER_${name.toUpperCase().replaceAll("-", "_")}`] || undefined);
}
