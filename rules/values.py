"""Looking things up in ARM bodies. Whatever is missing, null or of another type than asked for is None.

Bodies are JSON as parsed: objects are `dict`s, which these functions rely on for speed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_STEPS: Final[dict[str, tuple[str, ...]]] = {}
"""The steps of every path that was asked for: paths stand in code, so there are few."""


def value_at(body: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path of a body, None where any step is missing or null."""
    steps = _STEPS.get(path)
    if steps is None:
        steps = _STEPS[path] = tuple(path.split("."))
    value: Any = body
    for step in steps:
        if value.__class__ is not dict:
            return None
        value = value.get(step)
    return value


def text_at(body: Mapping[str, Any], path: str) -> str | None:
    """The text at a path in lower case (Azure's own casing varies), None where there is none."""
    value = value_at(body, path)
    return value.lower() if isinstance(value, str) and value else None


def flag_at(body: Mapping[str, Any], path: str) -> bool | None:
    """The truth value at a path, None where there is none."""
    value = value_at(body, path)
    return value if isinstance(value, bool) else None


def number_at(body: Mapping[str, Any], path: str) -> float | None:
    """The number at a path, None where there is none."""
    value = value_at(body, path)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def objects_at(body: Mapping[str, Any], path: str) -> Sequence[Mapping[str, Any]] | None:
    """The list of objects at a path, None where it is missing or anything else."""
    value = value_at(body, path)
    return value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else None


def tag_of(body: Mapping[str, Any], name: str) -> str | None:
    """The value of a tag, whose name has no case in Azure; None where it is not set."""
    tags = body.get("tags")
    if not isinstance(tags, dict):
        return None
    return next((value for key, value in tags.items() if key.lower() == name and isinstance(value, str)), None)


def normal_region(name: object) -> str:
    """A region's name as `rules.regions` writes it (`East US 2` is `eastus2`), empty where it is no text."""
    return name.replace(" ", "").lower() if isinstance(name, str) else ""
