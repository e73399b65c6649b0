"""Merging and taking apart JSON bodies. Nothing here changes what it is given."""

from collections.abc import Iterable, Mapping
from typing import Any

from local.azure.messages import Json

type Path = tuple[str, ...]


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: objects merge, null deletes, anything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def fill(body: Mapping[str, Any], defaults: Mapping[str, Any]) -> Json:
    """The body with absent fields taken from the defaults; what the body says, null included, stays."""
    filled = {**defaults, **body}
    for name, default in defaults.items():
        if isinstance(default, Mapping) and isinstance(body.get(name), Mapping):
            filled[name] = fill(body[name], default)
    return filled


def leaves(body: Mapping[str, Any], above: Path = ()) -> Iterable[Path]:
    """The paths of all values that are not objects."""
    for name, value in body.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name)


def look(body: Mapping[str, Any], path: Path) -> Any:
    """The value at a path, or None."""
    value: Any = body
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def with_value(body: Mapping[str, Any], path: Path, value: Any) -> Json:
    """The body with one value set."""
    name, *rest = path
    inner = body.get(name)
    below = inner if isinstance(inner, Mapping) else {}
    return {**body, name: with_value(below, tuple(rest), value) if rest else value}


def without(body: Mapping[str, Any], path: Path) -> Json:
    """The body with one value left out."""
    name, *rest = path
    if name not in body:
        return dict(body)
    if not rest:
        return {key: value for key, value in body.items() if key != name}
    inner = body[name]
    return {**body, name: without(inner, tuple(rest))} if isinstance(inner, Mapping) else dict(body)
