"""What would be done about a finding: the ARM calls as data, with their undo, price and risks.

The same Plan is shown in chat, hashed for approval, sent, journaled and undone. Pure: no SDK, network or clock.
"""

import hashlib
import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from remediation.alike import alike
from rules.model import Body, Finding, Resource, Rule

UNDO: Final = "/undo"
"""Ends what stands for a rule's name where its fix is taken back: `container-registry/premium-sku/undo`."""


class Safety(StrEnum):
    """Who may start a remediation. Anything not proven SAFE is not SAFE."""

    SAFE = "SAFE"
    """Runs by itself: changes only what it touches, keeps the service running, can be undone, costs little."""
    APPROVE = "APPROVE"
    """Runs after one person approved this very plan."""
    GUIDE = "GUIDE"
    """Only a person can do it."""


@dataclass(frozen=True, slots=True)
class Write:
    """One ARM call. `resource_id` may end in an action (`…/startAccountMigration`) when `verb` is POST.

    `etag` is sent as If-Match: a PUT of a whole body is refused when somebody changed the resource since it was read.
    `progress` is the id of what shows how far Azure is, where its answer tells only that it will do it.
    """

    verb: str
    resource_id: str
    api_version: str
    body: Mapping[str, Any]
    etag: str = ""
    progress: str = ""

    @property
    def if_match(self) -> str:
        """The ETag as HTTP wants it, and as the SDKs send it: AKS shows its ETags without quotes."""
        return self.etag if self.etag.startswith(('"', "W/")) or self.etag == "*" else f'"{self.etag}"'


@dataclass(frozen=True, slots=True)
class Code:
    """The lines that keep infrastructure code in step. `warning` says where code left as it is does harm."""

    bicep: str
    terraform: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan adds to the bill. `text` is for people: it says "estimate" and where the figure is from.

    `monthly_usd` is the difference a month in US dollars, None where it depends on what is not known (what is stored).
    """

    text: str
    monthly_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Precondition:
    """What has to hold before the plan is sent. `checked`: the planner saw that it does; else a person has to know."""

    text: str
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The writes that put one finding right, sent one after the other: each when Azure has finished the one before.

    `title` is what they do, in the imperative. `before` and `after` hold the values that change, by path (see
    `value_of`). `undo` is empty where the change cannot be taken back by a write; `undo_note` says what taking it back
    means. `duration` is an estimate for people. `size` is what of the resource the price of the plan hangs on, see
    `size_of`.
    """

    rule: str
    resource_id: str
    safety: Safety
    title: str
    writes: tuple[Write, ...]
    undo: tuple[Write, ...]
    undo_note: str
    touches: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    effect: str
    cost: Cost
    downtime: str
    duration: str
    code: Code
    preconditions: tuple[Precondition, ...] = ()
    size: str = ""

    @property
    def takes_back(self) -> str:
        """The rule whose fix this plan takes back, empty where it is a fix itself."""
        return self.rule.removesuffix(UNDO) if self.rule.endswith(UNDO) else ""

    @property
    def to_confirm(self) -> tuple[str, ...]:
        """The preconditions that only a person can know: a plan with any is never sent without an approval."""
        return tuple(precondition.text for precondition in self.preconditions if not precondition.checked)

    @property
    def digest(self) -> str:
        """Identifies this plan for this state of the resource: another state or size, another write or something else
        that a person has to know, another digest.

        Left out are ETags and the bodies of PUTs: those hold, besides the change, all of what was read.
        """
        identity = [
            self.rule,
            self.resource_id.lower(),
            self.before,
            self.after,
            [_shape(each) for each in self.writes],
            self.safety,
            self.to_confirm,
            self.size,
        ]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]

    def makes_the_same(self, other: "Plan") -> bool:
        """Whether both make the same change of the same values, at any price: what was absent may be off by now."""
        return alike(self._change, other._change)

    @property
    def _change(self) -> Sequence[object]:
        return [self.before, self.after, [_shape(each) for each in self.writes]]

    def to_json(self) -> str:
        """The plan as stored in its case and in the journal."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The plan that `to_json` wrote."""
        data = json.loads(text)
        return cls(
            **data
            | {
                "safety": Safety(data["safety"]),
                "writes": tuple(Write(**write) for write in data["writes"]),
                "undo": tuple(Write(**write) for write in data["undo"]),
                "touches": tuple(data["touches"]),
                "cost": Cost(**data["cost"]),
                "code": Code(**data["code"]),
                "preconditions": tuple(Precondition(**each) for each in data["preconditions"]),
            }
        )


def _shape(write: Write) -> Sequence[object]:
    body = None if write.verb == "PUT" else write.body
    return [write.verb, write.resource_id.lower(), write.api_version, body]


