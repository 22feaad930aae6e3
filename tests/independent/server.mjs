/** An independent implementation of the API, for tests of the judge. See README.md. */
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { caller } from './access.mjs';
import { Refusal, crashed, notFound } from './answers.mjs';
import { readBody } from './body.mjs';
import { emit } from './deliveries.mjs';
import { FAULTS, fault, plant } from './faults.mjs';
import { analytics } from './operations/analytics.mjs';
import { authorization } from './operations/authorization.mjs';
import { events } from './operations/events.mjs';
import { members } from './operations/members.mjs';
import { subscriptions } from './operations/subscriptions.mjs';
import { transactions } from './operations/transactions.mjs';
import { readOptions } from './options.mjs';
import { Router } from './router.mjs';
import { World } from './world.mjs';

const HOST = '127.0.0.1';
const SLOW = 12_000; // milliseconds
const LONGEST_HEAD = 65_536; // bytes
const IDLE = 65_000; // milliseconds
const CORS = { 'Access-Control-Allow-Origin': '*' };
const PREFLIGHT = {
  ...CORS,
  'Access-Control-Allow-Headers': '*',
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
  'Access-Control-Max-Age': '3600',
};

const router = new Router({ ...authorization, ...events, ...subscriptions, ...analytics, ...members, ...transactions });

/** Operations that are slow, each behind its fault. */
const SLOW_OPERATIONS = { webhookSubscriptionGetList: 'list-is-slow' };

/** The store of the path; undefined for operations without one. Throws 404. */
const storeOf = (world, code) => {
  if (code === undefined) return undefined;
  const store = world.stores.get(fault('store-case-ignored') ? code.toUpperCase() : code);
  if (store !== undefined) return store;
  if (fault('unknown-store-is-default')) return world.stores.values().next().value;
  throw notFound();
};

const isPreflight = ({ method, headers }) =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

/** The answer to a request. Throws a Refusal. */
const respond = async (world, basePath, request) => {
  if (isPreflight(request)) return { status: 204, headers: PREFLIGHT };
  const [target, search = ''] = request.url.split(/\?(.*)/s);
  if (!target.startsWith(`${basePath}/`)) throw notFound();
  const { operation, params } = router.find(request.method, target.slice(basePath.length));
  const user = operation.open ? undefined : caller(world, request, operation.id);
  const store = storeOf(world, params.storeCode);
  const body = operation.body ? await readBody(request) : undefined;
  if (operation.id in SLOW_OPERATIONS && fault(SLOW_OPERATIONS[operation.id])) await pause(SLOW);
  const tell = (name, ...subjects) => emit(store, name, ...subjects);
  return operation.handle({ world, store, user, params, search, body, emit: tell });
};

const answerOf = async (world, basePath, request) => {
  try {
    return await respond(world, basePath, request);
  } catch (error) {
    return error instanceof Refusal ? error.answer : crashed(error);
  }
};

const typeOf = (status) => {
  if (fault('json-as-html')) return 'text/html; charset=UTF-8';
  return status >= 400 && fault('errors-as-problem-json') ? 'application/problem+json' : 'application/json';
};

/** Body and media type of an answer. */
const payload = (answer) => {
  if (answer.raw !== undefined) return [answer.raw.text, answer.raw.type];
  if (answer.body === undefined) return [undefined, undefined];
  return [JSON.stringify(answer.body), typeOf(answer.status)];
};

const send = (request, response, answer) => {
  const [text, type] = payload(answer);
  const headers = { ...CORS, ...answer.headers };
  if (type !== undefined) headers['Content-Type'] = type;
  if (text !== undefined) headers['Content-Length'] = Buffer.byteLength(text);
  response.writeHead(answer.status, headers);
  const cut = fault('list-breaks-off') && request.method === 'GET' && (text?.length ?? 0) > 500;
  if (!cut) return void response.end(request.method === 'HEAD' ? undefined : text);
  response.write(text.slice(0, 400), () => response.destroy());
};

/** The answer to what isn't HTTP as this server reads it. */
const refuseConnection = (error, socket) => {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ code: 400, message: 'The request is not readable.', errors: [] });
  const head = ['HTTP/1.1 400 Bad Request', 'Content-Type: application/json', `Content-Length: ${body.length}`];
  socket.end([...head, 'Connection: close', '', body].join('\r\n'));
};

const start = (options) => {
  const world = new World(options);
  const server = createServer({ maxHeaderSize: LONGEST_HEAD, keepAliveTimeout: IDLE }, async (request, response) => {
    request.on('error', () => {});
    const answer = await answerOf(world, options.basePath, request);
    request.resume();
    if (options.latency > 0) await pause(options.latency);
    send(request, response, answer);
  });
  server.on('clientError', refuseConnection);
  server.on('connect', (request, socket) => refuseConnection(undefined, socket));
  server.listen(options.port, HOST, () => {
    console.log(JSON.stringify({ url: `http://${HOST}:${server.address().port}${options.basePath}` }));
  });
  process.on('SIGTERM', () => process.exit(0));
};

/** One line for each: its name, what it does, and the operations where it may be seen. */
const listFaults = () => {
  for (const { name, what, operations } of FAULTS) console.log([name, what, operations.join(',')].join('\t'));
};

const main = () => {
  const options = readOptions(process.argv.slice(2));
  if (options.listFaults) return listFaults();
  if (options.fault !== undefined) plant(options.fault);
  start(options);
};

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
