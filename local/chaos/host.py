"""The functions host of a chaos run: the app as it is deployed, with waits that fit into minutes.

The product has no settings for its waits, and gets none for a test: they are constants, set anew here, in the host's
own process, before the app is loaded. What is waited for, and how often, stays as it is.
"""

import contextlib
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from local.functions_host import __main__ as functions_host
from remediation import act, checks, decide, outbox
from remediation.adapters import arm, budget

READ_SECONDS: Final = 2
SHORTER: Final[tuple[tuple[Any, str, object], ...]] = (
    (arm, "READ_SECONDS", READ_SECONDS),
    (budget, "UNNAMED", timedelta(seconds=1)),
    (budget, "READS", replace(budget.READS, size=1500, rate=250)),
    (budget, "WRITES", replace(budget.WRITES, size=1600, rate=100)),
    (checks, "FIRST_LOOK", timedelta(seconds=2)),
    (checks, "LONGEST_WAIT", timedelta(seconds=16)),
    (outbox, "FIRST_RETRY", timedelta(seconds=1)),
    (outbox, "LONGEST_RETRY", timedelta(seconds=8)),
    (act, "LONGEST_PAUSE", timedelta(seconds=8)),
    (decide, "SETTLE", timedelta(seconds=5)),
    (decide, "SETTLE_UNFOLLOWED", timedelta(seconds=20)),
    (decide, "UNANSWERED", timedelta(seconds=20)),
)
"""Constants of the app and what they are here: waits, in Azure seconds to hours, and what a subscription takes in a
second, as more is written to one here in a minute than to others in days."""


def shorten() -> None:
    """Set the waits. Raises AttributeError for one that the app has no more."""
    for module, name, value in SHORTER:
        getattr(module, name)
        setattr(module, name, value)


if __name__ == "__main__":
    shorten()
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(functions_host.main())
