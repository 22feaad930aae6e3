// Which program is the mock: the one that came with this package, or one on the PATH.
import { accessSync, constants, statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, isAbsolute, join } from "node:path";

/** The variable that names the program, for all who don't say `executable`. */
export const VARIABLE = "OPENLOYALTY_MOCKSERVER";

/** There is no mock to start; the message says what was looked for, and what to do. */
export class ExecutableNotFound extends Error {
  override name = "ExecutableNotFound";
}

/** What decides which program is found: all of it is handed in by tests. */
export interface Place {
  platform: string;
  arch: string;
  env: Record<string, string | undefined>;
  /** The path of a package's package.json. Throws if the package isn't installed. */
  resolve: (packageName: string) => string;
}

const HERE: Place = {
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  resolve: (name) => createRequire(import.meta.url).resolve(`${name}/package.json`),
};

/** The package that carries the program for a platform. */
export function platformPackage({ platform, arch }: Pick<Place, "platform" | "arch">): string {
  return `openloyalty-mockserver-${platform}-${arch}`;
}

/** What to do about a program that was started, and doesn't log as the mock does. */
export function foreign(program: string): string {
  return [
    `Is ${program} the mock of Open Loyalty? It wrote no line of that one's log: other programs are called`,
    `\`mockserver\`, too. Ask it for its \`--version\`. If it is another one, name the mock's program:`,
    `  export ${VARIABLE}=/path/to/mockserver   or { executable: "/path/to/mockserver" }`,
  ].join("\n");
}

/** The path of the mock's program. Throws ExecutableNotFound. */
export function findExecutable(given?: string, place: Place = HERE): string {
  const named = given ?? place.env[VARIABLE];
  if (named) {
    if (isProgram(named)) return named;
    throw new ExecutableNotFound(`${named} is no program that can be run. Correct \`executable\`, or ${VARIABLE}.`);
  }
  const found = packaged(place) ?? onPath(place);
  if (found) return found;
  throw new ExecutableNotFound(advice(place));
}

function packaged(place: Place): string | undefined {
  const ending = place.platform === "win32" ? ".exe" : "";
  try {
    const program = join(dirname(place.resolve(platformPackage(place))), "mockserver", `mockserver${ending}`);
    return isProgram(program) ? program : undefined;
  } catch {
    return undefined; // it isn't installed
  }
}

function onPath(place: Place): string | undefined {
  const names = place.platform === "win32" ? ["mockserver.exe"] : ["mockserver"];
  const folders = (place.env["PATH"] ?? place.env["Path"] ?? "").split(delimiter).filter(mayHaveOurs);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

/** npx and npm's scripts put node_modules/.bin first, where the `mockserver` of another npm package may be. */
function mayHaveOurs(folder: string): boolean {
  return isAbsolute(folder) && !/[\\/]node_modules[\\/]+\.bin[\\/]*$/i.test(folder);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function advice(place: Place): string {
  const name = platformPackage(place);
  return [
    "There is no mock to start: neither the package of this platform is installed, nor is `mockserver` on the PATH",
    "(where folders of npm, node_modules/.bin, and relative ones don't count).",
    "Do one of these:",
    `  npm install --save-dev ${name}`,
    "      where there is one for this platform; `npm install --omit=optional` leaves it out",
    "  pip install openloyalty-mockserver",
    "      with Python 3.11 or newer; then `mockserver` is on the PATH of its environment",
    `  export ${VARIABLE}=/path/to/mockserver   or { executable: "/path/to/mockserver" }`,
  ].join("\n");
}
