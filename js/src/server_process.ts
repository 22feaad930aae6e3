// The process of a mock: it is started, tells its address, and ends with us.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { isSecret, MASK, masked, visible } from "./escaping.js";
import { foreign } from "./executable.js";

const REMEMBERED = 200; // lines of the log
const GRACE = 5_000; // milliseconds that a mock gets to end
const SHORTEST_SECRET = 4; // characters: a shorter one is part of any word
const KNOWN = new Set(["password", "mock-api-key"]); // secrets that everybody knows
const PATHS = /^(?:--|MOCKSERVER_)(?:tls|signing)[-_]key$/i; // of files

/** A mock that didn't start, with what it said. */
export class StartError extends Error {
  override name = "StartError";
}

/** A line of the mock's log, as `--log-format json` writes it (docs/settings.md); `message` alone if it is none. */
export interface LogEntry {
  time?: string;
  level?: string;
  message?: string;
  [field: string]: unknown;
}

export interface ProcessOptions {
  executable: string;
  args: string[];
  env: Record<string, string | undefined>;
  /** Milliseconds that a start may take. */
  timeout: number;
  onLog?: ((entry: LogEntry) => void) | undefined;
}

/** What a mock tells at its start. */
export interface Started {
  url: string;
  version: string;
  seed: string;
}

/** A running mock. */
export class ServerProcess {
  readonly started: Started;
  /** The last lines of the log. */
  readonly log: LogEntry[];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, ended: Promise<void>, started: Started, log: LogEntry[]) {
    this.#child = child;
    this.#ended = ended;
    this.started = started;
    this.log = log;
  }

  /** Its id in the system. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Start a mock; resolves once it answers. Throws StartError, with what the mock said. */
  static async start(options: ProcessOptions): Promise<ServerProcess> {
    const args = ["serve", "--port", "0", ...options.args, "--log-format", "json"];
    // Its input is a pipe that only this process holds: when it is gone, however that happened, the mock ends.
    const child = spawn(options.executable, args, {
      env: { ...options.env, MOCKSERVER_UNTIL_CLOSED: "0" },
      stdio: ["pipe", "ignore", "pipe"],
      windowsHide: true,
    });
    const log: LogEntry[] = [];
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const started = await new Promise<Started>((resolve, reject) => {
      const fail = (what: string): void => reject(new StartError(failure(what, log, { ...options, args })));
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        fail(`The mock didn't start within ${options.timeout / 1000} s.`);
      }, options.timeout);
      child.once("error", (error) => fail(`The mock can't be started: ${error.message}.`));
      child.once("close", (code, signal) => {
        clearTimeout(timer);
        fail(`The mock ended at its start (${signal ?? `exit code ${code}`}).`);
      });
      createInterface({ input: child.stderr }).on("line", (line) => {
        const entry = entryOf(line);
        log.push(entry);
        if (log.length > REMEMBERED) log.shift();
        if (isStart(entry)) {
          clearTimeout(timer);
          resolve(entry);
        }
        options.onLog?.(entry);
      });
    });
    release(child);
    return new ServerProcess(child, ended, started, log);
  }

  /** End the mock; resolves once it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.ref();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), GRACE);
    this.#child.kill("SIGTERM");
    await this.#ended;
    clearTimeout(timer);
  }
}

/** Let this process end although the mock runs; the mock then ends, too. */
function release(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stderr]) (stream as { unref?: () => void } | null)?.unref?.();
  child.stdin?.on("error", () => {}); // a mock that was killed
}

function entryOf(line: string): LogEntry {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null) return entry as LogEntry;
  } catch {
    // a line for people: before the log begins, what is wrong
  }
  return { message: line };
}

function isStart(entry: LogEntry): entry is LogEntry & Started {
  return typeof entry["url"] === "string" && typeof entry["contract"] === "string";
}

/** Why a mock didn't start: what it said, and how it was started, without what is secret in either. */
function failure(what: string, log: LogEntry[], { executable, args, env }: ProcessOptions): string {
  const hidden = secretsOf(args, env);
  const plain = (text: string): string => {
    const rest = hidden.reduce((left, each) => left.replaceAll(each, MASK), text);
    return visible(rest.replace(/\b[a-z]{2,20}:\/\/[^\s"']+/gi, masked));
  };
  const lines = log.map((entry) => `  ${plain(String(entry.message ?? JSON.stringify(entry)))}`);
  const said = lines.length ? [" It said:", ...lines].join("\n") : "";
  const advice = log.some(isOurs) ? "" : `\n${foreign(visible(executable))}`;
  return `${plain(what)}${said}\n  ${[executable, ...withoutSecrets(args)].map(plain).join(" ")}${advice}`;
}

/** Arguments with the values of secret options masked, be they written with a space or with an equals sign. */
function withoutSecrets(args: string[]): string[] {
  return args.map((each, at) => {
    const [, option = ""] = /^(-[^=]*)=/.exec(each) ?? [];
    if (isSecretName(option)) return `${option}=${MASK}`;
    return isSecretName(args[at - 1] ?? "") ? MASK : each;
  });
}

/** The secret values of options and variables, the longest first: one may be part of another. */
function secretsOf(args: string[], env: ProcessOptions["env"]): string[] {
  const shown = withoutSecrets(args);
  const options = args.filter((each, at) => shown[at] !== each).map((each) => each.replace(/^--[^=]*=/, ""));
  const variables = Object.entries(env).filter(([name]) => isSecretName(name));
  const values = [...options, ...variables.map(([, value]) => value ?? "")];
  const hidden = values.filter((each) => each.length >= SHORTEST_SECRET && !KNOWN.has(each));
  return hidden.sort((left, right) => right.length - left.length);
}

function isSecretName(name: string): boolean {
  return /^(?:--|MOCKSERVER_)/.test(name) && (isSecret(name) || /key$/i.test(name)) && !PATHS.test(name);
}

/** Whether a line is of the mock's log, or of an error as its command writes it. */
function isOurs({ level, message = "" }: LogEntry): boolean {
  return level !== undefined || /^(?:Usage: mockserver |Error: )/.test(String(message));
}
