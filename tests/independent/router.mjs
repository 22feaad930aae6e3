/** From method and path to an operation. */
import { methodNotAllowed, notFound } from './answers.mjs';

/** One path template and what stands at its methods. */
class Route {
  constructor(template, operations) {
    this.segments = template.split('/').slice(1);
    this.operations = operations;
  }

  /** The path parameters, or undefined where the path is another one. */
  match(segments) {
    if (segments.length !== this.segments.length) return undefined;
    const params = {};
    for (const [index, expected] of this.segments.entries()) {
      if (expected.startsWith('{')) params[expected.slice(1, -1)] = segments[index];
      else if (expected !== segments[index]) return undefined;
    }
    return params;
  }

  get methods() {
    return Object.keys(this.operations).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  }
}

export class Router {
  /** @param {Record<string, Record<string, object>>} paths operations by method, by template; literals first */
  constructor(paths) {
    this.routes = Object.entries(paths).map(([template, operations]) => new Route(template, operations));
  }

  /** The operation and its path parameters. Throws 404 and 405. */
  find(method, path) {
    const segments = this.#decoded(path);
    for (const route of this.routes) {
      const params = route.match(segments);
      if (params === undefined) continue;
      const operation = route.operations[method === 'HEAD' ? 'GET' : method];
      if (operation === undefined) throw methodNotAllowed(route.methods);
      return { operation, params };
    }
    throw notFound();
  }

  #decoded(path) {
    try {
      return path.split('/').slice(1).map(decodeURIComponent);
    } catch {
      throw notFound();
    }
  }
}
