// The control plane of a mock, by its contract: a call that it refuses throws.
import createClient, {
  type Client,
  type ClientPathsWithMethod,
  type FetchResponse,
  type MaybeOptionalInit,
} from "openapi-fetch";
import type { components, paths } from "./generated/control.js";

type Schemas = components["schemas"];
export type Clock = Schemas["Clock"];
export type CausedDeliveries = Schemas["CausedDeliveries"];
export type Config = Schemas["Config"];
export type Delivery = Schemas["Delivery"];
export type DeliveryList = Schemas["DeliveryList"];
export type Exchange = Schemas["Exchange"];
export type RequestList = Schemas["RequestList"];
export type Fault = Schemas["Fault"];
export type FaultPost = Schemas["FaultPost"];
export type Preset = Schemas["Preset"];
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

  constructor(call: string, status: number, body: unknown) {
    super(`${call} was answered with ${status}${described(body)}`);
    this.status = status;
    this.body = body;
  }
}

/** A client of the control plane of the mock at `baseUrl`; `token` is its control token, if it has one. */
export function controlClient(baseUrl: string, token?: string): ControlClient {
  const client = createClient<paths>({ baseUrl, ...(token ? { headers: { "X-Mock-Control-Token": token } } : {}) });
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
  const text = await response.text();
  return new ControlError(`${method} ${new URL(response.url).pathname}`, response.status, parsed(text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function described(body: unknown): string {
  if (typeof body !== "object" || body === null) return body ? `: ${String(body).slice(0, 500)}` : "";
  const { message, errors } = body as { message?: unknown; errors?: { path?: string; message?: string }[] };
  const problems = (Array.isArray(errors) ? errors : []).map((each) => `\n  ${each.path}: ${each.message}`);
  return `: ${String(message)}${problems.join("")}`;
}
