"""Strategies for properties over the whole catalogue: bodies of every type a rule is about, and what spoils them."""

from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from rules.databricks import DR_TAG
from rules.model import Resource, Role, Use
from tests.builders import DATABRICKS_ID, TWIN_ID, WORKSPACE_ID, Json, databricks, registry, storage_account

type Path = tuple[str, ...]

BODIES: tuple[Json, ...] = (
    registry("Basic"),
    registry("Standard"),
    registry("Premium"),
    storage_account("Standard_LRS"),
    storage_account("StandardV2_LRS"),
    storage_account("Standard_ZRS"),
    storage_account("Standard_GRS"),
    storage_account("Standard_LRS", "FileStorage"),
    storage_account("Standard_LRS", location="westus"),
    storage_account(properties={"accountMigrationInProgress": True}),
    storage_account(properties={"isNfsV3Enabled": True}),
    storage_account(properties={"isSkuConversionBlocked": True}),
    storage_account(properties={"lastGeoFailoverTime": "2026-01-01T00:00:00Z"}),
    databricks(),
    databricks({DR_TAG: TWIN_ID}),
    databricks({DR_TAG: DATABRICKS_ID}),
    databricks({DR_TAG: "none"}),
)
USES = (Use(Role.DEFAULT_STORAGE, WORKSPACE_ID), Use(Role.WORKSPACE_REGISTRY, WORKSPACE_ID))

bodies = st.sampled_from(BODIES)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def spoiled_bodies(draw: st.DrawFn) -> Json:
    """A body with some of its values left out, null or of another type; what makes it a resource stays."""
    body = draw(bodies)
    paths = [path for path in paths_of(body) if path not in (("id",), ("type",))]
    for path in draw(st.lists(st.sampled_from(paths), max_size=6, unique=True)):
        body = draw(st.sampled_from((without(body, path), replaced(body, path, draw(st.none() | junk)))))
    return body


def as_used(body: Json) -> Resource:
    """The resource in every role that a rule asks for."""
    return Resource.of(body, uses=USES)


def paths_of(body: Json, above: Path = ()) -> Iterator[Path]:
    """Every path of a body, objects included."""
    for name, value in body.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from paths_of(value, (*above, name))


def without(body: Json, path: Path) -> Json:
    """The body with one value left out."""
    return _changed(body, path, lambda parent, name: {key: parent[key] for key in parent if key != name})


def replaced(body: Json, path: Path, value: Any) -> Json:
    """The body with another value at a path that is there."""
    return _changed(body, path, lambda parent, name: parent | {name: value} if name in parent else parent)


def _changed(body: Json, path: Path, change: Callable[[Json, str], Json]) -> Json:
    name, *rest = path
    if not rest:
        return change(body, name)
    inner = body.get(name)
    return body | {name: _changed(inner, tuple(rest), change)} if isinstance(inner, dict) else body
