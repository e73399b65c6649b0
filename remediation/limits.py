"""How much the bot does by itself: fixes of one resource a day, changes in one subscription an hour.

Counted by who has claimed a fix that nobody approved, so once for however many saw the fault; one that is tried again
after Azure was busy is counted already. What is over a limit is asked instead.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from typing import Final

from remediation.cases import State
from remediation.decide import Limit, Situation
from remediation.plan import Plan
from remediation.ports import Conflict, Memo, Services, Store
from rules.resource_id import ResourceId

MOST_RACES: Final = 20
"""Workers that may count one thing at once."""


def reached(services: Services, resource: ResourceId, situation: Situation, plan: Plan) -> Limit | None:
    """The limit that this plan would go beyond; None where it counts as begun, or need not be counted. `situation` is
    that before it was claimed."""
    if not _counts(situation, plan):
        return None
    now, limits, store = situation.now.astimezone(UTC), services.policy.limits, services.store
    fixes, most = f"fixes {resource.key} {now:%Y-%m-%d}", limits.fixes_per_resource_per_day
    enough = Limit(f"the bot has changed this resource {_times(most)} today, which is the limit of the policy")
    if _count(store.memo(fixes)) >= most:
        return enough
    if not _take(store, f"changes {resource.subscription} {now:%Y-%m-%dT%H}", limits.changes_per_subscription_per_hour):
        most = limits.changes_per_subscription_per_hour
        return Limit(
            f"the bot has begun {_changes(most)} in this subscription since {now:%H}:00 UTC on {now:%Y-%m-%d}, which "
            "is the limit of the policy for an hour",
            shared=True,
        )
    return None if _take(store, fixes, limits.fixes_per_resource_per_day) else enough


def _counts(situation: Situation, plan: Plan) -> bool:
    """Not what a person approved, nor what Azure put off after it was counted: then nobody holds the claim. A claim
    that somebody still holds is of a worker that died, perhaps before it counted."""
    case = situation.case
    return case is None or not (case.approved(plan) or (case.state is State.FIXING and not case.owner))


def _count(memo: Memo) -> int:
    return int(memo.data.get("count", 0))


def _take(store: Store, counter: str, most: int) -> bool:
    """Count one more, unless that makes more than `most`."""
    for _ in range(MOST_RACES):
        memo = store.memo(counter)
        if _count(memo) >= most:
            return False
        with suppress(Conflict):  # another worker was faster
            store.put_memo(replace(memo, data={"count": _count(memo) + 1}))
            return True
    return False  # so many at once are no single fix


def _times(count: int) -> str:
    return f"{count} time" if count == 1 else f"{count} times"


def _changes(count: int) -> str:
    return f"{count} change" if count == 1 else f"{count} changes"
