"""Azure Resource Manager through the management SDKs. One credential, one connection pool, no retries of its own.

Throttling and faults go back to the queue: the SDK's own retries would sleep in the function, uncapped. The
auto-registration policy is left out as well: it polls without limit.
"""

import json
import logging
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.mgmt.storage.models import StorageAccountMigration
from requests.adapters import HTTPAdapter

from remediation.adapters.budget import Budget, WithinBudget
from remediation.adapters.waiting import retry_after
from remediation.plan import Write
from remediation.ports import Answer, CloudError, Gone, Operation, Progress, Refused, Stale, Throttled, Unavailable
from rules.model import Body
from rules.resource_id import ResourceId

log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 60
CONNECTIONS: Final = 32
LONGEST_TEXT: Final = 1000
MOST_PAGES: Final = 100
GROUPS_API: Final = "2024-07-01"
BUSY: Final = frozenset(
    {
        *("conflict", "operationinprogress", "anotheroperationinprogress", "retryableerror"),
        *("serverbusy", "serverisbusy"),  # PostgreSQL and MySQL, right after an operation (azurerm#28298)
        # Storage's resource provider (Learn, storagerp error codes)
        *("storageaccountoperationinprogress", "storageaccountisnotprovisioned", "storageaccountbeingcreated"),
        # SQL (Learn, rest/api/sql, error responses of databases and elastic pools)
        *("conflictingdatabaseoperation", "conflictingsystemoperationinprogress"),
        *("managementservicedatabasebusy", "skuassignmentinprogress", "updatesloinprogress"),
        *("simultaneousskuchangenotallowed", "targetelasticpoolbeingupdated"),
    }
)
"""409 codes that say "busy", not "no": the same write is worth sending later."""
BUSY_400: Final = frozenset({"updatenotallowedifgeodroperationinprogress"})
"""The same under 400: SQL while a replica is being made or switched (rest/api/sql, error responses of databases)."""
BUSY_WORDS: Final = re.compile(r"\b(operation|assignment)\b.{0,120}\bin progress\b|\bbusy\b.{0,60}\boperation\b", re.I)
"""What the message of a 409 says of the same under other codes: AKS has OperationNotAllowed for this and for more."""
NEVER_BUSY: Final = ("scopelocked", "requestdisallowed")
"""How 409 codes of locks and policies begin: whatever names and texts people gave those, they say no."""
STALE: Final = "etagmismatch"
"""The 409 that AKS has for 412 (terraform-azurerm-aks#604)."""
NOT_SEEN: Final = frozenset({"subscriptionnotfound", "invalidsubscriptionid", "invalidresourcetype", "http404"})
"""404 codes that do not say that the resource is gone: the identity, or the api-version, does not reach it."""
PORTS: Final = {"https": 443, "http": 80}
ENDED: Final = {"succeeded": Progress.SUCCEEDED, "failed": Progress.FAILED, "canceled": Progress.FAILED}
MIGRATIONS: Final = {
    "SubmittedForConversion": Progress.RUNNING,
    "InProgress": Progress.RUNNING,
    "Complete": Progress.SUCCEEDED,
    "Failed": Progress.FAILED,
}
"""The states of a storage account's conversion (azure-mgmt-storage 25.3.0, MigrationStatus)."""
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})


class Authentication(ARMChallengeAuthenticationPolicy):
    """Bearer tokens, over http only to this machine: that is where the simulated Azure is."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Adds the token. Raises ServiceRequestError for http to any other host, as the SDK does."""
        if urlsplit(request.http_request.url).hostname in LOOPBACK:
            request.context.options.setdefault("enforce_https", False)
        super().on_request(request)


