"""The simulator's status codes are those that Microsoft's published specs declare."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local.azure.ids import Address
from local.azure.providers import BEHAVIOURS, Behaviour, Poll, Verb

SPECS = Path(__file__).parents[2].parent / "shared" / "specs" / "swagger"
POLL_HEADERS = {Poll.STATUS: "azure-asyncoperation", Poll.LOCATION: "location"}

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason="published Azure specs not found at ../shared/specs; contract tests skipped"
)


@pytest.fixture(scope="module")
def declared() -> Mapping[str, Mapping[str, Any]]:
    """The operations of every published path that names one resource, by lower-case resource type."""
    return {
        at.type.lower(): operations
        for file in SPECS.glob("Microsoft.*.json")
        for path, operations in json.loads(file.read_text())["paths"].items()
        if (at := Address.parse(path)) and not at.tail and (at.names or at.is_group)
    }


def verbs(behaviour: Behaviour) -> Iterator[tuple[str, Verb]]:
    for name, verb in (("put", behaviour.put), ("patch", behaviour.patch), ("delete", behaviour.delete)):
        if verb:
            yield name, verb


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.type)
def test_every_answer_is_declared(behaviour: Behaviour, declared: Mapping[str, Mapping[str, Any]]) -> None:
    operations = declared.get(behaviour.type.lower())
    if operations is None:
        pytest.skip(f"{behaviour.type} is not among the published specs at hand")
    for name, verb in verbs(behaviour):
        if name not in operations:
            continue
        codes = {code for code in operations[name]["responses"] if code != "default"}
        ours = {verb.done, verb.running, *((verb.created,) if name == "put" else ())} - {0}
        assert {str(code) for code in ours} <= codes, name


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.type)
def test_declared_polling_headers_are_sent(behaviour: Behaviour, declared: Mapping[str, Mapping[str, Any]]) -> None:
    """Where a spec names the headers of the first answer, at least one of ours is among them."""
    for name, verb in verbs(behaviour):
        operation = declared.get(behaviour.type.lower(), {}).get(name, {})
        headers = operation.get("responses", {}).get(str(verb.running), {}).get("headers", {})
        known = {header.lower() for header in headers} & set(POLL_HEADERS.values())
        if known:
            assert known & {POLL_HEADERS[poll] for poll in verb.poll}, name
