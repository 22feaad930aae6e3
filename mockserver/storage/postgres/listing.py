"""The statement for one page of subscriptions: filters, sorting and totals as `table.Table` has them."""

from typing import Any

from mockserver.storage.postgres import rows
from mockserver.storage.table import Filter, Query

FIELDS = {"eventName": "event_name", "url": "url", "createdAt": "created_at", "legacy": "legacy"}
FOLDED = {"eventName": "event_folded", "url": "url_folded"}
COMPARED = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
LARGEST = 2**62  # of a number of rows

# Without a row there is no such store; a row without an id is of an empty page.
_PAGE = """
SELECT totals.total, totals.filtered, page.* FROM stores CROSS JOIN LATERAL (
    SELECT count(*) AS total, count(*) FILTER (WHERE {conditions}) AS filtered
    FROM subscriptions WHERE store_code = code
) totals LEFT JOIN LATERAL (
    SELECT {columns}, url, n FROM subscriptions WHERE store_code = code AND {conditions}
    ORDER BY {order} LIMIT $2 OFFSET $3
) page ON true WHERE code = $1 ORDER BY {order}
"""


def page_of(store_code: str, query: Query) -> tuple[str, list[Any]]:
    """The statement, and its values. A row has how many there are, how many pass, and the columns SUBSCRIPTION."""
    values: list[Any] = [rows.packed(store_code), query.items_on_page, (query.page - 1) * query.items_on_page]
    values[1:] = [min(number, LARGEST) for number in values[1:]]
    conditions = [_condition(condition, values) for condition in query.filters]
    statement = _PAGE.format(
        columns=rows.SUBSCRIPTION, conditions=" AND ".join(conditions) or "true", order=_order(query.order)
    )
    return statement, values


def _condition(condition: Filter, values: list[Any]) -> str:
    """The condition in SQL; its operand is added to the values."""
    field, operator, operand = condition
    column = FIELDS[field]
    if operator in ("hasValue", "notHasValue"):
        return "true" if operator == "hasValue" else "false"  # they all have one
    if operator == "like":
        values.append(rows.packed(operand.casefold()))
        return f"position(${len(values)}::bytea IN {FOLDED[field]}) > 0"
    values.append(rows.packed(operand) if isinstance(operand, str) else operand)
    return f"{column} {COMPARED[operator]} ${len(values)}"


def _order(order: tuple[tuple[str, bool], ...]) -> str:
    """The order: one descending key turns equal ones round, too; under several, equal ones stay as they came."""
    keys = [FIELDS[field] + (" DESC" if descending else "") for field, descending in order]
    is_reversed = len(order) == 1 and order[0][1]
    return ", ".join([*keys, "n DESC" if is_reversed else "n"])
