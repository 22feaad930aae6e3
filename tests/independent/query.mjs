/** Query strings: parameters by name, of a repeated one the last. */
import { validationFailed } from './answers.mjs';
import { compareMoments, parseDateTime } from './dates.mjs';
import { fault } from './faults.mjs';
import { problem } from './validation.mjs';

const dateTime = (value) => {
  const moment = parseDateTime(value);
  return moment === undefined && fault('filter-date-unchecked') ? { seconds: 0, fraction: 0 } : moment;
};

/** A whole number within bounds. */
const integer = (min, max) => (value) => {
  const inBounds = /^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max;
  return inBounds ? Number(value) : undefined;
};

/** A parameter's readers: from text to its value, or undefined where it is none. */
export const readers = {
  text: (value) => value,
  nothing: () => true,
  bool: (value) => ({ true: true, false: false })[value],
  dateTime,
  integer,
};

/** The values of a query by the readers of its parameters. Throws a 400 that names what isn't known or doesn't fit. */
export const readQuery = (search, known) => {
  const problems = [];
  const values = {};
  for (const [name, text] of new URLSearchParams(search)) {
    if (!Object.hasOwn(known, name)) {
      if (!fault('unknown-query-accepted')) problems.push(problem('unknown', name));
      continue;
    }
    const value = known[name](text);
    if (value === undefined) problems.push(problem('pattern', name));
    else values[name] = value;
  }
  if (problems.length > 0) throw validationFailed(problems);
  return values;
};

const textOperators = {
  eq: (value, wanted) => value === wanted,
  like: (value, wanted) => {
    if (fault('filter-like-case-sensitive')) return value.includes(wanted);
    if (fault('filter-like-is-prefix')) return value.toLowerCase().startsWith(wanted.toLowerCase());
    return value.toLowerCase().includes(wanted.toLowerCase());
  },
};

const timeOperators = {
  eq: (value, wanted) => compareMoments(value, wanted) === 0,
  lt: (value, wanted) => compareMoments(value, wanted) < 0,
  lte: (value, wanted) => compareMoments(value, wanted) <= (fault('filter-lte-excludes-equal') ? -1 : 0),
  gt: (value, wanted) => compareMoments(value, wanted) > 0,
  gte: (value, wanted) => compareMoments(value, wanted) >= 0,
};

const presence = { hasValue: () => true, notHasValue: () => false };

const KINDS = {
  text: [textOperators, presence, readers.text],
  dateTime: [timeOperators, presence, readers.dateTime],
  bool: [{ eq: (value, wanted) => value === wanted }, {}, readers.bool],
};

/** The filters of a list: for each parameter its reader, and the test of a field. */
export const filtersOf = (fields) => {
  const filters = {};
  for (const [field, kind] of Object.entries(fields)) {
    const [operators, present, reader] = KINDS[kind];
    filters[field] = { field, reader, test: operators.eq };
    for (const [name, test] of Object.entries(operators)) filters[`${field}[${name}]`] = { field, reader, test };
    for (const [name, test] of Object.entries(present)) filters[`${field}[${name}]`] = { field, reader: readers.nothing, test };
  }
  return filters;
};
