"""The words rules are written in: Resource, Role, Rule, Verdict, Severity and Finding.

Pure data: nothing here reads a clock, a network or the environment.
"""

import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from rules import values
from rules.resource_id import ResourceId

type Body = Mapping[str, Any]
"""A resource as Azure Resource Manager returns it: camelCase JSON."""

type Children = Mapping[str, Body | Sequence[Body]]
"""Bodies by child path (`blobServices/default`), or lists of bodies by child collection (`replications`)."""


class Status(StrEnum):
    """What a rule found."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    UNKNOWN = "UNKNOWN"


class Severity(StrEnum):
    """The impact words of the Azure Proactive Resiliency Library."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class Role(StrEnum):
    """Why a resource matters to an Azure Machine Learning workspace."""

    DEFAULT_STORAGE = "default_storage"
    ADDITIONAL_DATASTORE = "additional_datastore"
    WORKSPACE_VAULT = "workspace_vault"
    WORKSPACE_REGISTRY = "workspace_registry"
    WORKSPACE_APPINSIGHTS = "workspace_appinsights"
    TELEMETRY_STORE = "telemetry_store"
    CMK_VAULT = "cmk_vault"
    CMK_BYO = "cmk_byo"
    MANAGED_COMPUTE = "managed_compute"
    ATTACHED_AKS = "attached_aks"
    AML_PROVISIONED_AKS = "aml_provisioned_aks"
    ATTACHED_DATABRICKS = "attached_databricks"
    ATTACHED_HDINSIGHT = "attached_hdinsight"
    HDINSIGHT_STORAGE = "hdinsight_storage"
    DATABRICKS_EXTERNAL = "databricks_external"
    ACI_ENDPOINT = "aci_endpoint"
    MANAGED_RG = "managed_rg"


class Environment(StrEnum):
    """What a resource is for."""

    PRODUCTION = "production"
    DEV_TEST = "dev_test"


@dataclass(frozen=True, slots=True)
class Use:
    """One workspace uses a resource in one role. `workspace_id` is empty where only the role is known."""

    role: Role
    workspace_id: str = ""


NOT_SEEN: Final = object()
NO_ROLES: Final[frozenset[Role]] = frozenset()


@dataclass(frozen=True, slots=True)
class Resource:
    """One ARM resource with the children its rules read and the roles it plays.

    `type` is lower case, `location` is normalised ("East US 2" is `eastus2`). A child path missing from `children`
    was not read; a rule that needs it answers UNKNOWN. `environment` is what the operator says it is for, None where
    only its tags tell.
    """

    id: str
    type: str
    location: str
    body: Body
    children: Children = field(default_factory=dict)
    uses: tuple[Use, ...] = ()
    environment: Environment | None = None
    roles: frozenset[Role] = field(init=False, repr=False, compare=False)
    """Every role the resource plays for some workspace."""
    _seen: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was looked up in the body, or made of it: most is asked for by several rules."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", frozenset([use.role for use in self.uses]) if self.uses else NO_ROLES)

    @classmethod
    def of(cls, body: Body, children: Children | None = None, uses: Sequence[Use] = ()) -> "Resource":
        """The Resource of an ARM body. Raises ValueError when it names neither a type nor a parsable id."""
        identity = body.get("id")
        kind = body.get("type")
        if not isinstance(kind, str) or "/" not in kind:
            parsed = ResourceId.parse(identity)
            if parsed is None:
                raise ValueError(
                    'no resource: it has no "type", and no "id" of the form /subscriptions/… that tells one'
                )
            kind = parsed.type
        return cls(
            id=identity if isinstance(identity, str) else "",
            type=kind.lower(),
            location=values.normal_region(body.get("location")),
            body=body,
            children=children or {},
            uses=tuple(uses),
        )

    @property
    def name(self) -> str:
        """The resource's own name."""
        name = self.body.get("name")
        return name if isinstance(name, str) and name else self.id.rsplit("/", 1)[-1]

    def get(self, path: str) -> Any:
        """The value at a dotted path (`properties.zoneRedundant`), None where any step is missing or null."""
        value = self._seen.get(path, NOT_SEEN)
        if value is NOT_SEEN:
            value = self._seen[path] = values.value_at(self.body, path)
        return value

    def kept[T](self, make: Callable[["Resource"], T]) -> T:
        """What a function makes of the resource: worked out once, however many rules ask for it."""
        found: T = self._seen.get(make, NOT_SEEN)
        if found is NOT_SEEN:
            found = self._seen[make] = make(self)
        return found

    def text(self, path: str) -> str | None:
        """The text at a path in lower case (Azure's own casing varies), None where there is none."""
        value = self._seen.get(path, NOT_SEEN)
        if value is NOT_SEEN:
            value = self._seen[path] = values.value_at(self.body, path)
        return value.lower() if value.__class__ is str and value else None

    def flag(self, path: str) -> bool | None:
        """The truth value at a path, None where there is none."""
        value = self.get(path)
        return value if value.__class__ is bool else None

    def number(self, path: str) -> float | None:
        """The number at a path, None where there is none."""
        value = self.get(path)
        return value if value.__class__ is int or value.__class__ is float else None

    def holds(self, path: str) -> bool:
        """Whether an object is at a path. Where none is, Azure's default for a member of it is no answer either."""
        return self.get(path).__class__ is dict

    def unreadable(self, path: str) -> bool:
        """Whether something else stands where an object should be."""
        return self.get(path) is not None and not self.holds(path)

    def objects(self, path: str) -> Sequence[Body] | None:
        """The list of objects at a path, None where it is missing or anything else."""
        return values.objects_at(self.body, path)

    def tag(self, name: str) -> str | None:
        """The value of a tag, whose name has no case; None where it is not set."""
        return values.tag_of(self.body, name)

    def child(self, path: str) -> Body | None:
        """The body of one child (`blobServices/default`), None when it was not read."""
        found = self.children.get(path)
        return found if isinstance(found, Mapping) else None

    def collection(self, path: str) -> Sequence[Body] | None:
        """The bodies of a child collection (`replications`), None when it was not read."""
        found = self.children.get(path)
        return None if found is None or isinstance(found, Mapping) else found


