"""Azure Resource Manager's answers, each as the bot understands it, through the real clients over HTTP."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from local.azure import AzureServer
from local.contracts import SPECS, SPECS_ABSENT
from local.contracts.swagger import Swagger
from remediation.adapters.arm import LONGEST_TEXT, MOST_PAGES, Arm
from remediation.api_versions import API_VERSIONS
from remediation.plan import Write
from remediation.ports import CloudError, Gone, Operation, Progress, Refused, Stale, Throttled, Unavailable
from rules.resource_id import ResourceId
from tests.builders import GROUP, REGISTRY_ID, STORAGE_ID, registry, storage_account
from tests.remediation.scripted import Reply, ScriptedServer

REGISTRY = ResourceId.parse(REGISTRY_ID)
API = API_VERSIONS["microsoft.containerregistry/registries"]
UPGRADE = Write("PATCH", REGISTRY_ID, API, {"sku": {"name": "Premium"}})
CONVERT = Write(
    "POST",
    f"{STORAGE_ID}/startAccountMigration",
    API_VERSIONS["microsoft.storage/storageaccounts"],
    {"properties": {"targetSkuName": "Standard_ZRS"}},
)
SPREAD = Write(
    "PATCH", STORAGE_ID, API_VERSIONS["microsoft.storage/storageaccounts"], {"sku": {"name": "Standard_RAGRS"}}
)
KEEP_BLOBS = replace(
    SPREAD,
    verb="PUT",
    resource_id=f"{STORAGE_ID}/blobServices/default",
    body={
        "properties": {
            "cors": {"corsRules": []},
            "deleteRetentionPolicy": {"enabled": True, "days": 7, "allowPermanentDelete": False},
            "lastAccessTimeTrackingPolicy": {"enable": True, "blobType": ["blockBlob"]},
            "ofLaterVersions": {"kept": True},
        }
    },
)
KEEP_SHARES = replace(
    KEEP_BLOBS,
    resource_id=f"{STORAGE_ID}/fileServices/default",
    body={
        "properties": {
            "shareDeleteRetentionPolicy": {"enabled": True, "days": 7},
            "protocolSettings": {"smb": {"versions": "SMB3.1.1;", "multichannel": {"enabled": True}}},
        }
    },
)
REPLICATE = Write(
    "PUT",
    f"{REGISTRY_ID}/replications/northeurope",
    API,
    {"location": "northeurope", "properties": {"regionEndpointEnabled": True}},
)
ROUTE = replace(REPLICATE, verb="PATCH", body={"properties": {"regionEndpointEnabled": False}})
TAG = Write("PATCH", f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv", "2023-07-01", {"tags": {"a": "b"}})
REGENERATE = Write("POST", f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv/rotate", "2023-07-01", {})


class Token:
    """A credential that has a token at hand, or an error."""

    def __init__(self, text: str = "token", error: Exception | None = None) -> None:
        self._text, self._error = text, error

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        if self._error is not None:
            raise self._error
        return AccessToken(self._text, 2**33)


def error(code: str, message: str = "so it is") -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def asking(*replies: Reply) -> Iterator[tuple[Arm, ScriptedServer]]:
    with ScriptedServer(*replies) as server:
        yield Arm(Token(), server.url, server.url), server


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


def listed(arm: Arm) -> list[str]:
    assert REGISTRY is not None
    return [body["name"] for body in arm.list(REGISTRY, "replications", API)]


def page(*names: str, more: str = "") -> bytes:
    return json.dumps({"value": [{"name": name} for name in names], "nextLink": more or None}).encode()


def test_a_collection_is_read_to_its_last_page() -> None:
    for arm, server in asking(Reply()):
        more = f"{server.url}/more?api-version=1&$skiptoken=a"
        server.answer(Reply(body=page("a", "b", more=more)), Reply(body=page("c")))
        assert listed(arm) == ["a", "b", "c"]
        assert [asked.path for asked in server.asked] == [
            f"{REGISTRY_ID}/replications?api-version={API}",
            "/more?api-version=1&$skiptoken=a",
        ]


NO_LISTS = {
    "no JSON": b"<html>",
    "no object": b"[]",
    "no value": b"{}",
    "a value that is no list": b'{"value": {}}',
    "items that are no objects": b'{"value": [7]}',
    "a next page that is no URL": b'{"value": [], "nextLink": 7}',
    "another host": page("a", more="https://evil.example/more"),
}


@pytest.mark.parametrize("body", NO_LISTS.values(), ids=NO_LISTS)
def test_half_a_list_is_none(body: bytes) -> None:
    for arm, server in asking(Reply(body=body)):
        with pytest.raises(Unavailable, match="no list"):
            listed(arm)
        assert len(server.asked) == 1


def test_the_pages_of_a_collection_are_bounded() -> None:
    for arm, server in asking(Reply()):
        server.answer(Reply(body=page("a", more=f"{server.url}/more")))
        with pytest.raises(Unavailable, match="no list"):
            listed(arm)
        assert len(server.asked) == MOST_PAGES


def owner(arm: Arm, resource: ResourceId | None = REGISTRY) -> str:
    assert resource is not None
    return arm.group_owner(resource)


OWNERS = {"managed": (b'{"managedBy": "/subscriptions/a"}', "/subscriptions/a"), "not": (b'{"managedBy": null}', "")}


@pytest.mark.parametrize(("body", "managed_by"), OWNERS.values(), ids=OWNERS)
def test_a_group_is_asked_once_who_manages_it(body: bytes, managed_by: str) -> None:
    for arm, server in asking(Reply(body=body)):
        assert [owner(arm), owner(arm), owner(arm, ResourceId.parse(STORAGE_ID))] == [managed_by] * 3
        assert [asked.path for asked in server.asked] == [f"{GROUP}?api-version=2024-07-01"]


def test_a_group_that_does_not_answer_is_asked_again() -> None:
    for arm, server in asking(Reply(503), Reply(body=b"[]"), Reply(body=b"{}")):
        for _ in range(2):
            with pytest.raises(Unavailable):
                owner(arm)
        assert owner(arm) == ""
        assert len(server.asked) == 3


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
