"""What the pipeline needs from the world, as Protocols, and the errors the world may answer with.

Adapters implement these over the network; tests may implement them in memory. `Services` is built once, by `wiring`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Literal, Protocol

from remediation.access import Access
from remediation.cards import Card
from remediation.cases import Case, Entry, State
from remediation.notices import Notice
from remediation.plan import Write
from remediation.policy import Exemption, Policy
from remediation.queue_state import QueueState
from remediation.scans import Part, Scan
from remediation.topology import Changes, Used
from rules.model import Body, Use
from rules.resource_id import ResourceId

MOST_ENTRIES: Final = 1000
"""Lines of the journal that are read at once."""


UNREADABLE: Final = "unreadable/"
"""Begins the names of dead letters that were set aside."""


class CloudError(Exception):
    """Azure Resource Manager did not do what was asked."""


class Gone(CloudError):
    """404: the resource does not exist (any more)."""


class Refused(CloudError):
    """Azure understood and said no (400, 403, 409 …): sending it again would not help."""

    def __init__(self, status: int, code: str, message: str, request_id: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message, self.request_id = status, code, message, request_id


class TooLarge(CloudError):
    """The answer would be larger than Azure sends: ask for less."""


class Unavailable(CloudError):
    """No answer, or 5xx: it is not known whether anything happened. `retry_after` is set where Azure named a time."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Throttled(CloudError):
    """429, or busy with another change: nothing was done, come back after `retry_after` where Azure named it."""

    def __init__(self, retry_after: timedelta | None = None, reason: str = "throttled") -> None:
        super().__init__(f"{reason}, come back after {retry_after}" if retry_after else reason)
        self.retry_after = retry_after


class Stale(Throttled):
    """412: somebody changed the resource since it was read. Nothing was done; another look plans afresh."""


class Conflict(Exception):
    """Somebody else changed the stored row in between."""


@dataclass(frozen=True, slots=True)
class Memo:
    """Something small that is remembered under a name, as JSON data; empty where nothing is. `etag` is the stored
    version, empty for one not stored yet."""

    name: str
    data: Mapping[str, Any]
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Azure's answer to a write. `operation` is the URL to ask while a long-running one runs on, else empty."""

    status: int
    request_id: str
    operation: str = ""
    retry_after: timedelta | None = None


class Progress(StrEnum):
    """Where a long-running operation stands."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    """Azure does not tell (any more): only a fresh read of the resource can."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A long-running operation as it stands; `error` is Azure's own text when it failed."""

    progress: Progress
    error: str = ""


class Cloud(Protocol):
    """Azure Resource Manager. Every method raises a CloudError, never anything else, for what Azure answers."""

    def read(self, resource_id: ResourceId, api_version: str) -> Body:
        """The body of one resource: one GET."""

    def list(self, resource_id: ResourceId, collection: str, api_version: str) -> Sequence[Body]:
        """The bodies of a child collection (`replications`): one GET a page."""

    def group_owner(self, resource_id: ResourceId) -> str:
        """The id of what manages the resource group that a resource lies in, empty where its owner does."""

    def send(self, write: Write) -> Answer:
        """Send one write. Returns as soon as Azure accepted it."""

    def operation(self, url: str) -> Operation:
        """Look at a long-running operation once."""

    def progress(self, write: Write) -> Operation:
        """Look once at what shows how far Azure is with a write that names it (`Write.progress`)."""


