"""What a person sees who follows a link: the case, and the plan for the resource as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from remediation import judging, reader, undo
from remediation.approvals import TO_APPROVE, NotPossible
from remediation.cases import Case, State
from remediation.guards import Guard
from remediation.plan import Guidance, Plan, Remedy
from remediation.policy import Effect, Mode
from remediation.ports import Services
from remediation.tokens import Pinned, pinned
from rules.model import Finding
from rules.resource_id import ResourceId

STANDS: Final[Mapping[State, str]] = {
    State.FIXING: "It is being applied now. How it ends is told in chat.",
    State.TOLD: "People were told of it: the bot does nothing about it by itself, nor by approval.",
    State.FIXED: "It was applied, and a fresh read has confirmed it.",
    State.UNDONE: "A person took it back: the bot leaves it so.",
    State.CLOSED: "It is closed: nothing is left to do.",
}


@dataclass(frozen=True, slots=True)
class Review:
    """A case and its plan as it would be now. `finding` is what its rule says now, None where no rule is about it any
    more. `held` is why nobody can approve the plan now, empty where a person can."""

    resource: ResourceId
    case: Case
    finding: Finding | None
    plan: Plan
    held: str

    @property
    def pinned(self) -> Pinned:
        """What a link has to be about, to decide on this."""
        return pinned(self.case, self.plan.digest)

    @property
    def may_undo(self) -> bool:
        """Whether the fix can be put to people for taking back."""
        takes_back = undo.is_undo(self.case.rule)
        return not takes_back and undo.can_be_taken_back(self.case) and undo.plan_of(self.plan) is not None


def look(services: Services, about: Pinned) -> Review:
    """Look at a case and its resource afresh. Raises NotPossible where there is none, and the CloudErrors of a read."""
    resource = ResourceId.parse(about.resource_id)
    if resource is None or resource.subscription not in services.policy.subscriptions:
        raise NotPossible("its subscription is not onboarded any more: the bot changes nothing there")
    cases = services.store.cases(str(resource))
    case = cases.get(about.rule)
    if case is None or case.plan is None:
        raise NotPossible("nothing is remembered of it: wait for the next message about the resource")
    _, findings = judging.findings(services, resource, reader.read(services, resource), cases)
    finding = next((each for each in findings if each.rule.name == about.rule), None)
    remedy = judging.remedy(services, resource, finding, cases) if finding else None
    held = _held(services, case, finding, remedy)
    fresh = remedy if case.state in TO_APPROVE and isinstance(remedy, Plan) else case.plan
    return Review(resource, case, finding, fresh, held)


def _held(services: Services, case: Case, finding: Finding | None, remedy: Remedy | None) -> str:
    """Why nobody can approve it, in sentences."""
    if case.state not in TO_APPROVE:
        return _stands(case)
    if services.policy.mode is Mode.AUDIT:
        return "The bot is in audit mode and changes nothing: set the mode to enforce first."
    if isinstance(remedy, Plan) and finding is not None:
        return _guarded(judging.guarded(services, finding, None, services.clock()))
    if case.is_half_done:
        return ""
    if isinstance(remedy, Guidance):
        return f"The bot can do nothing about it any more. {remedy.why_no_plan}"
    return f"Nothing is left to do: {finding.verdict.because}." if finding else "Its rule is off, or about it no more."


def _stands(case: Case) -> str:
    if case.state is State.APPROVED and case.approval is not None:
        return f"{case.approval.by} approved it: the next check applies it if the resource is still so."
    if case.state is State.EXEMPT and case.until is not None:
        return f"It is accepted until {case.until:%d %b %Y}: {case.reason}."
    return STANDS[case.state]


def _guarded(guard: Guard) -> str:
    if guard.exemption is not None:
        return f"It is accepted until {guard.exemption.until:%d %b %Y} by {guard.exemption.source}."
    if guard.ruling.effect in (Effect.OFF, Effect.TELL):
        return f"The bot may not change it: {guard.ruling.why}."
    return ""
