/** Lists: filtered, sorted, cut into pages, counted. */
import { fault } from './faults.mjs';
import { filtersOf, readers, readQuery } from './query.mjs';

const MAX_ROWS = 50;
const ORDER = /^_orderBy\[(.*)\]$/s;
const DIRECTIONS = ['asc', 'desc'];

const direction = (text) => {
  if (fault('order-direction-unchecked')) return text.toLowerCase() === 'desc' ? 'desc' : 'asc';
  return DIRECTIONS.includes(text) ? text : undefined;
};

/** A list of records: what it may be filtered and sorted by. */
export class Listing {
  constructor({ filters, sortable }) {
    this.filters = filtersOf(filters);
    this.sortable = sortable;
  }

  /** What a query asks for. Throws a 400. */
  read(search) {
    const values = readQuery(search, this.#known());
    const order = Object.entries(values).filter(([name]) => ORDER.test(name));
    return {
      page: values._page ?? 1,
      size: Math.min(values._itemsOnPage ?? 10, MAX_ROWS),
      order: order.map(([name, way]) => [ORDER.exec(name)[1], way]),
      tests: Object.entries(values).filter(([name]) => name in this.filters),
    };
  }

  #known() {
    const largest = fault('items-on-page-clamped') ? 2 ** 31 - 1 : MAX_ROWS;
    const known = { _page: readers.integer(1, 2 ** 31 - 1), _itemsOnPage: readers.integer(1, largest) };
    const more = fault('unknown-order-field-accepted') ? ['legacy', 'hmacEnabled', 'destinationType', 'nothing'] : [];
    for (const field of [...this.sortable, ...more]) known[`_orderBy[${field}]`] = direction;
    for (const [name, { reader }] of Object.entries(this.filters)) known[name] = reader;
    return known;
  }

  /** The rows that pass. `valueOf` gives a record's field as the filters compare it. */
  filter(records, { tests }, valueOf) {
    const passes = ([name, wanted]) => (record) => {
      const { field, test } = this.filters[name];
      if (fault('filter-event-name-ignored') && name === 'eventName') return true;
      return test(valueOf(record, field), wanted);
    };
    const all = tests.map(passes);
    const either = fault('filters-combined-by-or') && all.length > 0;
    if (either) return records.filter((record) => all.some((pass) => pass(record)));
    return records.filter((record) => all.every((pass) => pass(record)));
  }
}

/** The records in the order that is asked for, else as they came. */
const sorted = (records, order, keyOf) => {
  if (fault('order-ignored')) return records;
  const keys = fault('second-order-key-ignored') ? order.slice(0, 1) : order;
  const flip = fault('order-reversed') ? -1 : 1;
  return [...records].sort((one, other) => {
    for (const [field, way] of keys) {
      const [left, right] = [keyOf(one, field), keyOf(other, field)];
      if (left !== right) return (left < right ? -1 : 1) * (way === 'desc' ? -1 : 1) * flip;
    }
    return 0;
  });
};

/** The rows of one page. */
const pageOf = (rows, page, size) => {
  if (fault('page-counted-from-zero')) return rows.slice(page * size, (page + 1) * size);
  if (fault('page-overlaps-by-one')) return rows.slice(Math.max(0, (page - 1) * size - 1), page * size);
  if (fault('items-on-page-ignored')) return rows.slice((page - 1) * 10, page * 10);
  if (fault('page-past-end-is-last-page') && (page - 1) * size >= rows.length) return rows.slice(-size);
  return rows.slice((page - 1) * size, page * size);
};

/** The rows of one page, in order: a list is sorted, then cut. */
export const sortedPage = (rows, { order, page, size }, keyOf) => {
  if (fault('order-within-the-page')) return sorted(pageOf(rows, page, size), order, keyOf);
  return pageOf(sorted(rows, order, keyOf), page, size);
};

/** The counts of a list. */
export const totalOf = ({ all, filtered, shown }) => {
  const total = { all, filtered, estimated: false };
  if (fault('total-counts-the-page')) total.filtered = shown;
  if (fault('total-all-counts-filtered')) total.all = filtered;
  if (fault('total-as-text')) total.all = String(all);
  if (fault('total-estimated-null')) total.estimated = null;
  return total;
};