class Arm:
    """The port `Cloud` over HTTP. `endpoint` is Resource Manager's URL, `audience` what tokens are asked for; requests
    stay within the `budget`, where there is one."""

    def __init__(self, credential: TokenCredential, endpoint: str, audience: str, budget: Budget | None = None) -> None:
        self._endpoint = endpoint.rstrip("/")
        scope = f"{audience.rstrip('/')}/.default"
        shared: dict[str, Any] = {
            "credential": credential,
            "base_url": self._endpoint,
            "credential_scopes": [scope],
            "transport": _transport(),
            "policies": [
                *([WithinBudget(budget)] if budget else []),
                policies.RequestIdPolicy(),
                policies.HeadersPolicy({"Accept": "application/json"}),
                policies.UserAgentPolicy("ha-remediation-bot"),
                Authentication(credential, scope),
                policies.CustomHookPolicy(),
            ],
        }
        self._generic = ResourceManagementClient(subscription_id="", **shared)

        @cache
        def registries(subscription: str, api_version: str) -> ContainerRegistryManagementClient:
            return ContainerRegistryManagementClient(subscription_id=subscription, api_version=api_version, **shared)

        @cache
        def accounts(subscription: str, api_version: str) -> StorageManagementClient:
            return StorageManagementClient(subscription_id=subscription, api_version=api_version, **shared)

        @lru_cache(maxsize=4096)
        def group_owner(subscription: str, group: str) -> str:
            path = f"/subscriptions/{subscription}/resourceGroups/{quote(group, safe='()')}"
            body = _json(self.request("GET", path, GROUPS_API))
            if not isinstance(body, dict):
                raise Unavailable("Azure answered something that is no resource group")
            return str(body.get("managedBy") or "")

        self._registries, self._accounts, self._group_owner = registries, accounts, group_owner

    def read(self, resource_id: ResourceId, api_version: str) -> Body:
        """One GET."""
        response = self.request("GET", resource_id.url_path, api_version)
        body = _json(response)
        if not isinstance(body, dict):
            raise Unavailable("Azure answered something that is no resource")
        return body

    def list(self, resource_id: ResourceId, collection: str, api_version: str) -> Sequence[Body]:
        """One GET a page. Raises Unavailable for an answer that is no list: half of it would pass for all of it."""
        found: list[Body] = []
        url, version = f"{resource_id.url_path}/{collection}", api_version
        for _ in range(MOST_PAGES):
            body = _json(self.request("GET", url, version))
            page = body.get("value") if isinstance(body, dict) else None
            if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
                break
            found += page
            url, version = str(body.get("nextLink") or ""), ""
            if not url:
                return found
            if not self._is_own(url):
                break
        raise Unavailable("Azure answered something that is no list")

    def group_owner(self, resource_id: ResourceId) -> str:
        """One GET for each group in the life of a process: what manages a group never changes."""
        return self._group_owner(resource_id.subscription, resource_id.group)

    def send(self, write: Write) -> Answer:
        """One write, through the typed client where the service has one."""
        resource_id, action = _target(write)
        match write.verb, resource_id.type, action:
            case "PATCH", "microsoft.containerregistry/registries", "":
                return self._answer(self._update_registry(resource_id, write))
            case "PUT" | "PATCH", "microsoft.containerregistry/registries/replications", "":
                return self._answer(self._write_replication(resource_id, write))
            case "POST", "microsoft.storage/storageaccounts", "startAccountMigration":
                return self._answer(self._migrate_account(resource_id, write))
            case "PATCH", "microsoft.storage/storageaccounts", "":
                return self._answer(self._update_account(resource_id, write))
            case (
                "PUT",
                "microsoft.storage/storageaccounts/blobservices" | "microsoft.storage/storageaccounts/fileservices",
                "",
            ):
                return self._answer(self._set_service(resource_id, write))
            case _:
                path = f"{resource_id.url_path}/{action}" if action else resource_id.url_path
                if_match = write.if_match if write.etag else ""
                return self._answer(self.request(write.verb, path, write.api_version, write.body, if_match))

    def _update_registry(self, registry: ResourceId, write: Write) -> HttpResponse:
        client = self._registries(registry.subscription, write.api_version)
        return _first_answer(
            lambda hook: client.registries.begin_update(
                registry.group, registry.name, dict(write.body), polling=False, raw_response_hook=hook
            )
        )

    def _write_replication(self, replication: ResourceId, write: Write) -> HttpResponse:
        client = self._registries(replication.subscription, write.api_version).replications
        send: Callable[..., object] = client.begin_create if write.verb == "PUT" else client.begin_update
        (_, registry), (_, name) = replication.segments
        return _first_answer(
            lambda hook: send(
                replication.group, registry, name, dict(write.body), polling=False, raw_response_hook=hook
            )
        )

    def _migrate_account(self, account: ResourceId, write: Write) -> HttpResponse:
        client = self._accounts(account.subscription, write.api_version)
        migration = StorageAccountMigration(dict(write.body))
        return _first_answer(
            lambda hook: client.storage_accounts.begin_customer_initiated_migration(
                account.group, account.name, migration, polling=False, raw_response_hook=hook
            )
        )

    def _update_account(self, account: ResourceId, write: Write) -> HttpResponse:
        update: Callable[..., object] = self._accounts(account.subscription, write.api_version).storage_accounts.update
        return _first_answer(lambda hook: update(account.group, account.name, dict(write.body), raw_response_hook=hook))

    def _set_service(self, service: ResourceId, write: Write) -> HttpResponse:
        """The blob or file service of an account. Its name is always `default`."""
        client = self._accounts(service.subscription, write.api_version)
        services = client.blob_services if service.type.endswith("/blobservices") else client.file_services
        send: Callable[..., object] = services.set_service_properties
        (_, account), _ = service.segments
        return _first_answer(lambda hook: send(service.group, account, dict(write.body), raw_response_hook=hook))

    def operation(self, url: str) -> Operation:
        """One GET of the URL that a write's answer named."""
        try:
            response = self.request("GET", url, may_be_busy=False)
        except Gone:
            return Operation(Progress.UNKNOWN)
        except Refused as refused:
            if refused.status not in (401, 403):
                return Operation(Progress.FAILED, str(refused))
            log.error("Azure does not let the bot ask how a write ended; a fresh read will tell. %s", refused)
            return Operation(Progress.UNKNOWN, str(refused))
        if response.status_code == 202:
            return Operation(Progress.RUNNING)
        status, error = _status(response)
        return Operation(ENDED.get(status, Progress.RUNNING) if status else Progress.SUCCEEDED, error)

    def progress(self, write: Write) -> Operation:
        """One GET of the conversion of a storage account. UNKNOWN where it is about another target, or not to be read:
        then only the account itself tells."""
        shown = ResourceId.parse(write.progress)
        try:
            body = self.read(shown, write.api_version) if shown else {}
        except (Gone, Refused) as refused:
            log.warning("%s: cannot be read: %s", write.progress, refused)
            return Operation(Progress.UNKNOWN)
        found, wanted = body.get("properties"), write.body["properties"]
        if not isinstance(found, dict) or found.get("targetSkuName") != wanted["targetSkuName"]:
            return Operation(Progress.UNKNOWN)
        reasons = (found.get(name) for name in ("migrationFailedReason", "migrationFailedDetailedReason"))
        error = ": ".join(reason for reason in reasons if isinstance(reason, str) and reason)[:LONGEST_TEXT]
        progress = MIGRATIONS.get(str(found.get("migrationStatus")), Progress.UNKNOWN)
        return Operation(progress, error if progress is Progress.FAILED else "")

    def request(
        self,
        verb: str,
        url: str,
        api_version: str = "",
        body: Body | None = None,
        if_match: str = "",
        *,
        may_be_busy: bool = True,
    ) -> HttpResponse:
        """One request through the pipeline. Raises a CloudError unless the answer is a 2xx. A 409 puts it off where it
        `may_be_busy`: not at an operation's URL, where it is how the operation ended."""
        params = {"api-version": api_version} if api_version else None
        headers = {"If-Match": if_match} if if_match else None
        try:
            response = self._generic.send_request(HttpRequest(verb, url, params=params, json=body, headers=headers))
        except AzureError as error:
            raise Unavailable(_text(error)) from None
        if 200 <= response.status_code < 300:
            return response
        raise _refusal(response, may_be_busy=may_be_busy)

    def _answer(self, response: HttpResponse) -> Answer:
        headers = response.headers
        url = headers.get("Azure-AsyncOperation") or headers.get("Location") or ""
        if url and not self._is_own(url):
            log.error("Azure named an operation on another host; a fresh read will tell how the write ended")
            url = ""
        return Answer(response.status_code, headers.get("x-ms-request-id", ""), url, retry_after(headers))

    def _is_own(self, url: str) -> bool:
        """Whether a URL that Azure named is Resource Manager's own, however it is spelled: only there goes a token."""
        return _origin(url) == _origin(self._endpoint)


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of a URL, in one spelling; None of anything that is none, or names a user."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError):
        return None
    plain = "@" not in parts.netloc and "\\" not in url
    return (parts.scheme, parts.hostname, port) if plain and parts.hostname else None