class Verdict(NamedTuple):
    """What a rule found, with one sentence of evidence that is also the chat text."""

    status: Status
    because: str


def _kept(make: Callable[[str], Verdict]) -> Callable[[str], Verdict]:
    """Most sentences are said again and again: their verdicts are kept, up to a number."""
    return lru_cache(maxsize=4096)(make)


@_kept
def passed(because: str) -> Verdict:
    """The resource is as it should be."""
    return Verdict(Status.PASS, because)


@_kept
def failed(because: str) -> Verdict:
    """The resource is not as it should be."""
    return Verdict(Status.FAIL, because)


@_kept
def not_applicable(because: str) -> Verdict:
    """The rule has nothing to say about this resource."""
    return Verdict(Status.NOT_APPLICABLE, because)


@_kept
def unknown(because: str) -> Verdict:
    """Azure did not say enough to judge; nothing is ever fixed on this."""
    return Verdict(Status.UNKNOWN, because)


@dataclass(frozen=True, slots=True)
class References:
    """Where others say the same: APRL GUIDs, PSRule rule names, built-in Azure Policy ids, Learn URLs."""

    aprl: tuple[str, ...] = ()
    psrule: tuple[str, ...] = ()
    policy: tuple[str, ...] = ()
    learn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One thing that good looks like. `name` is `service/what-is-required`, the same in chat, policy and docs.

    `applies_to` is the resource type, `reads` the child paths the check needs besides the resource itself. The rule is
    not applicable unless the resource plays one of the `roles` (empty: whatever it is used for), lies in a region with
    availability zones if `zonal`, and is not marked as dev/test if `production`: see `rules.gates`.
    """

    name: str
    title: str
    severity: Severity
    applies_to: str
    check: Callable[[Resource], Verdict]
    reads: tuple[str, ...] = ()
    roles: frozenset[Role] = frozenset()
    zonal: bool = False
    production: bool = False
    references: References = References()

    @property
    def documentation(self) -> str:
        """The rule's page: what it checks, why it matters, how it is fixed, references."""
        return inspect.cleandoc(self.check.__doc__ or "")

    def section(self, heading: str) -> str:
        """One part of the page (`Why it matters`) as one line of text; empty where there is none."""
        _, _, rest = self.documentation.partition(f"\n{heading}\n")
        indented = itertools.takewhile(lambda line: line.startswith(" ") or not line, rest.splitlines())
        return " ".join(line.strip() for line in indented if line.strip())


def rule(
    *,
    title: str,
    severity: Severity,
    applies_to: str,
    reads: tuple[str, ...] = (),
    roles: tuple[Role, ...] = (),
    zonal: bool = False,
    production: bool = False,
    references: References = References(),
) -> Callable[[Callable[[Resource], Verdict]], Rule]:
    """Make a check a Rule, named after its service: `zone_redundant` in `rules/storage/zones.py` is
    `storage/zone-redundant`, `premium_sku` in `rules/container_registry.py` is `container-registry/premium-sku`."""

    def make(check: Callable[[Resource], Verdict]) -> Rule:
        service = check.__module__.removeprefix("rules.").split(".")[0]
        name = f"{service}/{check.__name__}".replace("_", "-")
        return Rule(name, title, severity, applies_to, check, reads, frozenset(roles), zonal, production, references)

    return make


class Finding(NamedTuple):
    """One rule's verdict on one resource."""

    rule: Rule
    resource: Resource
    verdict: Verdict
