"""Paths of the Resource Manager taken apart: scope, provider, types and names, and a collection or an action."""

import re
from dataclasses import dataclass
from typing import Final, Self

GROUP_TYPE: Final = "Microsoft.Resources/subscriptions/resourceGroups"
LOCKS: Final = "microsoft.authorization/locks"
TAGS: Final = "microsoft.resources/tags"

_PROVIDERS: Final = "/providers/"
_SCOPE: Final = re.compile(r"/subscriptions/(?P<subscription>[^/]+)(/resourceGroups/(?P<group>[^/]+))?", re.IGNORECASE)
_SCOPE_TAIL: Final = re.compile(r"(?P<scope>.*)/(?P<tail>resources|resourceGroups)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request points.

    `scope` is all before the last `/providers/` (for a group or subscription: its own id). `tail` is the odd last word:
    a collection (`…/replications`) or an action (`…/startAccountMigration`).
    """

    subscription: str
    group: str
    scope: str
    provider: str = ""
    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tail: str = ""

    @classmethod
    def parse(cls, path: str) -> Self | None:
        """The address in a URL path; None when it is not below a subscription."""
        path = path.rstrip("/")
        cut = path.lower().rfind(_PROVIDERS)
        scope, rest = (path, "") if cut < 0 else (path[:cut], path[cut + len(_PROVIDERS) :])
        tail = ""
        if not rest and (found := _SCOPE_TAIL.fullmatch(scope)):
            scope, tail = found["scope"], found["tail"]
        match = _SCOPE.match(scope)
        if match is None:
            return None
        provider, *words = rest.split("/")
        if len(words) % 2:
            tail = words.pop()
        names = (match["subscription"], match["group"] or "", scope, provider)
        return cls(*names, tuple(words[::2]), tuple(words[1::2]), tail)

    @property
    def id(self) -> str:
        """The resource id, without a collection or action."""
        if not self.provider:
            return self.scope
        pairs = [word for pair in zip(self.kinds, self.names, strict=True) for word in pair]
        return "/".join((f"{self.scope}{_PROVIDERS}{self.provider}", *pairs))

    @property
    def key(self) -> str:
        """The id in lower case: ARM compares ids so."""
        return self.id.lower()

    @property
    def is_group(self) -> bool:
        """A resource group itself."""
        return not self.provider and bool(self.group)

    @property
    def is_resource(self) -> bool:
        """A resource with a name, in a group or as an extension of something."""
        return bool(self.names)

    @property
    def type(self) -> str:
        """Such as `Microsoft.Storage/storageAccounts/blobServices`; the RBAC name for a group."""
        return "/".join((self.provider, *self.kinds)) if self.provider else GROUP_TYPE

    @property
    def collection_type(self) -> str:
        """The type of the resources in the collection that `tail` names."""
        return f"{self.type}/{self.tail}"

    @property
    def name(self) -> str:
        """The resource's own name."""
        return self.names[-1] if self.names else self.group

    @property
    def parent(self) -> str:
        """The id of the containing resource; empty for a top-level one."""
        return self.id.rsplit("/", 2)[0] if len(self.names) > 1 else ""

    @property
    def group_id(self) -> str:
        """The id of the resource group around it; empty above groups."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}" if self.group else ""


def encloses(scope: str, resource_id: str) -> bool:
    """Whether a resource lies at or below a scope."""
    return f"{resource_id.lower()}/".startswith(f"{scope.lower()}/")
