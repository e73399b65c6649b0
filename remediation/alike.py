"""Whether what is found in Azure is what was wanted, however Azure spells it.

Azure answers "North Europe" where northeurope was sent, and leaves out what is off: what is absent, off, empty or zero
is nothing, and nothing is like nothing. Pure.
"""

from collections.abc import Mapping
from typing import Any


def alike(found: Any, wanted: Any) -> bool:
    """Whether two values mean the same."""
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return all(alike(found.get(name), wanted.get(name)) for name in {*found, *wanted})
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(alike, found, wanted))
    return _same(found, wanted) or (is_nothing(found) and is_nothing(wanted))


def holds(found: Any, wanted: Any) -> bool:
    """Whether a body has everything that another has, whatever else it has."""
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return all(holds(found.get(name), value) for name, value in wanted.items())
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(holds, found, wanted))
    return alike(found, wanted)


def is_nothing(value: Any) -> bool:
    """Whether a value is absent, off, empty or zero, or holds nothing else."""
    if isinstance(value, Mapping):
        return all(map(is_nothing, value.values()))
    return not value


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        return found.replace(" ", "").lower() == wanted.replace(" ", "").lower()
    if isinstance(found, bool) != isinstance(wanted, bool):
        return False
    return bool(found == wanted)
