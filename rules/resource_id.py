"""Azure Resource Manager ids, parsed strictly: they arrive from events and chat, and end in URLs.

Format: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

_IN_GROUP: Final = (
    r"/subscriptions/(?P<subscription>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"/resourceGroups/(?P<group>[\w.()-]{0,89}[\w()-])"  # ends in no dot: ".." would be a step up in a URL
)
_GROUP: Final = re.compile(_IN_GROUP, re.IGNORECASE)
_ID: Final = re.compile(rf"{_IN_GROUP}/providers/(?P<rest>[^?#%\\<>]+)", re.IGNORECASE)
_NAMESPACE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+")
_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,100}")
_NAME: Final = re.compile(r"[\w.() -]{1,260}")


@dataclass(frozen=True, slots=True)
class ResourceId:
    """One ARM resource id. `segments` are the (type, name) pairs below the provider, outermost first.

    An extension resource (a lock, tags) keeps the id of what it extends in `target`.
    """

    subscription: str
    group: str
    provider: str
    segments: tuple[tuple[str, str], ...]
    target: "ResourceId | None" = None

    @staticmethod
    def parse(text: object) -> "ResourceId | None":
        """The id in `text`, or None when it is not the id of a resource in a resource group."""
        return _parsed(text) if isinstance(text, str) else None

    @staticmethod
    def parse_group(text: object) -> tuple[str, str] | None:
        """Subscription (in lower case) and name of the resource group in `text`, or None when it is no group's id."""
        match = _GROUP.fullmatch(text) if isinstance(text, str) else None
        return (match["subscription"].lower(), match["group"]) if match else None

    @property
    def type(self) -> str:
        """Lower-case resource type, such as `microsoft.storage/storageaccounts/blobservices`."""
        return "/".join((self.provider, *(kind for kind, _ in self.segments))).lower()

    @property
    def name(self) -> str:
        """The resource's own name, without its parents'."""
        return self.segments[-1][1]

    @property
    def parent(self) -> "ResourceId | None":
        """The resource one level up, None for a top-level resource."""
        if len(self.segments) == 1:
            return None
        return ResourceId(self.subscription, self.group, self.provider, self.segments[:-1], self.target)

    @property
    def key(self) -> str:
        """The id in lower case: ARM ids differ in case between events, reads and lists, yet name one resource."""
        return str(self).lower()

    @property
    def url_path(self) -> str:
        """The id as the path of a URL."""
        return quote(str(self), safe="/()")

    def __str__(self) -> str:
        base = str(self.target) if self.target else f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
        return "/".join((base, "providers", self.provider, *(part for pair in self.segments for part in pair)))


def _is_plain(provider: str, segments: tuple[tuple[str, str], ...]) -> bool:
    return _NAMESPACE.fullmatch(provider) is not None and all(
        _TYPE.fullmatch(kind) and _NAME.fullmatch(name) and name.strip(". ") for kind, name in segments
    )


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ResourceId | None:
    """Kept, because the same ids are read again and again: in events, bodies, tags and rows."""
    match = _ID.fullmatch(text)
    if match is None:
        return None
    found: ResourceId | None = None
    for part in re.split(r"/providers/", match["rest"], flags=re.IGNORECASE):
        provider, *rest = part.split("/")
        segments = tuple(zip(rest[::2], rest[1::2], strict=False))
        if len(rest) % 2 or not rest or not _is_plain(provider, segments):
            return None
        found = ResourceId(match["subscription"].lower(), match["group"], provider, segments, found)
    return found
