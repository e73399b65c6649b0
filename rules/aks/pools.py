"""What is common to the rules about node pools: their names, their sizes, and who sets these."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rules.model import Body
from rules.values import flag_at, objects_at, value_at

POOL_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,11}")
MOST_NAMED: Final = 5


def pool_name(pool: Body) -> str:
    """The pool's name, empty where it has none that Azure would allow."""
    name = pool.get("name")
    return name if isinstance(name, str) and POOL_NAME.fullmatch(name) else ""


def named(pools: Sequence[Body]) -> str:
    """The pools as people call them: `node pools cpu, gpu`."""
    names = [pool_name(pool) or "(without a name)" for pool in pools]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"node {'pool' if len(names) == 1 else 'pools'} {', '.join(names[:MOST_NAMED])}{more}"


def said_of(pools: Sequence[Body], one: str, several: str) -> str:
    """The pools and what is said of them, in the singular or the plural."""
    return f"{named(pools)} {one if len(pools) == 1 else several}"


def word(pool: Body, name: str) -> str | None:
    """A pool's own text in lower case, None where there is none."""
    value = pool.get(name)
    return value.lower() if isinstance(value, str) and value else None


def whole(body: Body, name: str) -> int | None:
    """A number of nodes, None where there is none."""
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def is_scale_set(pool: Body) -> bool:
    """Whether the pool is of the type that has a node count of its own, and can have the cluster autoscaler."""
    return word(pool, "type") == "virtualmachinescalesets"


def scales_itself(pool: Body) -> bool | None:
    """Whether the cluster autoscaler sizes the pool, which is off by default; None where that cannot be read."""
    if word(pool, "type") != "virtualmachines":
        return False if pool.get("enableAutoScaling") is None else flag_at(pool, "enableAutoScaling")
    scale = value_at(pool, "virtualMachinesProfile.scale")
    if not isinstance(scale, dict):
        return None
    parts = objects_at(scale, "autoscale")
    return bool(parts) if parts is not None or scale.get("autoscale") is None else None


def least_nodes(pool: Body) -> int | None:
    """How many nodes the pool always keeps; None where that cannot be read."""
    scales = scales_itself(pool)
    if word(pool, "type") == "virtualmachines":
        parts = objects_at(pool, f"virtualMachinesProfile.scale.{'autoscale' if scales else 'manual'}")
        return None if parts is None else total(whole(part, "minCount" if scales else "count") for part in parts)
    return None if scales is None else whole(pool, "minCount" if scales else "count")


def total(numbers: Iterable[int | None]) -> int | None:
    """The sum; None where one of the numbers cannot be read."""
    found = [*numbers]
    known = [number for number in found if number is not None]
    return sum(known) if len(known) == len(found) else None
