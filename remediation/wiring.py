"""Reads the settings and builds Services: the only place that knows the environment.

A setting that is missing or wrong is one Problem, which names the setting and the fix. All problems are found at once.
"""

import base64
import difflib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from azure.core.credentials import TokenCredential
from azure.data.tables import TableServiceClient
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.queue import ExponentialRetry, QueueServiceClient

from remediation import access_settings, policy_settings
from remediation.adapters import channels
from remediation.adapters.arm import LOOPBACK, Arm
from remediation.adapters.blobs import DeadLetterBlobs
from remediation.adapters.budget import Budget
from remediation.adapters.graph import ResourceGraph
from remediation.adapters.probe import StorageProbe
from remediation.adapters.queues import Queues
from remediation.adapters.scan_tables import ScanTables
from remediation.adapters.tables import Tables
from remediation.adapters.texts import TextBlobs
from remediation.policy import Mode
from remediation.policy_problems import warnings
from remediation.ports import Services
from rules import RULES_BY_NAME

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

log = logging.getLogger(__name__)

SUBSCRIPTIONS: Final = "HA_BOT_SUBSCRIPTIONS"
POLICY: Final = policy_settings.POLICY
MODE: Final = policy_settings.MODE
RULES_OFF: Final = policy_settings.RULES_OFF
TEAMS: Final = channels.TEAMS
SLACK: Final = channels.SLACK
CHAT_HOSTS: Final = channels.CHAT_HOSTS
ARM_ENDPOINT: Final = "HA_BOT_ARM_ENDPOINT"
ARM_AUDIENCE: Final = "HA_BOT_ARM_AUDIENCE"
DEAD_LETTERS: Final = "HA_BOT_DEAD_LETTERS"
CLIENT_ID: Final = "HA_BOT_CLIENT_ID"
STORAGE: Final = "AzureWebJobsStorage"

DEAD_LETTERS_CONTAINER: Final = "dead-letters"
SCANS_CONTAINER: Final = "scans"
CONTAINER: Final = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")
PUBLIC_CLOUD: Final = "https://management.azure.com"
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
QUIET: Final = ("azure.core", "azure.identity", "azure.data", "azure.storage", "msal", "urllib3")
"""Loggers that tell of every request at INFO, some with its URL."""
type Clock = Callable[[], datetime]

DEVELOPMENT_STORAGE: Final = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)
"""What `UseDevelopmentStorage=true` stands for: Azurite on its own ports, with its published key."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that is missing or wrong, and what to do about it. Never holds the setting's value. Of the policy
    file `setting` is a line (`policy.yaml:12`)."""

    setting: str
    fix: str

    def __str__(self) -> str:
        return f"{self.setting}: {self.fix}"


class SettingsError(Exception):
    """The settings do not allow to start."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def problems(settings: Mapping[str, str], *, chats: bool = True) -> list[Problem]:
    """Everything wrong with the settings, without touching the network; those of `chats` only for who posts."""
    found = [
        _subscriptions_problem(settings),
        _mode_problem(settings),
        _rules_problem(settings),
        _endpoint_problem(settings),
        *(Problem(setting, fix) for setting, fix in (channels.problems(settings) if chats else ())),
        _storage_problem(settings),
        _dead_letters_problem(settings),
        *(Problem(where, fix) for where, fix in policy_settings.problems(settings)),
        *(Problem(setting, fix) for setting, fix in (access_settings.problems(settings) if chats else ())),
    ]
    return [problem for problem in found if problem is not None]


def check(settings: Mapping[str, str], *, chats: bool = True) -> None:
    """Raises SettingsError when anything is wrong with the settings."""
    if found := problems(settings, chats=chats):
        raise SettingsError(found)


def _now() -> datetime:
    return datetime.now(UTC)


def build(settings: Mapping[str, str], *, chats: bool = True, clock: Clock = _now) -> Services:
    """Services for these settings, without `chats` for who posts nothing. Raises SettingsError; does no network yet."""
    check(settings, chats=chats)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    identity = credential(settings)
    endpoint = settings.get(ARM_ENDPOINT) or PUBLIC_CLOUD
    queues, tables = _storage(settings, identity)
    store = Tables(tables, clock)
    arm = Arm(identity, endpoint, settings.get(ARM_AUDIENCE) or endpoint, Budget(store, clock))
    access = access_settings.access(settings, clock)
    policy = policy_settings.policy(settings, subscriptions(settings))
    for warning in warnings(policy, clock()):
        log.warning("%s", warning)
    return Services(
        cloud=arm,
        graph=ResourceGraph(arm, subscriptions(settings)),
        store=store,
        queue=Queues(queues),
        probe=StorageProbe(queues, tables),
        dead_letters=DeadLetterBlobs(lambda: blobs(settings, identity, dead_letters(settings))),
        scans=ScanTables(tables),
        texts=TextBlobs(lambda: blobs(settings, identity, SCANS_CONTAINER)),
        chats=channels.chats(settings, access) if chats else {},
        policy=policy,
        access=access,
        clock=clock,
    )


def credential(settings: Mapping[str, str]) -> TokenCredential:
    """The app's managed identity where there is one, else whoever is logged in on this machine."""
    if "IDENTITY_ENDPOINT" in settings:
        return ManagedIdentityCredential(client_id=settings.get(CLIENT_ID) or None)
    return DefaultAzureCredential()


def subscriptions(settings: Mapping[str, str]) -> frozenset[str]:
    """The onboarded subscriptions, in lower case."""
    return frozenset(part.strip().lower() for part in settings.get(SUBSCRIPTIONS, "").split(",") if part.strip())