@dataclass(frozen=True, slots=True)
class Guidance:
    """What a person has to do, where no plan can do it. `steps` are sentences in their order."""

    why_no_plan: str
    steps: tuple[str, ...]
    cost: str
    effort: str


type Remedy = Plan | Guidance


@dataclass(frozen=True, slots=True)
class Requirement:
    """What has to hold for a plan, and what to do where it does not. `holds` is None where that cannot be seen."""

    holds: bool | None
    text: str
    advice: Guidance


def unmet(requirements: Sequence[Requirement]) -> Guidance | None:
    """What to do about the first requirement that does not hold, None where all may."""
    return next((each.advice for each in requirements if each.holds is False), None)


def preconditions(requirements: Sequence[Requirement]) -> tuple[Precondition, ...]:
    """The requirements of a plan: those that were seen to hold, and those that a person has to know."""
    return tuple(Precondition(each.text, checked=each.holds is True) for each in requirements)


@dataclass(frozen=True, slots=True)
class Remediation:
    """How a rule's failure is put right.

    `touches` are the paths its plans may change (see `value_of`), `needs` the RBAC actions they require; GUIDE has
    neither. `reads` are child paths that the planner needs besides what the rule reads: they are read when it fails.
    `clean` makes of a body as read one that may be PUT, where its plans send bodies whole. `shows_within` is how long
    Azure may go on with a change, or not show it, when it has said that it is done.
    """

    rule: Rule
    safety: Safety
    planner: Callable[[Resource], Remedy]
    touches: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    clean: Callable[[Body], Body] | None = None
    shows_within: timedelta = timedelta()

    @property
    def documentation(self) -> str:
        """The planner's docstring: one sentence; where it writes also What is sent, Cost, Downtime and Undo."""
        return inspect.cleandoc(self.planner.__doc__ or "")

    def remedy(self, finding: Finding) -> Remedy:
        """The plan or guidance for one failed finding."""
        made = self.planner(finding.resource)
        return replace(made, size=size_of(finding.resource, made)) if isinstance(made, Plan) else made


def remediates(
    rule: Rule,
    *,
    safety: Safety = Safety.GUIDE,
    touches: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    reads: tuple[str, ...] = (),
    clean: Callable[[Body], Body] | None = None,
    shows_within: timedelta = timedelta(),
) -> Callable[[Callable[[Resource], Remedy]], Remediation]:
    """Make a pure planner the Remediation of `rule`."""

    def make(planner: Callable[[Resource], Remedy]) -> Remediation:
        return Remediation(rule, safety, planner, touches, needs, reads, clean, shows_within)

    return make


def size_of(resource: Resource, plan: Plan) -> str:
    """What the price of a plan hangs on: the SKU of the resource, and of the node pools that the plan names their VM
    size. An approval of the same change at another price is none. What storage costs hangs on what is stored."""
    if resource.type == "microsoft.storage/storageaccounts":
        return ""
    pools = resource.objects("properties.agentPoolProfiles") or ()
    named = [pool for pool in pools if any(f"[{pool.get('name')}]" in path for path in plan.after)]
    sizes = {str(pool["name"]): pool.get("vmSize") for pool in named}
    return json.dumps([resource.get("sku"), sizes], sort_keys=True, default=str)


_STEP: Final = re.compile(r"(?P<name>[^.\[\]]+)(?:\[(?P<item>[^\]]+)\])?\.?")


def value_of(resource: Resource, path: str) -> Any:
    """The value at a path that `touches`, `before` and `after` use; None where any step is missing or null.

    `sku.name` is in the resource, `blobServices/default:properties.isVersioningEnabled` in a child that was read, and
    `properties.agentPoolProfiles[system].count` in the item of a list that is so named (`name` or `locationName`);
    `replications[westeurope]:properties.regionEndpointEnabled` in such an item of a child collection.
    """
    child, _, inner = path.rpartition(":")
    root: Any = _step_into({**resource.children}, child) if child else resource.body
    for step in _STEP.finditer(inner):
        root = _item(root, step["name"], step["item"])
    return root


def _step_into(children: Mapping[str, Any], child: str) -> Any:
    name, _, item = child.partition("[")
    return _item(children, name, item.rstrip("]") or None)


def _item(value: Any, name: str, item: str | None) -> Any:
    found = value.get(name) if isinstance(value, Mapping) else None
    if item is None:
        return found
    items = found if isinstance(found, list | tuple) else []
    named = (each for each in items if isinstance(each, Mapping))
    return next((each for each in named if any(alike(name, item) for name in _names(each))), None)


def _names(item: Mapping[str, Any]) -> list[Any]:
    return [item[key] for key in ("name", "locationName") if key in item]
