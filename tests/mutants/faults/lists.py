"""Lists that page, count, filter or sort wrongly."""

import re
from collections.abc import Callable
from dataclasses import replace
from operator import itemgetter
from types import SimpleNamespace

from tests.mutants.exchange import OTHER_STORE, Answer, Request, Send, calling
from tests.mutants.mutant import Registry

MUTANTS = Registry()
_LIST, _POST, _DELETE = "webhookSubscriptionGetList", "_webhookSubscriptionPost", "webhookSubscriptionDelete"
_DEFAULT_ROWS = 10
_MOST_ROWS = 50


def _number(request: Request, name: str, default: int) -> int:
    value = request.parameter(name) or ""
    return int(value) if re.fullmatch(r"[1-9][0-9]{0,6}", value) else default


def _renamed(request: Request, names: dict[str, str]) -> Request:
    return request.with_query((names.get(name, name), value) for name, value in request.query)


# ---------------------------------------------------------------- paging
@MUTANTS.requests(_LIST)
def page_is_ignored(request: Request) -> Request:
    """Every page is the first."""
    return request.without_parameters("_page") if _number(request, "_page", 0) else request


@MUTANTS.requests(_LIST)
def items_on_page_is_ignored(request: Request) -> Request:
    """Pages hold ten rows, whatever is asked."""
    asked = _number(request, "_itemsOnPage", 0)
    return request.without_parameters("_itemsOnPage") if 0 < asked <= _MOST_ROWS else request


@MUTANTS.requests(_LIST)
def default_page_is_larger(request: Request) -> Request:
    """Without `_itemsOnPage` a page holds 20 rows instead of 10."""
    return request if request.parameter("_itemsOnPage") else request.with_parameters(_itemsOnPage=20)


@MUTANTS.requests(_LIST)
def pages_count_from_zero(request: Request) -> Request:
    """Page 1 is the second one."""
    page = _number(request, "_page", 0)
    return request.with_parameters(_page=page + 1) if page else request