def _subscriptions_problem(settings: Mapping[str, str]) -> Problem | None:
    named = subscriptions(settings)
    if not named:
        return Problem(SUBSCRIPTIONS, "is missing; set it to the subscription ids to protect, separated by commas")
    if all(UUID.fullmatch(subscription) for subscription in named):
        return None
    return Problem(SUBSCRIPTIONS, "holds something that is no subscription id; list UUIDs, separated by commas")


def mode(settings: Mapping[str, str]) -> str:
    """The mode as set, else that of the policy file, audit when neither says."""
    return policy_settings.policy(settings, subscriptions(settings)).mode


def _mode_problem(settings: Mapping[str, str]) -> Problem | None:
    if policy_settings.mode(settings) in ("", *Mode):
        return None
    return Problem(MODE, "must be audit (changes nothing, the default) or enforce (fixes what is safe)")


def _rules_problem(settings: Mapping[str, str]) -> Problem | None:
    unknown = sorted(policy_settings.off(settings) - RULES_BY_NAME.keys())
    if not unknown:
        return None
    near = difflib.get_close_matches(unknown[0], RULES_BY_NAME, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Problem(RULES_OFF, f"must list names of rules (docs/rules), separated by commas{hint}")


def _endpoint_problem(settings: Mapping[str, str]) -> Problem | None:
    scheme, host = _scheme_and_host(settings.get(ARM_ENDPOINT) or PUBLIC_CLOUD)
    if host and (scheme == "https" or (scheme == "http" and host in LOOPBACK)):
        return None
    return Problem(ARM_ENDPOINT, f"must be an https URL such as {PUBLIC_CLOUD}")


def _scheme_and_host(url: str) -> tuple[str, str]:
    """Empty where the URL, or the port in it, is malformed."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # only asking for it raises
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""


def _service_uri(settings: Mapping[str, str], service: str) -> str:
    account = settings.get(f"{STORAGE}__accountName", "")
    default = f"https://{account}.{service}.core.windows.net" if account else ""
    return settings.get(f"{STORAGE}__{service}ServiceUri") or default


def _connection(settings: Mapping[str, str]) -> str:
    value = settings.get(STORAGE, "")
    return DEVELOPMENT_STORAGE if value.strip().lower().rstrip(";") == "usedevelopmentstorage=true" else value


def _storage_problem(settings: Mapping[str, str]) -> Problem | None:
    if settings.get(STORAGE):
        try:
            _clients(_connection(settings))
        except ValueError:
            fix = "is no storage connection string; copy it again, or use UseDevelopmentStorage=true for Azurite"
            return Problem(STORAGE, fix)
        return None
    uris = [_service_uri(settings, service) for service in ("blob", "queue", "table")]
    if not all(uris):
        fix = "is missing; set a connection string, or AzureWebJobsStorage__accountName for access by identity"
        return Problem(STORAGE, fix)
    if all(scheme == "https" and host for scheme, host in map(_scheme_and_host, uris)):
        return None
    return Problem(STORAGE, "its service URIs must be https URLs; set AzureWebJobsStorage__accountName instead")


def _storage(settings: Mapping[str, str], credential: TokenCredential) -> tuple[QueueServiceClient, TableServiceClient]:
    if settings.get(STORAGE):
        return _clients(_connection(settings))
    return (
        QueueServiceClient(_service_uri(settings, "queue"), credential, retry_policy=_retry()),
        TableServiceClient(_service_uri(settings, "table"), credential=credential, **RETRY),
    )


def dead_letters(settings: Mapping[str, str]) -> str:
    """The container of dead letters."""
    return settings.get(DEAD_LETTERS, "").strip() or DEAD_LETTERS_CONTAINER


def _dead_letters_problem(settings: Mapping[str, str]) -> Problem | None:
    if CONTAINER.fullmatch(dead_letters(settings)):
        return None
    fix = "must be the name of a blob container in the app's storage: 3 to 63 of a-z, 0-9 and single hyphens"
    return Problem(DEAD_LETTERS, fix)


def blobs(settings: Mapping[str, str], credential: TokenCredential, container: str) -> "ContainerClient":
    """A container of the app's storage. Does no network, but takes long to import."""
    from azure.storage.blob import ContainerClient

    options: dict[str, Any] = {"initial_backoff": 1, "increment_base": 2, "retry_total": 3, "random_jitter_range": 1}
    if settings.get(STORAGE):
        return ContainerClient.from_connection_string(_connection(settings), container, **options)
    return ContainerClient(_service_uri(settings, "blob"), container, credential, **options)


def _clients(connection: str) -> tuple[QueueServiceClient, TableServiceClient]:
    """Clients by connection string. Raises ValueError where it is malformed; the SDK sees a bad key only in use."""
    key = re.search(r"AccountKey=([^;]*)", connection, re.IGNORECASE)
    base64.b64decode(key[1] if key else "", validate=True)
    return (
        QueueServiceClient.from_connection_string(connection, retry_policy=_retry()),
        TableServiceClient.from_connection_string(connection, **RETRY),
    )


RETRY: Final[dict[str, Any]] = {"retry_total": 3, "retry_backoff_factor": 0.2, "retry_backoff_max": 2}
"""Storage's own retries, short: the default waits 15 s before the first, and the queue is there for the rest."""


def _retry() -> ExponentialRetry:
    return ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=3, random_jitter_range=1)
