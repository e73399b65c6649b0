"""What Azure does after its answer: the operation of a write, where it may be asked about, and how far it is."""

import json
import logging
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from remediation.adapters.arm import Arm
from remediation.ports import Operation, Progress, Unavailable
from tests.builders import STORAGE_ID
from tests.remediation.arm_calls import (
    API,
    CONVERT,
    REGISTRY,
    TAG,
    UPGRADE,
    Token,
    asking,
    error,
    page,
)
from tests.remediation.scripted import Reply, ScriptedServer


@pytest.mark.parametrize("header", ["Azure-AsyncOperation", "Location"])
def test_the_operation_of_a_write_is_kept_only_where_it_is_resource_managers_own(
    header: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    with ScriptedServer(Reply()) as server:
        arm = Arm(Token(), server.url, server.url)
        server.answer(Reply(201, b"{}", {header: f"{server.url}/operations/1"}))
        assert arm.send(UPGRADE).operation == f"{server.url}/operations/1"
        server.answer(Reply(201, b"{}", {header: f"{server.url}.example.com/operations/1"}))
        assert arm.send(UPGRADE).operation == ""
    assert "another host" in caplog.text


OWN = {
    "as it is": ("https://management.azure.com", "https://management.azure.com/operations/1", True),
    "its port": ("https://management.azure.com", "https://management.azure.com:443/operations/1", True),
    "its port where the endpoint has it": ("https://management.azure.com:443/", "https://management.azure.com/a", True),
    "another case": ("https://management.azure.com", "HTTPS://Management.Azure.com/operations/1", True),
    "another port": ("https://management.azure.com", "https://management.azure.com:444/operations/1", False),
    "no port": ("https://management.azure.com", "https://management.azure.com:x/operations/1", False),
    "in the clear": ("https://management.azure.com", "http://management.azure.com/operations/1", False),
    "in the clear at its port": ("https://management.azure.com", "http://management.azure.com:443/a", False),
    "another host": ("https://management.azure.com", "https://management.azure.com.example.com/a", False),
    "a host after a user": ("https://management.azure.com", "https://management.azure.com@example.com/a", False),
    "a user": ("https://management.azure.com", "https://a:b@management.azure.com/a", False),
    "a backslash": ("https://management.azure.com", "https://management.azure.com\\@example.com/a", False),
    "another scheme": ("https://management.azure.com", "ftp://management.azure.com/a", False),
    "a path": ("https://management.azure.com", "/operations/1", False),
}


@pytest.mark.parametrize(("endpoint", "url", "is_own"), OWN.values(), ids=OWN)
def test_resource_managers_own_urls_may_be_spelled_otherwise(endpoint: str, url: str, is_own: bool) -> None:
    """For operations and for the next page of a list alike."""
    sent: list[str] = []

    class Scripted(Arm):
        def request(self, verb: str, url: str, *_: Any, **__: Any) -> Any:
            sent.append(f"{verb} {url}")
            more = page("a", more=own) if len(sent) == 1 else page("b")
            return SimpleNamespace(status_code=201, headers={"Location": own}, content=more)

    own, arm = url, Scripted(Token(), endpoint, endpoint)
    assert REGISTRY is not None
    if is_own:
        assert [body["name"] for body in arm.list(REGISTRY, "replications", API)] == ["a", "b"]
        assert sent[-1] == f"GET {url}"
    else:
        with pytest.raises(Unavailable, match="no list"):
            arm.list(REGISTRY, "replications", API)
    assert arm.send(TAG).operation == (url if is_own else "")


OPERATIONS = {
    "running": (Reply(200, b'{"status": "InProgress"}'), Progress.RUNNING, ""),
    "running by location": (Reply(202, b""), Progress.RUNNING, ""),
    "done": (Reply(200, b'{"status": "Succeeded"}'), Progress.SUCCEEDED, ""),
    "done by location": (Reply(200, b'{"sku": {}}'), Progress.SUCCEEDED, ""),
    "done without a body": (Reply(204, b""), Progress.SUCCEEDED, ""),
    "done with an odd body": (Reply(200, b"[]"), Progress.SUCCEEDED, ""),
    "failed": (
        Reply(200, b'{"status": "Failed", "error": {"code": "Quota", "message": "none left"}}'),
        Progress.FAILED,
        "Quota: none left",
    ),
    "canceled": (Reply(200, b'{"status": "Canceled"}'), Progress.FAILED, ""),
    "failed by location": (Reply(400, error("Quota", "none left")), Progress.FAILED, "Quota: none left"),
    "failed by location, as something was in its way": (
        Reply(409, error("Conflict", "in the way")),
        Progress.FAILED,
        "Conflict: in the way",
    ),
    "not told any more": (Reply(404, error("NotFound")), Progress.UNKNOWN, ""),
    "not allowed": (Reply(403, error("AuthorizationFailed")), Progress.UNKNOWN, "AuthorizationFailed: so it is"),
}


@pytest.mark.parametrize(("reply", "progress", "text"), OPERATIONS.values(), ids=OPERATIONS.keys())
def test_where_an_operation_stands(reply: Reply, progress: Progress, text: str) -> None:
    for arm, server in asking(reply):
        operation = arm.operation(f"{server.url}/operations/1")
        assert (operation.progress, operation.error) == (progress, text)


def test_an_operation_that_may_not_be_read_is_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A fresh read tells how it ended; what the role lacks is for whoever runs the bot."""
    caplog.set_level(logging.ERROR)
    for arm, server in asking(Reply(403, error("AuthorizationFailed", "to perform action 'A.B/locations/c/read'"))):
        assert arm.operation(f"{server.url}/operations/1").progress is Progress.UNKNOWN
    assert "'A.B/locations/c/read'" in caplog.text


def migration(target: str = "Standard_ZRS", **properties: str) -> Reply:
    return Reply(200, json.dumps({"properties": {"targetSkuName": target, **properties}}).encode())


REASONS = {"migrationFailedReason": "NotSupported", "migrationFailedDetailedReason": "An archived blob is in the way."}
MIGRATIONS = {
    "submitted": (migration(migrationStatus="SubmittedForConversion"), Operation(Progress.RUNNING)),
    "at work": (migration(migrationStatus="InProgress", **REASONS), Operation(Progress.RUNNING)),
    "complete": (migration(migrationStatus="Complete"), Operation(Progress.SUCCEEDED)),
    "failed": (
        migration(migrationStatus="Failed", **REASONS),
        Operation(Progress.FAILED, "NotSupported: An archived blob is in the way."),
    ),
    "failed without a reason": (migration(migrationStatus="Failed"), Operation(Progress.FAILED)),
    "not said": (migration(), Operation(Progress.UNKNOWN)),
    "of another target": (migration("Standard_GZRS", migrationStatus="Failed"), Operation(Progress.UNKNOWN)),
    "no conversion": (Reply(200, b"{}"), Operation(Progress.UNKNOWN)),
    "none yet": (Reply(404, error("ResourceNotFound")), Operation(Progress.UNKNOWN)),
    "not to be read": (Reply(403, error("AuthorizationFailed")), Operation(Progress.UNKNOWN)),
}


@pytest.mark.parametrize(("reply", "shown"), MIGRATIONS.values(), ids=MIGRATIONS)
def test_how_far_a_conversion_is_shows_beside_the_account(reply: Reply, shown: Operation) -> None:
    for arm, server in asking(reply):
        assert arm.progress(replace(CONVERT, progress=f"{STORAGE_ID}/accountMigrations/default")) == shown
        assert server.asked[0].path.startswith(f"{STORAGE_ID}/accountMigrations/default")


def test_a_write_that_names_nothing_shows_nothing() -> None:
    for arm, server in asking():
        assert arm.progress(CONVERT) == Operation(Progress.UNKNOWN)
        assert server.asked == []