def _first_answer(call: Callable[[Callable[[PipelineResponse[Any, Any]], None]], object]) -> HttpResponse:
    """A typed client's raw answer: its status and headers, which the typed result does not hold.

    The raw answer decides alone: the client raises for a 2xx that its spec does not list, and stumbles over a body
    that is no JSON, as a gateway's 429 or 503 may have. Raises a CloudError unless the answer is a 2xx.
    """
    answers: list[HttpResponse] = []
    try:
        call(lambda response: answers.append(response.http_response))
    except (HttpResponseError, ValueError) as error:
        if not answers:
            raise Unavailable(_text(error)) from None
    except AzureError as error:
        raise Unavailable(_text(error)) from None
    if 200 <= answers[-1].status_code < 300:
        return answers[-1]
    raise _refusal(answers[-1])


def _transport() -> RequestsTransport:
    session = requests.Session()
    session.mount("https://", HTTPAdapter(pool_maxsize=CONNECTIONS))
    session.mount("http://", HTTPAdapter(pool_maxsize=CONNECTIONS))
    return RequestsTransport(
        session=session, session_owner=False, connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS
    )


def _target(write: Write) -> tuple[ResourceId, str]:
    """The resource a write is about, and the name of its action where it is a POST."""
    path, action = write.resource_id.rsplit("/", 1) if write.verb == "POST" else (write.resource_id, "")
    resource_id = ResourceId.parse(path)
    if resource_id is None:
        raise Refused(400, "InvalidResourceId", "the plan names no resource")
    return resource_id, action


