/**
 * Checks of values. A check is a function of a value, its path and a list to which it adds what is wrong;
 * codes and messages are those of Symfony's constraints.
 */
import { isDate, parseDateTime } from './dates.mjs';

const KINDS = {
  blank: ['c1051bb4-d103-4f74-8988-acbcafc7fdc3', 'This value should not be blank.'],
  type: ['ba785a8c-82cb-4283-967c-3cf342181b40', 'This value should be of type {{ type }}.'],
  choice: ['8e179f1b-97aa-4560-a02f-2a8b42e49df7', 'The value you selected is not a valid choice.'],
  long: ['d94b19cc-114f-4f44-9cc4-4138e80a87b9', 'This value is too long. It should have {{ limit }} characters or less.'],
  pattern: ['de1e3db3-5ed4-4941-aae4-59f3667cc3a3', 'This value is not valid.'],
  email: ['bd79c0ab-ddba-46cc-a703-a7a4b08de310', 'This value is not a valid email address.'],
  url: ['57c2f299-1154-4870-89bb-ef3b1f5ad229', 'This value is not a valid URL.'],
  dateTime: ['1a9da513-2640-4f84-9b6a-4d99dcddc628', 'This value is not a valid datetime.'],
  date: ['69819696-02ac-4a99-9ff0-14e127c4d1bc', 'This value is not a valid date.'],
  uuid: ['51120b12-a2bc-41bf-aa53-cd73daf330d0', 'This is not a valid UUID.'],
  range: ['04b91c99-a946-4221-afc5-e65ebac401eb', 'This value should be between {{ min }} and {{ max }}.'],
  many: ['756b1212-697c-468d-a9ad-50dd783bb169', 'This collection should contain {{ limit }} elements or less.'],
  unknown: ['7703c766-b5d5-4cef-ace7-ae0dd82304e9', 'This field was not expected.'],
  taken: ['23bd9dbf-6b9b-41cd-a99e-4844bcf3077f', 'This value is already used.'],
  multiple: ['6d99d6c3-1464-4ccf-bdc7-14d083cf455c', 'This value should be a multiple of {{ step }}.'],
};

/** One entry of `errors`. */
export const problem = (kind, path, parameters = {}) => {
  const [code, message] = KINDS[kind];
  const text = message.replace(/\{\{ (\w+) \}\}/g, (_, name) => String(parameters[name]));
  return { message: text, parameters, plural: parameters.limit ?? null, code, path };
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const QUOTED = '"(?:[ !#-\\[\\]-~]|\\\\[ -~])*"';
const ADDRESS = new RegExp(`^(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})@(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9A-Fa-f:.Iv]+\\])$`);

const FORMATS = {
  uuid: (value) => UUID.test(value),
  email: (value) => ADDRESS.test(value),
  dateTime: (value) => parseDateTime(value) !== undefined,
  date: isDate,
};

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Characters as people count them, not halves of them. */
const length = (value) => [...value].length;

/** A text: of a length, of a list, of a pattern (and what a wrong one is called), or of a format. */
export const text = (rules = {}) => (value, path, problems) => {
  const { max = 255, choices, pattern, kind = 'pattern', format, nullable = false } = rules;
  if (value === null && nullable) return;
  if (typeof value !== 'string') return void problems.push(problem('type', path, { type: 'string' }));
  if (length(value) > max) problems.push(problem('long', path, { limit: max }));
  if (choices !== undefined && !choices.includes(value)) problems.push(problem('choice', path, { choices: choices.join(', ') }));
  if (pattern !== undefined && !pattern.test(value)) problems.push(problem(kind, path));
  if (format !== undefined && !FORMATS[format](value)) problems.push(problem(format, path));
};

export const bool = () => (value, path, problems) => {
  if (typeof value !== 'boolean') problems.push(problem('type', path, { type: 'bool' }));
};

/** The decimals of a finite number, as its shortest form writes them. */
const decimals = (value) => {
  const [digits, exponent = '0'] = String(value).split('e');
  return Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent));
};

/** A finite number, with at most so many decimals. */
export const number = ({ places } = {}) => (value, path, problems) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    problems.push(problem('type', path, { type: 'float' }));
  } else if (places !== undefined && decimals(value) > places) {
    problems.push(problem('multiple', path, { step: 10 ** -places }));
  }
};

/** A whole number of 32 bits, or within bounds of its own. */
export const integer = ({ min = -(2 ** 31), max = 2 ** 31 - 1 } = {}) => (value, path, problems) => {
  if (!Number.isInteger(value)) problems.push(problem('type', path, { type: 'int' }));
  else if (value < min || value > max) problems.push(problem('range', path, { min, max }));
};

export const list = (of, { max = Infinity, nullable = false } = {}) => (value, path, problems) => {
  if (value === null && nullable) return;
  if (!Array.isArray(value)) return void problems.push(problem('type', path, { type: 'array' }));
  if (value.length > max) problems.push(problem('many', path, { limit: max }));
  value.forEach((entry, index) => of(entry, `${path}[${index}]`, problems));
};

/** An object: its properties, which it needs, and whether it may have others. */
export const object = (properties, { required = [], closed = false } = {}) => (value, path, problems) => {
  if (!isObject(value)) return void problems.push(problem('type', path, { type: 'object' }));
  const below = (name) => (path === '' ? name : `${path}.${name}`);
  for (const name of required) if (!Object.hasOwn(value, name)) problems.push(problem('blank', below(name)));
  for (const [name, entry] of Object.entries(value)) {
    if (Object.hasOwn(properties, name)) properties[name](entry, below(name), problems);
    else if (closed) problems.push(problem('unknown', below(name)));
  }
};
