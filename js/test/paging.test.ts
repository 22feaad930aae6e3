// src/steering.ts: lists that no page has room for, as of a mock with more open deliveries than it keeps finished ones.
import { expect, test } from "vitest";
import type { ControlClient } from "../src/index.js";
import { DeliveriesControl } from "../src/steering.js";

type Query = { _page?: number; _itemsOnPage: number; wait?: number; atLeast?: number };

/** A control plane with so many deliveries, and the queries that it was asked. */
function controlOf(total: number): { deliveries: DeliveriesControl; queries: Query[] } {
  const queries: Query[] = [];
  const all = Array.from({ length: total }, (_, number) => ({ deliveryId: String(number) }));
  const GET = async (_: string, { params }: { params: { query: Query } }): Promise<unknown> => {
    queries.push(params.query);
    const { _page = 1, _itemsOnPage: size } = params.query;
    return { data: { items: all.slice((_page - 1) * size, _page * size), total } };
  };
  return { deliveries: new DeliveriesControl({ GET } as unknown as ControlClient), queries };
}

for (const total of [0, 999, 1_000, 1_001, 2_345]) {
  test(`all of ${total} deliveries are listed, in their order, and waited for by the first page`, async () => {
    const { deliveries, queries } = controlOf(total);
    const ids = (await deliveries.list()).map((each) => each.deliveryId);
    expect(ids).toEqual(Array.from({ length: total }, (_, number) => String(number)));
    queries.length = 0;
    await deliveries.wait({ atLeast: total, timeout: 3 });
    expect(queries.filter((each) => each.wait !== undefined)).toMatchObject([{ wait: 3, atLeast: total }]);
  });
}

for (const [total, count] of [[0, 10], [7, 10], [10, 10], [11, 10], [25, 10], [1_234, 100]] as const) {
  test(`of ${total} deliveries, the last ${count} are those that came last`, async () => {
    const ids = (await controlOf(total).deliveries.latest(count)).map((each) => Number(each.deliveryId));
    expect(ids).toEqual(Array.from({ length: total }, (_, number) => number).slice(-count));
  });
}