def _refusal(response: Any, *, may_be_busy: bool = True) -> CloudError:
    """What an answer outside 2xx means. 5xx and 408 leave open whether anything happened."""
    status, code, message = response.status_code, *_error(response)
    if status == 404 and code.lower() not in NOT_SEEN:
        return Gone(message)
    if status == 429 or (may_be_busy and _is_busy(status, code.lower(), message)):
        return Throttled(retry_after(response.headers))
    if status == 412 or (status == 409 and code.lower() == STALE):
        return Stale(reason=f"{code}: {message}")
    if status >= 500 or status == 408:
        return Unavailable(f"Azure answered {status} {code}", retry_after(response.headers))
    return Refused(status, code, message, response.headers.get("x-ms-request-id", ""))


def _is_busy(status: int, code: str, message: str) -> bool:
    """Whether a 409, or SQL's 400, says "busy", not "no"."""
    if status == 400:
        return code in BUSY_400
    if status != 409 or code.startswith(NEVER_BUSY) or code == STALE:
        return False
    return code in BUSY or BUSY_WORDS.search(message) is not None


def _error(response: Any) -> tuple[str, str]:
    """Code and message of an ARM error body, which AKS sends bare; the status where the body is none. Resource Graph
    says what is wrong in the details of its BadRequest."""
    try:
        body = _json(response)
        error = body.get("error", body)
        if error["code"] == "BadRequest" and error.get("details"):
            error = error["details"][0]
        return str(error["code"]), str(error["message"])[:LONGEST_TEXT]
    except (AttributeError, KeyError, TypeError):
        return f"HTTP{response.status_code}", response.reason or ""


def _status(response: HttpResponse) -> tuple[str, str]:
    """An operation's status in lower case, and its error text when it failed."""
    body = _json(response)
    if not isinstance(body, dict):
        return "", ""
    error = body.get("error")
    text = f"{error.get('code')}: {error.get('message')}"[:LONGEST_TEXT] if isinstance(error, dict) else ""
    return str(body.get("status", "")).lower(), text


def _json(response: Any) -> Any:
    """The JSON of an answer, None where it is none."""
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _text(error: Exception) -> str:
    """What went wrong below HTTP. A connection's own text is left out: it may hold a signed URL."""
    if isinstance(error, (ServiceRequestError, ServiceResponseError)):
        return type(error).__name__
    return f"{type(error).__name__}: {error}"[:LONGEST_TEXT]
