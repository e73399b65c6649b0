"""Every remediation with a resource that it has a plan for, and what is done to see the plan carried out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.azure.providers import behaviour_of
from remediation import approvals, topology
from remediation.approvals import Person
from remediation.cases import State
from remediation.fixes import REMEDIATIONS
from remediation.plan import Plan, Remediation, Safety, Write
from remediation.topology import Used
from rules import evaluate_with
from rules.model import Resource, Status, Verdict
from rules.resource_id import ResourceId
from tests.builders import event, judged
from tests.remediation.applying import read, seed
from tests.remediation.harness import Bot
from tests.rules.examples import EXAMPLES

PERSON = Person("approver@example.com", "00000000-0000-4000-8000-0000000000d0")
ASKED, STARTED, FAILED = "APPROVAL NEEDED", "FIX STARTED", "FIX FAILED"

MOST_LOOKS = 10

type Call = tuple[str, str, str, Mapping[str, Any]]
"""Verb, path, api-version and body."""


@dataclass(frozen=True, slots=True)
class Example:
    """A remediation, a resource that fails its rule, and the plan for it."""

    remediation: Remediation
    resource: Resource
    plan: Plan

    @property
    def rule(self) -> str:
        """The rule's name, the remediation's as well."""
        return self.remediation.rule.name

    @property
    def id(self) -> ResourceId:
        """The resource's id."""
        found = ResourceId.parse(self.resource.id)
        assert found is not None
        return found

    @property
    def is_asked(self) -> bool:
        """Whether a person has to approve the plan."""
        return self.remediation.safety is Safety.APPROVE

    @property
    def route(self) -> str:
        """What tells apart the ways a write is sent and answered: verb, type and action of the first."""
        write = self.plan.writes[0]
        action = write.resource_id.rsplit("/", 1)[-1] if write.verb == "POST" else ""
        return f"{write.verb} {target_type(write)} {action}".strip()

    @property
    def takes_time(self) -> bool:
        """Whether Azure may go on with the first write after it has answered."""
        write = self.plan.writes[0]
        behaviour = behaviour_of(target_type(write))
        verb = {"PUT": behaviour.put, "PATCH": behaviour.patch}.get(write.verb)
        return write.verb == "POST" or (verb is not None and verb.running > 0)

    def seed(self, bot: Bot) -> None:
        """Let the resource be there, in use as the example says."""
        seed(bot.azure, self.resource)
        for workspace in {use.workspace_id for use in self.resource.uses}:
            uses = tuple(use for use in self.resource.uses if use.workspace_id == workspace)
            owner = ResourceId.parse(workspace)
            assert owner is not None
            bot.services.store.put_uses(owner, [Used(topology.key_of(self.id), self.id, uses)], all_seen=True)

    def seen(self, bot: Bot) -> Resource:
        """The resource as it is now."""
        return read(bot.azure, self.resource)

    def verdict(self, bot: Bot) -> Verdict:
        """What the rule says of it now."""
        return judged(self.remediation.rule, self.seen(bot))

    def begin(self, bot: Bot) -> None:
        """Somebody makes the fault; where a person has to approve the plan, one does."""
        self.seed(bot)
        self.see(bot)
        if self.is_asked:
            self.approve(bot)

    def see(self, bot: Bot, event_id: str = "event-1") -> None:
        """An event about the resource."""
        bot.see(event(self.resource.id, event_id))

    def approve(self, bot: Bot) -> None:
        """A person approves what was asked."""
        self.is_approved(bot)
        bot.work()

    def is_approved(self, bot: Bot) -> None:
        """A person has approved what was asked; the bot has not seen it yet."""
        case = bot.case(self.resource.id, self.rule)
        assert case.state is State.ASKED
        assert case.plan is not None
        approvals.approve(bot.services, self.id, self.rule, case.plan.digest, PERSON)

    @property
    def fixed(self) -> str:
        """What people are told in the end."""
        return "FIXED" if self.is_asked else "FIXED AUTOMATICALLY"

    def told(self, *then: str) -> list[str]:
        """What people are told: that they are asked, where they are, then this."""
        return [ASKED, *then] if self.is_asked else [*then]

    def done(self, *then: str) -> list[str]:
        """What the journal has: the approval, where there is one, then this."""
        return ["asked", "approved", "started", *then] if self.is_asked else ["started", *then]


def target_type(write: Write) -> str:
    """The type of what a write is about, in lower case."""
    path = write.resource_id.rsplit("/", 1)[0] if write.verb == "POST" else write.resource_id
    target = ResourceId.parse(path)
    assert target is not None
    return target.type


def calls(plan: Plan) -> list[Call]:
    """What a plan sends."""
    return [(write.verb, write.resource_id, write.api_version, write.body) for write in plan.writes]


def sent(bot: Bot) -> list[Call]:
    """What the bot has sent, oldest first."""
    return [(each.method, each.path, each.api_version, each.request_body) for each in bot.azure.writes()]


def look(bot: Bot) -> None:
    """The next delayed check."""
    bot.later(max(bot.waits()))


def until_nothing_waits(bot: Bot) -> None:
    """Look again as often as the bot wants to."""
    for _ in range(MOST_LOOKS):
        if bot.waits():
            look(bot)
    assert bot.waits() == []


def finish_operations(bot: Bot) -> None:
    """Let every long-running operation end now."""
    for operation in bot.azure.world.operations.values():
        operation.seconds = 0


def _examples() -> Iterator[Example]:
    for rule, remediation in REMEDIATIONS.items():
        if remediation.safety is not Safety.GUIDE:
            yield next(_of(remediation), None) or _missing(rule)


def _missing(rule: str) -> Example:
    raise AssertionError(f"no example has a plan of {rule}")


def _of(remediation: Remediation) -> Iterator[Example]:
    for resource in EXAMPLES:
        if resource.type == remediation.rule.applies_to.lower():
            (found,) = evaluate_with((remediation.rule,), resource)
            if found.verdict.status is Status.FAIL and isinstance(plan := remediation.remedy(found), Plan):
                yield Example(remediation, resource, plan)


CATALOGUE = {example.rule: example for example in _examples()}
"""One example of each remediation that writes, by the name of its rule."""
ROUTES = {example.route: example for example in reversed(CATALOGUE.values())}
"""One example of each way to send a write."""
IN_TIME = {rule: example for rule, example in CATALOGUE.items() if example.takes_time}
"""The remediations that Azure works on after its answer."""
