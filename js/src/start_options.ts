// How a mock is started: options, and the variables of its environment that they become.
import { type LogEntry, StartError } from "./server_process.js";

/** Keys and passwords. The mock shows none of them, so it is told all of them, by variables of its environment. */
export interface Secrets {
  /** The permanent key of the admin, for the header `X-AUTH-TOKEN`; `mock-api-key` if left out. */
  apiKey?: string | undefined;
  /** What calls of `/_mock` have to carry; nothing if left out. */
  controlToken?: string | undefined;
  /** The admin's password; `password` if left out. */
  adminPassword?: string | undefined;
  /** The member's password; `password` if left out. */
  memberPassword?: string | undefined;
}

export interface StartOptions extends Secrets {
  /** Codes of the stores; `DEFAULT` alone if left out. */
  stores?: string[] | undefined;
  /** The same seed gives the same ids for the same calls; 1 if left out, so that a test that fails can be repeated. */
  seed?: number | undefined;
  /** The port; the system chooses one if left out. */
  port?: number | undefined;
  /** Further options of `mockserver serve`: `["--strict", "--state", "people.yaml"]`. */
  args?: string[] | undefined;
  /** Variables of its environment, beside those of this process and in place of them. */
  env?: Record<string, string | undefined> | undefined;
  /** The program, in place of the one that is found. */
  executable?: string | undefined;
  /** Called with each line of the mock's log. */
  onLog?: ((entry: LogEntry) => void) | undefined;
  /** Seconds that the start may take; 30 if left out. */
  startTimeout?: number | undefined;
}

const VARIABLES = {
  apiKey: "MOCKSERVER_API_KEY",
  controlToken: "MOCKSERVER_CONTROL_TOKEN",
  adminPassword: "MOCKSERVER_ADMIN_PASSWORD",
  memberPassword: "MOCKSERVER_MEMBER_PASSWORD",
} as const satisfies Record<keyof Secrets, string>;

// What holds where neither an option nor a variable says otherwise.
const UNLESS_SAID: Variables = {
  MOCKSERVER_SEED: "1",
  MOCKSERVER_API_KEY: "mock-api-key",
  MOCKSERVER_ADMIN_PASSWORD: "password",
  MOCKSERVER_MEMBER_PASSWORD: "password",
};

type Variables = Record<string, string | undefined>;

/** What starts a mock, and the secrets that it then has. */
export interface Start {
  args: string[];
  env: Variables;
  secrets: Secrets;
}

/** The start that options ask for. An option goes before a variable. Throws StartError for a secret in `args`. */
export function startOf(options: StartOptions, surroundings: Variables): Start {
  const { args = [], port, stores, seed } = options;
  refuseSecrets(args);
  const chosen = Object.entries(VARIABLES).map(([name, variable]) => [variable, options[name as keyof Secrets]]);
  const env = [UNLESS_SAID, surroundings, options.env ?? {}, Object.fromEntries(chosen)].reduce(
    (below, above) => ({ ...below, ...said(above) }),
  );
  const own = {
    ...(port === undefined ? {} : { "--port": String(port) }),
    ...(stores === undefined ? {} : { "--stores": stores.join(",") }),
    ...(seed === undefined ? {} : { "--seed": String(seed) }),
  };
  const secrets = Object.entries(VARIABLES).map(([name, variable]) => [name, env[variable]]);
  return { args: [...Object.entries(own).flat(), ...args], env, secrets: Object.fromEntries(secrets) as Secrets };
}

/** Without those that are empty, which count as absent. */
function said(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
}

function refuseSecrets(args: readonly string[]): void {
  for (const name of Object.keys(VARIABLES)) {
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (!args.some((each) => each === option || each.startsWith(`${option}=`))) continue;
    throw new StartError(`${option} can't be one of \`args\`, as this program has to know it: write { ${name}: … }.`);
  }
}
