"""Azure Resource Manager's answers, each as the bot understands it, through the real clients over HTTP."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError

from local.azure import AzureServer
from local.contracts import SPECS, SPECS_ABSENT
from local.contracts.swagger import Swagger
from remediation.adapters.arm import LONGEST_TEXT, Arm
from remediation.plan import Write
from remediation.ports import CloudError, Gone, Progress, Refused, Stale, Throttled, Unavailable
from rules.resource_id import ResourceId
from tests.builders import GROUP, REGISTRY_ID, STORAGE_ID, registry, storage_account
from tests.remediation.arm_calls import (
    API,
    CONVERT,
    KEEP_BLOBS,
    KEEP_SHARES,
    REGISTRY,
    REPLICATE,
    ROUTE,
    SPREAD,
    TAG,
    UPGRADE,
    Token,
    asking,
    error,
)
from tests.remediation.scripted import Reply, ScriptedServer

REGENERATE = Write("POST", f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv/rotate", "2023-07-01", {})


def read(arm: Arm) -> Any:
    assert REGISTRY is not None
    return arm.read(REGISTRY, API)


CALLS: dict[str, Callable[[Arm], Any]] = {
    "read": read,
    "registry": lambda arm: arm.send(UPGRADE),
    "replication": lambda arm: arm.send(REPLICATE),
    "routing": lambda arm: arm.send(ROUTE),
    "storage": lambda arm: arm.send(CONVERT),
    "account": lambda arm: arm.send(SPREAD),
    "blob service": lambda arm: arm.send(KEEP_BLOBS),
    "file service": lambda arm: arm.send(KEEP_SHARES),
    "generic": lambda arm: arm.send(TAG),
    "action": lambda arm: arm.send(REGENERATE),
}
REFUSALS: dict[str, tuple[Reply, type[CloudError], str]] = {
    "bad request": (Reply(400, error("BadRequest")), Refused, "BadRequest: so it is"),
    "not logged in": (Reply(401, error("AuthenticationFailed")), Refused, "AuthenticationFailed"),
    "forbidden": (Reply(403, error("AuthorizationFailed")), Refused, "AuthorizationFailed"),
    "policy": (Reply(403, error("RequestDisallowedByPolicy")), Refused, "RequestDisallowedByPolicy"),
    "gone": (Reply(404, error("ResourceNotFound")), Gone, "so it is"),
    "lock": (Reply(409, error("ScopeLocked")), Refused, "ScopeLocked"),
    "policy as a conflict": (
        Reply(409, error("RequestDisallowedByPolicy", "while an operation is in progress")),
        Refused,
        "RequestDisallowedByPolicy",
    ),
    "lock with a name that sounds busy": (
        Reply(409, error("ScopeLocked", "locked: 'operation in progress'")),
        Refused,
        "ScopeLocked",
    ),
    "no, of several meanings": (
        Reply(409, error("OperationNotAllowed", "Operation is not allowed: not enough quota")),
        Refused,
        "OperationNotAllowed",
    ),
    "busy": (Reply(409, error("Conflict")), Throttled, "throttled"),
    "changed since it was read, in AKS's words": (
        Reply(
            409, b'{"code": "EtagMismatch", "message": "Operation is not allowed: Another operation is in progress"}'
        ),
        Stale,
        "EtagMismatch: Operation",
    ),
    "an error without its envelope": (Reply(400, b'{"code": "Quota", "message": "none left"}'), Refused, "Quota: none"),
    "changed since it was read": (Reply(412, error("PreconditionFailed")), Stale, "PreconditionFailed: so it is"),
    "throttled": (Reply(429, error("TooManyRequests"), {"Retry-After": "17"}), Throttled, "0:00:17"),
    "throttled by a gateway": (Reply(429, b"<html>slow down</html>"), Throttled, "throttled"),
    "timed out": (Reply(408, error("RequestTimeout")), Unavailable, "408"),
    "server error": (Reply(500, error("InternalServerError")), Unavailable, "500"),
    "gateway error": (Reply(503, b"<html>"), Unavailable, "503"),
    "no error body": (Reply(400, b""), Refused, "HTTP400"),
    "odd error body": (Reply(400, b'{"error": "no"}'), Refused, "HTTP400"),
    "redirect": (Reply(302, b"", {"Location": "https://example.com/"}), Refused, "HTTP302"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize(("reply", "kind", "text"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_an_answer_means(call: Callable[[Arm], Any], reply: Reply, kind: type[CloudError], text: str) -> None:
    """The same for every client, and each call is one request: nothing is tried again in the function."""
    for arm, server in asking(reply):
        with pytest.raises(CloudError, match=text) as raised:
            call(arm)
        assert type(raised.value) is kind
        assert len(server.asked) == 1


SAYS_BUSY = {
    "PostgreSQL": ("ServerIsBusy", "Cannot complete operation while server 'a' is busy"),
    "MySQL": ("ServerBusy", "Please try again later."),
    "storage": ("StorageAccountOperationInProgress", "An operation is currently performing on this account"),
    "SQL": ("ConflictingDatabaseOperation", "There is already some operation on the database"),
    "AKS": (
        "OperationNotAllowed",
        "Operation is not allowed: Another agentpool operation (cpu - Updating) is in progress, please wait",
    ),
    "SQL, in words": ("40802", "A service objective assignment on server 'a' is already in progress."),
    "PostgreSQL, in words": ("Unknown", "Server 'a' is busy with another operation. Please try again later."),
}


def test_busy_may_be_a_bad_request() -> None:
    """Of SQL, while a replica is being made."""
    for arm, _ in asking(Reply(400, error("UpdateNotAllowedIfGeoDrOperationInProgress", "in progress"))):
        with pytest.raises(Throttled):
            arm.send(TAG)


@pytest.mark.parametrize(("code", "message"), SAYS_BUSY.values(), ids=SAYS_BUSY)
def test_busy_is_no_no(code: str, message: str) -> None:
    """Except at the URL of an operation: there it is how that ended."""
    for arm, server in asking(Reply(409, error(code, message)), Reply(409, error(code, message))):
        with pytest.raises(Throttled):
            arm.send(TAG)
        assert arm.operation(f"{server.url}/operations/1").progress is Progress.FAILED


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_no_answer_leaves_open_what_happened(call: Callable[[Arm], Any]) -> None:
    with pytest.raises(Unavailable):
        call(Arm(Token(), "http://127.0.0.1:9", "http://127.0.0.1:9"))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_token_goes_to_no_other_machine_in_the_clear(call: Callable[[Arm], Any]) -> None:
    with ScriptedServer(Reply()) as server:
        elsewhere = server.url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104 - it leads here, and is not called so
        with pytest.raises(Unavailable, match="ServiceRequestError"):
            call(Arm(Token(), elsewhere, elsewhere))
        assert server.asked == []


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_without_a_token_nothing_is_asked(call: Callable[[Arm], Any]) -> None:
    with ScriptedServer(Reply()) as server:
        arm = Arm(Token(error=ClientAuthenticationError("no identity is assigned")), server.url, server.url)
        with pytest.raises(Unavailable, match="no identity is assigned"):
            call(arm)
        assert server.asked == []


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"", b"<html>"])
def test_an_answer_that_is_no_resource_is_none(body: bytes) -> None:
    for arm, _ in asking(Reply(200, body)):
        with pytest.raises(Unavailable, match="no resource"):
            read(arm)


def test_a_read_is_one_get_of_the_pinned_version() -> None:
    for arm, server in asking(Reply(200, json.dumps(registry("Basic")).encode())):
        assert read(arm)["sku"]["name"] == "Basic"
        assert [(asked.verb, asked.path) for asked in server.asked] == [("GET", f"{REGISTRY_ID}?api-version={API}")]
        assert server.asked[0].headers["Authorization"] == "Bearer token"


WRITES = {
    "registry": UPGRADE,
    "replication": REPLICATE,
    "routing": ROUTE,
    "storage": CONVERT,
    "account": SPREAD,
    "blob service": KEEP_BLOBS,
    "file service": KEEP_SHARES,
    "generic": TAG,
}


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_azure_accepts_is_accepted_whatever_the_client_thinks_of_its_status(
    write: Write, status: int
) -> None:
    headers = {"x-ms-request-id": "request-1", "Retry-After": "5"}
    for arm, server in asking(Reply(status, b'{"properties": {}}', headers)):
        answer = arm.send(write)
        assert (answer.status, answer.request_id, answer.retry_after) == (status, "request-1", timedelta(seconds=5))
        assert answer.operation == ""
        (asked,) = server.asked
        assert (asked.verb, json.loads(asked.body)) == (write.verb, write.body)
        assert asked.path == f"{write.resource_id}?api-version={write.api_version}"


def test_azures_own_text_is_cut_to_what_can_be_stored() -> None:
    for arm, _ in asking(Reply(400, error("TooLong", "x" * 10_000))):
        with pytest.raises(Refused) as raised:
            arm.send(UPGRADE)
        assert len(raised.value.message) == LONGEST_TEXT


def test_a_plan_that_names_no_resource_is_not_sent() -> None:
    for arm, server in asking(Reply()):
        with pytest.raises(Refused, match="names no resource"):
            arm.send(Write("PATCH", "/subscriptions/x", API, {}))
        assert server.asked == []


@pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)
def test_what_is_sent_is_what_microsoft_declares(server: AzureServer) -> None:
    azure = server.azure
    registry_id = f"{REGISTRY_ID}long"  # registries have at least five characters
    azure.seed(registry_id, registry("Basic", id=registry_id, name="crmllong"))
    azure.seed(STORAGE_ID, storage_account())
    arm = Arm(Token(azure.bot.token), server.url, server.url)
    parsed = ResourceId.parse(registry_id)
    assert parsed is not None
    arm.read(parsed, API)
    arm.send(replace(UPGRADE, resource_id=registry_id))
    for write in (REPLICATE, ROUTE):
        arm.send(replace(write, resource_id=write.resource_id.replace(REGISTRY_ID, registry_id)))
    arm.send(SPREAD)
    arm.send(CONVERT)
    swagger = Swagger.load()
    calls = [*azure.reads(), *azure.writes()]
    assert [call.method for call in calls] == ["GET", "PATCH", "PUT", "PATCH", "PATCH", "POST"]
    for call in calls:
        assert swagger.check_request(call.method, call.path, call.query, call.request_body) == []
        assert swagger.check_response(call.method, call.path, call.status, body=call.response_body) == []
