"""Lists: where a body holds its records, which figures stand beside them, and what the query parameters ask for."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from mockserver.openapi.contract import Contract, Operation, Parameter
from mockserver.openapi.resources import schemas
from mockserver.openapi.resources.keyed_lists import records_by_key
from mockserver.openapi.resources.recognised import ListForm, Paging, Place, Sorting
from mockserver.openapi.resources.record_forms import plain, singular

_DEEPEST = 2  # objects around a list or a figure
_FIGURES: Mapping[str, frozenset[str]] = {  # by what they count, the names of fields, without case and separators
    "total": frozenset(
        {"total", "totalcount", "totalitems", "totalresults", "totalelements", "totalrecords", "numfound", "count"}
        | {"filtered", "totalfiltered", "filteredcount", "recordsfiltered"}
    ),
    "all": frozenset({"all", "recordstotal", "totalunfiltered", "unfiltered"}),
    "count": frozenset({"count", "itemcount", "numberofelements", "returned"}),
    "page": frozenset({"page", "currentpage", "pagenumber"}),
    "size": frozenset({"perpage", "pagesize", "limit", "size", "itemsperpage", "itemsonpage"}),
    "pages": frozenset({"pages", "totalpages", "pagecount", "lastpage", "numpages"}),
    "offset": frozenset({"offset", "skip"}),
    "more": frozenset({"hasmore", "hasnext", "hasnextpage"}),
    "next": frozenset(
        {"next", "nextpage", "nextlink", "nexturl", "nextcursor", "nextpagetoken", "nexttoken", "cursor"}
    ),
    "previous": frozenset(
        {"previous", "prev", "previouspage", "prevpage", "previouslink", "previousurl", "prevcursor"}
    ),
}
_SIZES = ("limit", "perpage", "pagesize", "itemsonpage", "itemsperpage", "size", "take", "top", "maxresults", "count")
_PAGES = ("page", "pagenumber", "pageno", "currentpage", "pageindex")
_OFFSETS = ("offset", "skip", "start", "startindex")
_CURSORS = ("cursor", "pagetoken", "nexttoken", "nextcursor", "continuationtoken")  # the answer's `next`, sent back
_SORTS = ("sort", "sortby", "orderby", "ordering")
_SEARCHES = ("q", "query", "search", "searchterm")
_OWN_MEANING = frozenset(  # of parameters: what they mean is no field, though there may be one of that name
    {"search", "q", "query", "fields", "filter", "filters", "select", "include", "includes", "exclude", "expand"}
    | {"embed", "deep", "meta", "export", "format", "pretty", "view", "lang", "locale", "with", "group", "aggregate"}
)
_COMPARED = re.compile(r"([^\[\]]+?)(?:\[(eq|lte?|gte?|like)\]|__(lte?|gte?))")
_ORDERS = ("order", "sortorder", "sortdirection", "direction", "sortdir")


def list_form(
    contract: Contract,
    operation: Operation,
    whole: str,
    is_record: Callable[[str], bool],
    told: Place | None = None,
) -> ListForm | None:
    """The form of the list that a body with the schema at `whole` holds; None if it holds no list, or several, of what
    `is_record` says of the pointer to its items' schema. `told` is the place of the list, if somebody has said it."""
    arrays = ((place, schemas.bound(contract, whole, item)) for place, item in _arrays(contract, whole, ()))
    found = [one for one in arrays if is_record(one[1]) and told in (None, one[0])]
    return _form(contract, operation, whole, *found[0]) if len(found) == 1 else None


def keyed_form(
    contract: Contract, operation: Operation, whole: str, is_record: Callable[[str], bool], id_at: Place
) -> ListForm | None:
    """The form of the list that is an object of records by their id, which is at `id_at` in each; None if it isn't
    one."""
    item = next(filter(is_record, records_by_key(contract, operation, whole, id_at)), None)
    return None if item is None else _form(contract, operation, whole, (), item)._replace(key=id_at)


def _form(contract: Contract, operation: Operation, whole: str, place: Place, item: str) -> ListForm:
    """The form of a list whose records stand at a place, and have the schema at the pointer `item`."""
    named = {plain(parameter.name): parameter for parameter in operation.parameters_in("query")}
    paging, sorting = _paging(named), _sorting(named)
    taken = {name for part in (paging, sorting) if part for name in part if isinstance(name, str)}
    kind = singular(next((step for step in reversed(operation.path.split("/")) if step and "{" not in step), ""))
    left = [one for one in operation.parameters_in("query") if one.name not in taken]
    bounds = dict(_bounds(contract, item, left))
    others = [one for one in named.values() if one in left and one.name not in bounds]
    filters = dict(_filters(contract, item, others, kind))
    search = next((named[name].name for name in _SEARCHES if name in named and named[name].name not in filters), None)
    figures = dict(_figures(contract, whole, ())) if place else {}
    return ListForm(item, whole, place, figures, paging, filters, sorting, search, bounds=bounds)


