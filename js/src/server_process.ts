// The process of a mock: it is started, tells its address, and ends with us.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const REMEMBERED = 200; // lines of the log
const GRACE = 5_000; // milliseconds that a mock gets to end

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
      const command = [options.executable, ...args].join(" ");
      const fail = (what: string): void => reject(new StartError(`${what}${said(log)}\n  ${command}`));
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

function said(log: LogEntry[]): string {
  return log.length ? ` It said:\n${log.map((entry) => `  ${entry.message ?? JSON.stringify(entry)}`).join("\n")}` : "";
}