@dataclass(frozen=True, slots=True)
class Query:
    """Resources of these lower-case types in these subscriptions. Where given, only those of one `group`, or those that
    are known under one of the `keys`: an id, or a type and a name (`Used.key`)."""

    subscriptions: tuple[str, ...]
    types: tuple[str, ...]
    group: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of Resource Graph, ordered by id; `token` leads to the next page, empty where there is none. `total` is how
    many rows all pages have."""

    rows: Sequence[Body]
    token: str
    total: int


class Graph(Protocol):
    """Azure Resource Graph: an index of all resources, some seconds behind. Nothing is ever decided on what it says."""

    def page(self, query: Query, token: str, size: int) -> Page:
        """One page of at most `size` rows, by one request. Raises TooLarge, and other CloudErrors."""

    def find(self, keys: Sequence[str]) -> Sequence[ResourceId]:
        """The ids of resources known by type and name (`Used.key`), in the onboarded subscriptions. Raises a
        CloudError."""


class Store(Protocol):
    """What is remembered between events."""

    def claim_pending(self, resource: ResourceId, event_id: str) -> bool:
        """True when no check of the resource is pending, or the pending one is this event's own."""

    def clear_pending(self, resource: ResourceId) -> None:
        """A check begins: what happens from now on needs another one."""

    def cases(self, resource_id: str) -> Mapping[str, Case]:
        """The cases of one resource by rule name."""

    def put_case(self, case: Case) -> Case:
        """Insert a case without etag, else replace that version; returns the stored version. Raises Conflict."""

    def open_cases(self) -> Mapping[State, int]:
        """How many cases are open, by their state; states without any are left out."""

    def append(self, entry: Entry) -> None:
        """Add one line to the journal; one with the key of a line that is there is that line."""

    def journal(
        self, resource_id: str = "", *, rule: str = "", since: datetime | None = None, limit: int = MOST_ENTRIES
    ) -> Sequence[Entry]:
        """The newest lines of the journal, oldest first: of one resource, or of all where none is named."""

    def cases_in(self, state: State) -> Iterable[Case]:
        """Every case in a state: for timers, not for checks."""

    def exemptions(self, resource_id: str) -> Mapping[str, Exemption]:
        """What people accepted of one resource, by rule name; also what is over."""

    def put_exemption(self, resource_id: str, rule: str, exemption: Exemption) -> None:
        """Remember that somebody accepts a rule's finding, in place of what was."""

    def uses(self, keys: Sequence[str]) -> tuple[Use, ...]:
        """Which workspaces use a resource, and as what, by the keys it may be remembered under."""

    def uses_of(self, keys: Collection[str]) -> Mapping[str, tuple[Use, ...]]:
        """The uses remembered under many keys, as they were up to a minute ago; keys without any are left out."""

    def used(self, owner: ResourceId) -> Sequence[Used]:
        """What one resource uses, as remembered."""

    def put_uses(self, owner: ResourceId, used: Sequence[Used], *, all_seen: bool) -> Changes:
        """Remember what one resource uses. Returns what is new, and what it does not use any more, as long as that is
        not forgotten; nothing of the latter unless all it uses was seen."""

    def forget_uses(self, owner: ResourceId, dropped: Sequence[Used]) -> None:
        """What the owner dropped has been dealt with."""

    def add_notice(self, notice: Notice) -> Notice:
        """Remember a notice unless its id is known; returns the remembered one."""

    def notice(self, notice_id: str) -> Notice | None:
        """One notice."""

    def put_notice(self, notice: Notice) -> Notice:
        """Replace one version of a notice. Raises Conflict."""

    def saw_event(self, subscription: str) -> None:
        """An event of a subscription has come. Remembered every few minutes at most."""

    def last_event(self, subscription: str) -> datetime | None:
        """When the last event of a subscription came, up to a few minutes later; None where none has."""

    def memo(self, name: str) -> Memo:
        """What is remembered under a name."""

    def put_memo(self, memo: Memo) -> Memo:
        """Insert a memo without etag, else replace that version; returns the stored version. Raises Conflict."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob as it was read."""

    name: str
    content: bytes
    etag: str


class DeadLetters(Protocol):
    """Where Event Grid puts events that it could not deliver."""

    def names(self, most: int) -> Sequence[str]:
        """The names of the first blobs, without those that were set aside."""

    def read(self, name: str) -> Blob | None:
        """One blob, None where it is gone or is being written to."""

    def delete(self, blob: Blob) -> None:
        """Delete this version of a blob; another one stays."""

    def set_aside(self, blob: Blob) -> None:
        """Move a blob under the prefix UNREADABLE."""


class Scans(Protocol):
    """What is remembered of scans."""

    def put(self, scan: Scan) -> Scan:
        """Insert a scan without etag, else replace that version; returns the stored version. Raises Conflict."""

    def get(self, scan_id: str) -> Scan | None:
        """One scan."""

    def newest(self, most: int) -> Sequence[Scan]:
        """The newest scans, newest first."""

    def part(self, scan_id: str, key: str) -> Part | None:
        """What one step has left (`Step.key`)."""

    def add_part(self, part: Part) -> Part:
        """Remember what a step left, unless it has left something before; returns what is remembered."""

    def followed(self, part: Part) -> None:
        """What follows a part is enqueued."""

    def parts(self, scan_id: str) -> Iterable[Part]:
        """What all steps have left so far, in their order."""


class Texts(Protocol):
    """Texts too long for a row, by name."""

    def put(self, name: str, text: str) -> None:
        """Remember a text, in place of what was."""

    def get(self, name: str) -> str | None:
        """One text, None where there is none."""


type QueueName = Literal["checks", "decisions", "notices", "scans"]


class Queue(Protocol):
    """Storage queues."""

    def put(self, queue: QueueName, message: Mapping[str, Any], delay: timedelta = timedelta()) -> None:
        """Enqueue one message, visible after `delay` (at most seven days)."""


class Probe(Protocol):
    """Looks at the bot's own storage."""

    def storage(self) -> str:
        """Why the storage does not answer, in a word; empty where it does. Takes less than two seconds."""

    def queue(self, name: str) -> QueueState:
        """What waits in a queue; nothing where there is none."""


class ChatRefused(Exception):
    """The channel will not take this message: sending it again would not help."""


class ChatGone(ChatRefused):
    """The message to be updated is not there any more."""


class ChatUnavailable(Exception):
    """No answer, 5xx or 429: try again after `retry_after`."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Chat(Protocol):
    """One channel people read. `threads`: its messages can be answered in threads, and updated."""

    threads: bool

    def post(self, card: Card, thread: str = "") -> str:
        """Post one message, in the thread of the one that `thread` refers to. Returns when the channel accepted it,
        with a reference to it, empty without threads; raises ChatRefused or ChatUnavailable."""

    def update(self, reference: str, card: Card) -> None:
        """Let a message show another card. Raises as `post`, and ChatGone."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything with an outside, built once per process by `wiring`."""

    cloud: Cloud
    graph: Graph
    store: Store
    queue: Queue
    dead_letters: DeadLetters
    probe: Probe
    scans: Scans
    texts: Texts
    chats: Mapping[str, Chat]
    policy: Policy
    access: Access
    clock: Callable[[], datetime]
