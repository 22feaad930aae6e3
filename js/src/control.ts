// The control plane of a mock, by its contract: a call that it refuses throws.
import createClient, {
  type Client,
  type ClientPathsWithMethod,
  type FetchResponse,
  type MaybeOptionalInit,
} from "openapi-fetch";
import { masked, short, shown, visible } from "./escaping.js";
import type { components, paths } from "./generated/control.js";

type Schemas = components["schemas"];
export type Clock = Schemas["Clock"];
export type CausedDeliveries = Schemas["CausedDeliveries"];
export type Config = Schemas["Config"];
export type DeclaredEvent = Schemas["DeclaredEvent"];
export type Delivery = Schemas["Delivery"];
export type DeliveryList = Schemas["DeliveryList"];
export type Exchange = Schemas["Exchange"];
export type RequestList = Schemas["RequestList"];
export type Fault = Schemas["Fault"];
export type FaultPost = Schemas["FaultPost"];
export type Preset = Schemas["Preset"];
export type EventReceiver = Schemas["Receiver"];
export type EventReceiverList = Schemas["ReceiverList"];
export type ReceiverPost = Schemas["ReceiverPost"];
export type RequestMatch = Schemas["RequestMatch"];
export type Snapshot = Schemas["Snapshot"];
export type StateDescription = Schemas["StateDescription"];
export type Verification = Schemas["Verification"];
export type VerificationResult = Schemas["VerificationResult"];
export type { Condition, components, operations, paths, PathMatch, TextMatch } from "./generated/control.js";

type Method = "get" | "put" | "post" | "delete" | "patch";
type Answered<F> = F extends { error?: never } ? F : never;
type Init<I> = undefined extends I ? [I?] : [I];

type Call<M extends Method> = <
  P extends ClientPathsWithMethod<Client<paths>, M>,
  I extends MaybeOptionalInit<paths[P], M>,
>(
  path: P,
  ...init: Init<I>
) => Promise<Answered<FetchResponse<paths[P][M] & Record<string, unknown>, I, `${string}/${string}`>>>;

/** The typed client: a method for each of HTTP's, which takes a path of the contract. It throws `ControlError`. */
export interface ControlClient {
  GET: Call<"get">;
  PUT: Call<"put">;
  POST: Call<"post">;
  PATCH: Call<"patch">;
  DELETE: Call<"delete">;
}

/** A call that the mock refused. `body` is the answer, parsed if it is JSON; the message has every problem in it. */
export class ControlError extends Error {
  override name = "ControlError";
  readonly status: number;
  readonly body: unknown;

  constructor(call: string, status: number, body: unknown, said = described(body)) {
    super(`${call} was answered with ${status}${said}`);
    this.status = status;
    this.body = body;
  }
}

/** A client of the control plane of the mock at `baseUrl`; `token` is its control token, if it has one. */
export function controlClient(baseUrl: string, token?: string): ControlClient {
  const headers = token ? { "X-Mock-Control-Token": token } : {};
  const redirect = "manual"; // whom it leads to would get the token
  const client = createClient<paths>({ baseUrl, redirect, headers });
  client.use({
    async onResponse({ request, response }) {
      if (!response.ok) throw await refusal(request.method, response);
    },
    onError({ request, error }) {
      const cause = error instanceof Error ? error : new Error(String(error));
      const reason = cause.cause instanceof Error ? cause.cause.message : cause.message;
      return new Error(`No answer from ${request.url} (${reason}). Does the mock still run?`, { cause });
    },
  });
  return client as unknown as ControlClient; // the middleware throws, so no answer has an `error`
}

/** The error for an answer that is none of 2xx. */
export async function refusal(method: string, response: Response): Promise<ControlError> {
  const body = parsed(await response.text());
  const { origin, pathname } = new URL(response.url);
  const target = response.status < 400 ? response.headers.get("Location") : null;
  const said = target === null ? described(body) : redirected(origin, target);
  return new ControlError(`${method} ${short(pathname)}`, response.status, body, said);
}

function redirected(origin: string, target: string): string {
  const where = `a redirect to ${short(masked(target))}, which isn't followed, as tokens and passwords would go there.`;
  return `, ${where} Does the mock answer at ${origin}, without a fault or a proxy that redirects?`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function described(body: unknown): string {
  if (typeof body !== "object" || body === null) return body ? `: ${visible(String(body).slice(0, 500))}` : "";
  const { message, errors } = body as { message?: unknown; errors?: { path?: string; message?: string }[] };
  const lines = (Array.isArray(errors) ? errors : []).map((each) => visible(`${each?.path}: ${each?.message}`));
  const problems = lines.map((line) => `\n  ${line}`);
  return `: ${typeof message === "string" ? visible(message) : shown(body)}${problems.join("")}`;
}
