"""Strategies for properties over the whole catalogue: the examples, and what spoils them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from rules.model import Resource
from tests.builders import Json
from tests.rules.examples import EXAMPLES

type Path = tuple[str | int, ...]

examples = st.sampled_from(EXAMPLES)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def spoiled(draw: st.DrawFn) -> Resource:
    """An example with some of its values left out, null or of another type; what makes it a resource stays."""
    example = draw(examples)
    body = draw(spoiled_body({**example.body}, keep=(("id",), ("type",))))
    children = draw(spoiled_body({**example.children}))
    readable = {path: child for path, child in children.items() if _is_child(child)}
    return replace(Resource.of(body, uses=example.uses), children=readable)


def _is_child(child: Any) -> bool:
    """What the reader may hand over: a body, or a list of bodies."""
    return isinstance(child, dict) or (isinstance(child, list) and all(isinstance(body, dict) for body in child))


@st.composite
def spoiled_body(draw: st.DrawFn, body: Json, keep: tuple[Path, ...] = ()) -> Json:
    """A body with up to six values left out, null or of another type."""
    paths = [path for path in paths_of(body) if path not in keep]
    for path in draw(st.lists(st.sampled_from(paths), max_size=6, unique=True)) if paths else ():
        body = draw(st.sampled_from((without(body, path), replaced(body, path, draw(st.none() | junk)))))
    return body


def paths_of(value: Any, above: Path = ()) -> Iterator[Path]:
    """Every path of a body, objects and items of lists included."""
    for name, inner in _inner(value):
        yield (*above, name)
        yield from paths_of(inner, (*above, name))


def _inner(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    if isinstance(value, list):
        yield from enumerate(value)


def without(body: Json, path: Path) -> Json:
    """The body with one value left out."""

    def drop(parent: Any, name: str | int) -> Any:
        if isinstance(parent, dict):
            return {key: parent[key] for key in parent if key != name}
        return [item for number, item in enumerate(parent) if number != name]

    changed: Json = _changed(body, path, drop)
    return changed


def replaced(body: Json, path: Path, value: Any) -> Json:
    """The body with another value at a path that is there."""
    changed: Json = _changed(body, path, lambda parent, name: _with(parent, name, value))
    return changed


def _changed(parent: Any, path: Path, change: Callable[[Any, str | int], Any]) -> Any:
    """A copy in which what holds the end of the path is changed; the value itself where the path does not exist."""
    name, *rest = path
    if name not in dict(_inner(parent)):
        return parent
    if not rest:
        return change(parent, name)
    return _with(parent, name, _changed(parent[name], tuple(rest), change))


def _with(parent: Any, name: str | int, value: Any) -> Any:
    if isinstance(parent, dict):
        return parent | {name: value}
    return [value if number == name else item for number, item in enumerate(parent)]
