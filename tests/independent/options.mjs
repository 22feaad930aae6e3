/** The command line of the server. */
import { parseArgs } from 'node:util';

const OPTIONS = {
  port: { type: 'string', default: '0' },
  fault: { type: 'string' },
  'list-faults': { type: 'boolean', default: false },
  latency: { type: 'string', default: '0' },
  'token-ttl': { type: 'string', default: '86400' },
  'base-path': { type: 'string', default: '' },
  username: { type: 'string', default: 'admin' },
  password: { type: 'string', default: 'admin-password-1' },
  'api-key': { type: 'string', default: 'independent-api-key-1' },
  store: { type: 'string', default: 'DEFAULT' },
  'other-store': { type: 'string' },
  'member-username': { type: 'string' },
  'member-password': { type: 'string' },
};

/** A whole number, or an error that names the option. */
const whole = (name, text) => {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number, and is ${text}`);
  return Number(text);
};

/** What the command line says. Throws an Error with one line where it is wrong. */
export const readOptions = (argv) => {
  const { values } = parseArgs({ args: argv, options: OPTIONS });
  return {
    port: whole('port', values.port),
    fault: values.fault,
    listFaults: values['list-faults'],
    latency: whole('latency', values.latency), // milliseconds
    tokenTtl: whole('token-ttl', values['token-ttl']), // seconds
    basePath: values['base-path'].replace(/\/+$/, ''),
    admin: { username: values.username, password: values.password, apiKey: values['api-key'] },
    stores: [values.store, values['other-store']].filter((code) => code !== undefined),
    member:
      values['member-username'] === undefined
        ? undefined
        : { username: values['member-username'], password: values['member-password'] ?? '' },
  };
};
