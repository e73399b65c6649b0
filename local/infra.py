"""`python -m local infra`: what the templates in `infra/` take from the code; `--check` only compares.

The roles' actions come from the remediations, the events' filters from the catalogue, queues and tables from the app.
"""

import ast
import json
import sys
from collections.abc import Iterator, Sequence
from itertools import batched
from pathlib import Path
from typing import Any, Final

from local import role
from remediation.adapters.scan_tables import PARTS, SCANS
from remediation.adapters.tables import TABLES
from remediation.intake import CHANGES, CHECKED_TYPES, EXTENSIONS
from remediation.topology import FOLLOWED
from remediation.wiring import DEAD_LETTERS_CONTAINER, SCANS_CONTAINER
from rules import CATALOGUE
from rules.regions import REGIONS

PROJECT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = PROJECT / "infra" / "generated"
PACKAGE: Final = "app-package"
"""The container that Flex Consumption keeps the deployed app in."""
HEARTBEAT: Final = "watch"
"""The function whose runs show that the app works."""
MOST_VALUES: Final = 25
"""Event Grid: values of the advanced filters of one event subscription, all filters together.
Source: https://learn.microsoft.com/azure/event-grid/event-filtering"""
EVENT_TYPES: Final = {name.lower(): name for name in ("ResourceWriteSuccess", "ResourceDeleteSuccess")}


def main(*, check: bool, folder: Path = FOLDER) -> int:
    """Write the files, or say which are not up to date; returns 1 if any is not."""
    stale = [(folder / name, text) for name, text in files().items() if _content(folder / name) != text]
    for file, text in stale:
        if check:
            print(f"infra/generated/{file.name} is not what the code says: run python -m local infra", file=sys.stderr)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return int(check and bool(stale))


def files() -> dict[str, str]:
    """The text of every generated file by its name."""
    made = {"app": app(), "events": events(), "roles": roles(), "zonal-regions": zonal_regions()}
    return {f"{name}.json": f"{json.dumps(data, indent=2)}\n" for name, data in made.items()}


def app() -> dict[str, Any]:
    """What the function app's triggers and adapters need to be there."""
    triggers = dict(_triggers())
    queues = sorted({queue for queue in triggers.values() if queue})
    return {
        "queues": sorted({*queues, *(f"{queue}-poison" for queue in queues if not queue.endswith("-poison"))}),
        "tables": sorted((*TABLES, SCANS, PARTS)),
        "containers": sorted((DEAD_LETTERS_CONTAINER, PACKAGE, SCANS_CONTAINER)),
        "deadLetters": DEAD_LETTERS_CONTAINER,
        "scanResults": SCANS_CONTAINER,
        "package": PACKAGE,
        "eventQueue": "events",
        "eventFunction": next(name for name, queue in triggers.items() if queue is None),
        "heartbeatFunction": HEARTBEAT,
        "poisonFunctions": sorted(name for name, queue in triggers.items() if (queue or "").endswith("-poison")),
    }


def events() -> dict[str, Any]:
    """What Event Grid delivers: the types of events, and how the names of their operations begin, for each event
    subscription as many as it may have."""
    types = [f"Microsoft.Resources.{EVENT_TYPES[change.rpartition('.')[2]]}" for change in sorted(CHANGES)]
    return {"types": types, "operations": [list(part) for part in batched(operations(), MOST_VALUES, strict=False)]}


def operations() -> Sequence[str]:
    """How the operations begin that may change a verdict. Of a type with children that are followed, only its own
    writes and theirs: a workspace also has jobs, which come by the thousand."""
    named = {rule.applies_to.lower(): rule.applies_to for rule in CATALOGUE}
    found = set()
    for kind in {*CHECKED_TYPES, *EXTENSIONS}:
        name = named.get(kind, kind)
        children = FOLLOWED.get(kind, ())
        found |= {f"{name}/write", f"{name}/delete"} if children else {f"{name}/"}
        found |= {f"{name}/{child}/" for child in children}
    return sorted(found, key=str.lower)


def roles() -> dict[str, Any]:
    """The reader and the remediator, as `python -m local role` prints them."""
    made = {"reader": role.reader(), "remediator": role.remediator()}
    return {
        kind: {"name": each["Name"], "description": each["Description"], "actions": each["Actions"]}
        for kind, each in made.items()
    }


def zonal_regions() -> list[str]:
    """The regions with availability zones."""
    return sorted(name for name, region in REGIONS.items() if region.zones)


def functions(source: Path = PROJECT / "function_app.py") -> set[str]:
    """The names of all functions of the app."""
    return {name for decorators in _decorated(source) for call in decorators if (name := _function_name(call))}


def _triggers(source: Path = PROJECT / "function_app.py") -> Iterator[tuple[str, str | None]]:
    """Each function that hears of events or messages, with the queue it takes them from: None for Event Grid."""
    for decorators in _decorated(source):
        name = next(filter(None, map(_function_name, decorators)), "")
        for call in decorators:
            trigger = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            if trigger == "queue_trigger":
                yield name, next(ast.literal_eval(word.value) for word in call.keywords if word.arg == "queue_name")
            elif trigger == "event_grid_trigger":
                yield name, None


def _decorated(source: Path) -> Iterator[list[ast.Call]]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield [each for each in node.decorator_list if isinstance(each, ast.Call)]


def _function_name(call: ast.Call) -> str:
    """The name that a decorator gives a function, empty for any other decorator."""
    is_name = isinstance(call.func, ast.Attribute) and call.func.attr == "function_name"
    return str(ast.literal_eval(call.args[0])) if is_name else ""


def _content(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None