def _arrays(contract: Contract, pointer: str, place: Place) -> Iterator[tuple[Place, str]]:
    """The arrays in a body, by their places, with the pointers to the schemas of their items."""
    item = schemas.items(contract, pointer)
    if item is not None:
        yield place, item
    elif len(place) <= _DEEPEST:
        for name, inner in schemas.fields(contract, pointer).items():
            yield from _arrays(contract, inner, (*place, name))


def _figures(contract: Contract, pointer: str, place: Place) -> Iterator[tuple[str, Place]]:
    """The figures about a list, by what they count: those deeper inside come first, as `dict` keeps the last."""
    declared = schemas.fields(contract, pointer)
    if len(place) < _DEEPEST:
        for name, inner in declared.items():
            if schemas.kinds(contract, inner) == {"object"}:
                yield from _figures(contract, inner, (*place, name))
    known = {plain(name): name for name, inner in declared.items() if schemas.is_scalar(contract, inner)}
    taken: set[str] = set()
    for counted, names in _FIGURES.items():
        fitting = [one for one in known if one in names and one not in taken]
        fitting.sort(key=lambda one: one == "count")  # which means the total only if nothing else does
        if fitting:
            taken.add(fitting[0])
            yield counted, (*place, known[fitting[0]])


def _paging(named: Mapping[str, Parameter]) -> Paging | None:
    """What the query parameters, by their plain names, say of the part of a list."""
    counting = {name: one for name, one in named.items() if one.schema.get("type", "integer") in {"integer", "number"}}
    size, page, offset = (_first(counting, names) for names in (_SIZES, _PAGES, _OFFSETS))
    cursor = _first(named, _CURSORS)
    start = page or offset or cursor
    if size is None and page is None:
        return None
    otherwise = None if size is None else size.schema.get("default")
    counts = "pages" if page else "records" if offset or not cursor else "cursor"
    return Paging(
        size.name if size else None,
        start.name if start else None,
        counts,
        _first_number(page),
        otherwise if isinstance(otherwise, int) else None,
    )


def _first_number(page: Parameter | None) -> int:
    """The number of the first page."""
    told = () if page is None else (page.schema.get("minimum"), page.schema.get("default"))
    return 0 if page is None or (0 in told and page.schema.get("minimum") != 1) else 1


def _sorting(named: Mapping[str, Parameter]) -> Sorting | None:
    by = next((named[name] for name in _SORTS if name in named), None)
    order = next((named[name] for name in _ORDERS if name in named), None)
    return None if by is None else Sorting(by.name, order.name if order else None)


def _filters(contract: Contract, item: str, parameters: list[Parameter], kind: str) -> Iterator[tuple[str, Place]]:
    """The parameters that have the name of a scalar field of the records, and mean it. The one that is called like a
    record itself, `kind`, names it: unless it has choices, it asks for the record's name."""
    declared = schemas.fields(contract, item)
    known = {plain(name): name for name in declared}
    for parameter in parameters:
        name = parameter.name if parameter.name in declared else known.get(plain(parameter.name), "")
        if not name or plain(parameter.name) in _OWN_MEANING:
            continue
        keywords = {*parameter.schema, *schemas.followed(contract, declared[name])[0]}
        if plain(name) == plain(kind) and "enum" not in keywords:
            name = "name" if "name" in declared else ""
        if name and schemas.is_scalar(contract, declared[name]) and _may_filter(contract, parameter, declared[name]):
            yield parameter.name, (name,)


def _bounds(contract: Contract, item: str, parameters: Iterable[Parameter]) -> Iterator[tuple[str, tuple[Place, str]]]:
    """The parameters that compare a scalar field with their value: `price[lt]`, `price__lt`; or a moment, whose text
    may be another one."""
    known = {plain(name): (name, at) for name, at in schemas.fields(contract, item).items()}
    for parameter in parameters:
        found = _COMPARED.fullmatch(parameter.name)
        name, at = known.get(plain(found[1] if found else parameter.name), ("", ""))
        if not name or not schemas.is_scalar(contract, at) or not _may_filter(contract, parameter, at):
            continue
        if found:
            yield parameter.name, ((name,), found[2] or found[3])
        elif schemas.followed(contract, at)[0].get("format") == "date-time" == parameter.schema.get("format"):
            yield parameter.name, ((name,), "eq")


def _may_filter(contract: Contract, parameter: Parameter, field: str) -> bool:
    """Whether a parameter can mean the values of a field: what filters if nobody asks for it is a switch, unless it is
    one of the field's own choices."""
    default = parameter.schema.get("default")
    choices = schemas.followed(contract, field)[0].get("enum", ())
    return default is None or default in choices or (isinstance(default, list) and {*map(str, default)} <= {*choices})


def _first(named: Mapping[str, Parameter], names: tuple[str, ...]) -> Parameter | None:
    return next((named[name] for name in names if name in named), None)
