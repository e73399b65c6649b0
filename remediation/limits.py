"""How much the bot does by itself: fixes of one resource a day, changes in one subscription an hour.

Counted by who has claimed a fix that nobody approved, so once for however many saw the fault; one that is tried again
after Azure was busy is counted already. What is over a limit is asked instead.
"""

from datetime import UTC

from remediation.cases import State
from remediation.decide import Limit, Situation
from remediation.plan import Plan
from remediation.ports import Services
from rules.resource_id import ResourceId


def reached(services: Services, resource: ResourceId, situation: Situation, plan: Plan) -> Limit | None:
    """The limit that this plan would go beyond; None where it counts as begun, or need not be counted. `situation` is
    that before it was claimed."""
    if not _counts(situation, plan):
        return None
    now, limits, store = situation.now.astimezone(UTC), services.policy.limits, services.store
    if not store.take(f"{resource.key} {now:%Y-%m-%d}", limits.fixes_per_resource_per_day):
        times = _times(limits.fixes_per_resource_per_day)
        return Limit(f"the bot has changed this resource {times} today, which is the limit of the policy")
    if not store.take(f"{resource.subscription} {now:%Y-%m-%dT%H}", limits.changes_per_subscription_per_hour):
        most = limits.changes_per_subscription_per_hour
        return Limit(
            f"the bot has begun {most} changes in this subscription since {now:%H}:00 UTC on {now:%Y-%m-%d}, which is "
            "the limit of the policy for an hour",
            shared=True,
        )
    return None


def _counts(situation: Situation, plan: Plan) -> bool:
    case = situation.case
    return case is None or not (case.state is State.FIXING or case.approved(plan))


def _times(count: int) -> str:
    return f"{count} time" if count == 1 else f"{count} times"