@MUTANTS.exchanges(_LIST)
async def page_lacks_its_last_row(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A full page lacks its last row."""
    answer = await send(request)
    if request.operation != _LIST or answer.status != 200:
        return answer
    items = answer.json["items"]
    full = len(items) == _number(request, "_itemsOnPage", _DEFAULT_ROWS)
    return answer.with_json(answer.json | {"items": items[:-1]}) if full else answer


@MUTANTS.exchanges(_LIST)
async def pages_overlap(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """Each page begins with the last row of the one before."""
    answer = await send(request)
    page = _number(request, "_page", 1)
    if request.operation != _LIST or answer.status != 200 or page == 1:
        return answer
    before = (await send(request.with_parameters(_page=page - 1))).json["items"]
    return answer.with_json(answer.json | {"items": before[-1:] + answer.json["items"][:-1]})


@MUTANTS.exchanges(_LIST)
async def pages_are_sorted_by_themselves(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A list is cut into pages, and then each is sorted."""
    order = [pair for pair in request.query if pair[0].startswith("_orderBy[")]
    if request.operation != _LIST or not order:
        return await send(request)
    answer = await send(request.without_parameters(*(name for name, _ in order)))
    if answer.status != 200:
        return answer
    rows = answer.json["items"]
    for name, direction in reversed(order):
        key = name.removeprefix("_orderBy[").removesuffix("]")
        rows = sorted(rows, key=itemgetter(key), reverse=direction == "desc")
    return answer.with_json(answer.json | {"items": rows})


@MUTANTS.exchanges(_LIST)
async def page_past_the_end_is_the_last(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A page past the end is the last one again instead of an empty list."""
    answer = await send(request)
    if request.operation != _LIST or answer.status != 200 or answer.json["items"]:
        return answer
    rows = _number(request, "_itemsOnPage", _DEFAULT_ROWS)
    last = -(-answer.json["total"]["filtered"] // rows)
    return await send(request.with_parameters(_page=last)) if last else answer


@MUTANTS.exchanges(_LIST)
async def page_past_the_end_is_404(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A page past the end is a 404 instead of an empty list."""
    answer = await send(request)
    empty = request.operation == _LIST and answer.status == 200 and not answer.json["items"]
    past_the_end = empty and _number(request, "_page", 1) > 1
    return Answer.of(404, {"code": 404, "message": "Not Found"}) if past_the_end else answer


@MUTANTS.exchanges(_LIST)
async def too_many_rows_are_cut(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """More than 50 rows a page are cut down to 50 instead of refused."""
    cut = request.operation == _LIST and _number(request, "_itemsOnPage", 0) > _MOST_ROWS
    return await send(request.with_parameters(_itemsOnPage=_MOST_ROWS) if cut else request)


@MUTANTS.requests(_LIST)
def page_zero_is_the_first(request: Request) -> Request:
    """Page 0 and those below are the first page instead of refused."""
    below = re.fullmatch(r"-[0-9]+|0", request.parameter("_page") or "")
    return request.with_parameters(_page=1) if below else request


# ---------------------------------------------------------------- counting
def _with_total(answer: Answer, **counts: int) -> Answer:
    return answer.with_json(answer.json | {"total": answer.json["total"] | counts})


@MUTANTS.answers(_LIST)
def total_counts_the_page(answer: Answer) -> Answer:
    """`total` counts the rows of the page."""
    rows = len(answer.json["items"])
    return _with_total(answer, all=rows, filtered=rows)


@MUTANTS.answers(_LIST)
def filtered_is_all(answer: Answer) -> Answer:
    """`total.filtered` counts all rows of the store."""
    return _with_total(answer, filtered=answer.json["total"]["all"])


@MUTANTS.answers(_LIST)
def all_is_filtered(answer: Answer) -> Answer:
    """`total.all` counts only what passes the filters."""
    return _with_total(answer, all=answer.json["total"]["filtered"])


@MUTANTS.exchanges(_LIST)
async def total_counts_all_stores(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """`total.all` counts the rows of another store, too."""
    answer = await send(request)
    if request.operation != _LIST or answer.status != 200 or request.store == OTHER_STORE:
        return answer
    path = request.path.replace(f"/{request.store}/", f"/{OTHER_STORE}/")
    other = await send(calling(request, "GET", path))
    return _with_total(answer, all=answer.json["total"]["all"] + other.json["total"]["all"])


@MUTANTS.answers(_LIST)
def filtered_is_one_too_many(answer: Answer) -> Answer:
    """`total.filtered` is one too many."""
    return _with_total(answer, filtered=answer.json["total"]["filtered"] + 1)


@MUTANTS.answers(_LIST)
def all_is_one_too_many(answer: Answer) -> Answer:
    """`total.all` is one too many."""
    return _with_total(answer, all=answer.json["total"]["all"] + 1)


@MUTANTS.answers(_LIST)
def total_is_never_more_than_nothing(answer: Answer) -> Answer:
    """`total` is always 0."""
    return _with_total(answer, all=0, filtered=0)


# ---------------------------------------------------------------- rows
@MUTANTS.answers(_LIST)
def rows_are_there_twice(answer: Answer) -> Answer:
    """The first row of a page is also its last, in place of the one that belongs there."""
    items = answer.json["items"]
    return answer.with_json(answer.json | {"items": items[:-1] + items[:1]})


@MUTANTS.exchanges(_LIST)
async def list_shows_the_other_store(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """The list of a store that has none shows the subscriptions of another store."""
    answer = await send(request)
    if request.operation != _LIST or answer.status != 200 or request.store != OTHER_STORE:
        return answer
    return await send(replace(request, target=request.target.replace(OTHER_STORE, "DEFAULT", 1)))


@MUTANTS.exchanges(_LIST)
async def list_adds_rows_of_the_other_store(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """The list contains the subscriptions of the other store, too."""
    answer = await send(request)
    if request.operation != _LIST or answer.status != 200:
        return answer
    other = "DEFAULT" if request.store == OTHER_STORE else OTHER_STORE
    more = await send(replace(request, target=request.target.replace(str(request.store), other, 1)))
    items = answer.json["items"] + (more.json["items"] if more.status == 200 else [])
    return answer.with_json(answer.json | {"items": items[: _number(request, "_itemsOnPage", _DEFAULT_ROWS)]})


@MUTANTS.exchanges(_LIST, _POST)
async def list_lacks_the_newest(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """The list lacks the subscription that was made last."""
    answer = await send(request)
    if request.operation == _POST and answer.status == 200:
        memory.newest = answer.json["webhookSubscriptionId"]
    if request.operation != _LIST or answer.status != 200:
        return answer
    newest = getattr(memory, "newest", None)
    rows = answer.json["items"]
    kept = [row for row in rows if row["webhookSubscriptionId"] != newest]
    counts = {name: answer.json["total"][name] - (len(kept) < len(rows)) for name in ("all", "filtered")}
    return _with_total(answer.with_json(answer.json | {"items": kept}), **counts)


@MUTANTS.exchanges(_LIST, _DELETE)
async def list_keeps_the_deleted(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """The list still has, on its first page, what was deleted last."""
    row = (await send(calling(request, "GET", request.path))).json if request.operation == _DELETE else None
    answer = await send(request)
    if row and answer.status == 204:
        row.pop("headers", None)
        memory.deleted = row
    if request.operation != _LIST or answer.status != 200 or not hasattr(memory, "deleted"):
        return answer
    first = _number(request, "_page", 1) == 1
    return answer.with_json(answer.json | {"items": [memory.deleted, *answer.json["items"]]}) if first else answer


@MUTANTS.exchanges(_LIST, _POST, _DELETE)
async def list_is_stale(request: Request, send: Send, memory: SimpleNamespace) -> Answer:
    """Each list is answered from a cache that never ends."""
    answer = await send(request)
    if request.operation != _LIST or answer.status != 200:
        return answer
    kept: Answer = memory.__dict__.setdefault(request.target, answer)
    return kept


# ---------------------------------------------------------------- filters
def _ignores(parameter: str, breaks: str) -> None:
    def change(request: Request) -> Request:
        return request.without_parameters(parameter)

    change.__name__ = f"{parameter} is ignored"
    change.__doc__ = breaks
    MUTANTS.requests(_LIST)(change)


for _name in ("eventName", "url", "createdAt", "legacy"):
    _ignores(_name, f"The filter `{_name}` makes no difference.")
    _ignores(f"{_name}[eq]", f"The filter `{_name}[eq]` makes no difference.")
for _name in ("eventName", "url"):
    _ignores(f"{_name}[like]", f"The filter `{_name}[like]` makes no difference.")
for _name in ("eventName", "url", "createdAt"):
    _ignores(f"{_name}[notHasValue]", f"The filter `{_name}[notHasValue]` makes no difference.")
for _name in ("lt", "lte", "gt", "gte"):
    _ignores(f"createdAt[{_name}]", f"The filter `createdAt[{_name}]` makes no difference.")


@MUTANTS.requests(_LIST)
def before_includes_the_moment(request: Request) -> Request:
    """`createdAt[lt]` works as `lte`."""
    return _renamed(request, {"createdAt[lt]": "createdAt[lte]"})


@MUTANTS.requests(_LIST)
def from_excludes_the_moment(request: Request) -> Request:
    """`createdAt[gte]` works as `gt`."""
    return _renamed(request, {"createdAt[gte]": "createdAt[gt]"})


@MUTANTS.requests(_LIST)
def before_and_after_are_swapped(request: Request) -> Request:
    """`createdAt[lt]` and `createdAt[gt]` are swapped."""
    return _renamed(request, {"createdAt[lt]": "createdAt[gt]", "createdAt[gt]": "createdAt[lt]"})


@MUTANTS.requests(_LIST)
def equal_is_like(request: Request) -> Request:
    """`eventName` and `url` accept a part of the value."""
    names = {f"{field}{operator}": f"{field}[like]" for field in ("eventName", "url") for operator in ("", "[eq]")}
    return _renamed(request, names)


@MUTANTS.requests(_LIST)
def like_is_equal(request: Request) -> Request:
    """`like` wants the whole value."""
    return _renamed(request, {f"{field}[like]": f"{field}[eq]" for field in ("eventName", "url")})


@MUTANTS.exchanges(_LIST)
async def like_minds_the_case(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """`eventName[like]` minds upper and lower case."""
    answer = await send(request)
    part = request.parameter("eventName[like]")
    if request.operation != _LIST or answer.status != 200 or not part:
        return answer
    kept = [row for row in answer.json["items"] if part in row["eventName"]]
    return answer.with_json(answer.json | {"items": kept})


@MUTANTS.requests(_LIST)
def only_the_last_filter_counts(request: Request) -> Request:
    """Of several filters only the last one counts."""
    filters = [name for name, _ in request.query if not name.startswith("_")]
    return request.without_parameters(*filters[:-1])


@MUTANTS.exchanges(_LIST)
async def no_match_is_everything(request: Request, send: Send, _: SimpleNamespace) -> Answer:
    """A filter that nothing passes shows everything."""
    answer = await send(request)
    if request.operation != _LIST or answer.status != 200 or answer.json["total"]["filtered"]:
        return answer
    return await send(request.without_parameters(*(name for name, _ in request.query if not name.startswith("_"))))


def _accepts(what: str, breaks: str, pattern: str, wrong: Callable[[str], bool]) -> None:
    """What doesn't fit is dropped instead of refused."""

    def change(request: Request) -> Request:
        unfit = (name for name, value in request.query if re.fullmatch(pattern, name) and wrong(value))
        return request.without_parameters(*unfit)

    change.__name__, change.__doc__ = what, breaks
    MUTANTS.requests(_LIST)(change)


_accepts("odd sorting is accepted", "A wrong direction of sorting is ignored instead of refused.",
         r"_orderBy\[\w+\]", lambda value: value not in ("asc", "desc"))  # fmt: skip
_accepts("unknown sort field is accepted", "Sorting by an unknown field is ignored instead of refused.",
         r"_orderBy\[(?!createdAt\]|eventName\]|url\])\w*\]", lambda _: True)  # fmt: skip
_accepts("unknown filter is accepted", "An unknown query parameter is ignored instead of refused.",
         r"(?!_page$|_itemsOnPage$|_orderBy|eventName|url|createdAt|legacy).*", lambda _: True)  # fmt: skip
_accepts("odd moment is accepted", "A `createdAt` that is no date-time is ignored instead of refused.",
         r"createdAt(\[(eq|lte?|gte?)\])?", lambda value: not re.match(r"\d{4}-\d\d-\d\d[Tt]", value))  # fmt: skip


# ---------------------------------------------------------------- sorting
_ORDER = re.compile(r"_orderBy\[(\w+)\]")


@MUTANTS.requests(_LIST)
def sorting_is_ignored(request: Request) -> Request:
    """`_orderBy` makes no difference."""
    good = [name for name, value in request.query if _ORDER.fullmatch(name) and value in ("asc", "desc")]
    return request.without_parameters(*good)


@MUTANTS.requests(_LIST)
def sorting_is_reversed(request: Request) -> Request:
    """`asc` and `desc` are swapped."""
    swap = {"asc": "desc", "desc": "asc"}
    return request.with_query(
        (name, swap.get(value, value) if _ORDER.fullmatch(name) else value) for name, value in request.query
    )


@MUTANTS.requests(_LIST)
def sorting_by_url_goes_by_event(request: Request) -> Request:
    """Sorting by URL sorts by event name."""
    return _renamed(request, {"_orderBy[url]": "_orderBy[eventName]"})


@MUTANTS.requests(_LIST)
def second_sort_key_is_ignored(request: Request) -> Request:
    """Only the first of several sort keys counts."""
    keys = [name for name, _ in request.query if _ORDER.fullmatch(name)]
    return request.without_parameters(*keys[1:])


@MUTANTS.requests(_LIST)
def sorting_knows_only_ascending(request: Request) -> Request:
    """`desc` sorts upwards, too."""
    return request.with_query(
        (name, "asc" if (name, value) == (name, "desc") else value) for name, value in request.query
    )
