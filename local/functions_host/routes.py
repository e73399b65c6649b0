"""Route templates of HTTP functions: `scan/{id:int}`, `files/{*path}`, `report/{day?}`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from local.functions_host.errors import BadSettings
from local.functions_host.worker import Function

_CONSTRAINTS = {
    "": "[^/]+",
    "int": "-?[0-9]+",
    "long": "-?[0-9]+",
    "bool": "true|false",
    "alpha": "[a-z]+",
    "guid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
}
_PARAMETER = re.compile(r"\{(?P<rest>\*?)(?P<name>\w+)(?::(?P<constraint>\w+))?(?P<optional>\??)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """The way to one HTTP function. `methods` empty: all."""

    function: Function
    methods: frozenset[str]
    auth_level: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    rank: tuple[int, ...]  # the lower, the more exact the template


@dataclass(frozen=True, slots=True)
class Match:
    """A route and the values its template took from the path."""

    route: Route
    values: dict[str, str]


def make_routes(functions: Sequence[Function], prefix: str) -> list[Route]:
    """The routes of HTTP functions, the most exact first. A function without a template is reached by its name."""
    return sorted((_route(function, prefix) for function in functions), key=lambda route: route.rank)


def find_route(routes: Sequence[Route], method: str, path: str) -> Match | None:
    """The first route for a request. A known path with another method finds nothing: Azure answers 404, not 405."""
    for route in routes:
        match = route.pattern.fullmatch(path.rstrip("/"))
        if match and (not route.methods or method in route.methods):
            values = zip(route.names, match.groups(), strict=True)
            return Match(route, {name: value for name, value in values if value is not None})
    return None


def _route(function: Function, prefix: str) -> Route:
    own = str(function.trigger.get("route") or function.name).strip("/")
    template = f"{prefix}/{own}" if prefix else own
    segments = template.split("/")
    return Route(
        function=function,
        methods=frozenset(method.upper() for method in function.trigger.get("methods") or ()),
        auth_level=str(function.trigger.get("authLevel") or "FUNCTION"),
        pattern=re.compile("".join(_segment(segment, function.name) for segment in segments), re.IGNORECASE),
        names=tuple(match["name"] for match in _PARAMETER.finditer(template)),
        rank=tuple(_rank(segment) for segment in segments),
    )


def _segment(segment: str, function: str) -> str:
    """The regular expression of one segment, leading slash included."""
    whole = _PARAMETER.fullmatch(segment)
    if whole and whole["rest"]:
        return "(?:/(.*))?"
    if whole and whole["optional"]:
        return f"(?:/({_value(whole, function)}))?"
    pieces, end = [], 0
    for match in _PARAMETER.finditer(segment):
        pieces += [re.escape(segment[end : match.start()]), f"({_value(match, function)})"]
        end = match.end()
    return "/" + "".join(pieces) + re.escape(segment[end:])


def _value(match: re.Match[str], function: str) -> str:
    constraint = match["constraint"] or ""
    if constraint not in _CONSTRAINTS:
        raise BadSettings(f"function {function}: this host does not know the route constraint {constraint!r}")
    return _CONSTRAINTS[constraint]


def _rank(segment: str) -> int:
    match = _PARAMETER.search(segment)
    if match is None:
        return 0
    if match["rest"]:
        return 3
    return 1 if match["constraint"] else 2
