"""What the tests of the rules about SQL databases share."""

from collections.abc import Mapping

from rules.model import Rule, Status
from tests.builders import Json, judged
from tests.rules.examples.sql_database import used

PASS, FAIL, NO, UNKNOWN = Status.PASS, Status.FAIL, Status.NOT_APPLICABLE, Status.UNKNOWN
DEV = {"environment": "Dev"}

type Cases = Mapping[str, tuple[Json, Status, str]]


def verdict(rule: Rule, body: Json, *links: Json) -> tuple[Status, str]:
    """What the rule says of what a connection of the workspace reads."""
    found = judged(rule, used(body, *links))
    return found.status, found.because
