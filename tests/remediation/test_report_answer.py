"""The report over HTTP, with what the bot remembers in real tables."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pytest

from remediation.report.answer import Answer, answer, gathered
from remediation.report.latest import LatestScan
from remediation.report.model import Trend
from remediation.results import Result
from tests.builders import REGISTRY_ID, SUBSCRIPTION, event, registry
from tests.remediation.approving import SETTINGS, URL, Visitor
from tests.remediation.carrying_out import CATALOGUE
from tests.remediation.harness import Bot
from tests.report_estate import SCANNED, TREND, estate, results

type Start = Callable[..., Bot]

ZONES = CATALOGUE["storage/zone-redundant"]


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan that has finished."""

    found: tuple[Result, ...]
    scanned_at: datetime | None = SCANNED

    def results(self) -> Iterable[Result]:
        """Those given."""
        return self.found

    def history(self) -> Trend:
        """Some weeks."""
        return TREND


SCAN = Scan(tuple(results(estate())))


def get(bot: Bot, name: str = "", accept: str = "text/html", *, scan: Scan | None = SCAN) -> Answer:
    return answer(bot.services, scan or LatestScan(bot.services), name, accept)


def test_a_browser_gets_the_page(bot: Bot) -> None:
    found = get(bot)
    assert (found.status, found.media_type) == (200, "text/html")
    assert "Scanned 23 Nov 2026 22:04 UTC" in found.body
    assert "The score went from 38 to 71 percent" in found.body


def test_programs_get_all_results(bot: Bot) -> None:
    found = get(bot, "csv")
    assert (found.status, found.media_type) == (200, "text/csv")
    assert len([*csv.reader(io.StringIO(found.body))]) == len(SCAN.found) + 1
    found = get(bot, accept="application/json")
    assert (found.status, found.media_type) == (200, "application/json")
    assert len(json.loads(found.body)) == len(SCAN.found)


@pytest.mark.parametrize(
    ("name", "accept", "status", "says"),
    [
        ("pdf", "", 400, "format: 'pdf' is none of html, csv, json; leave it out for a page"),
        ("sarif", "text/html", 400, "format: 'sarif' is none of"),
        ("", "image/png", 406, "say which with ?format= or with Accept"),
    ],
)
def test_what_is_not_offered_says_what_is(bot: Bot, name: str, accept: str, status: int, says: str) -> None:
    found = get(bot, name, accept)
    problem = json.loads(found.body)
    assert (found.status, problem["status"], found.media_type) == (status, status, "application/problem+json")
    assert says in problem["detail"]


def test_before_the_first_scan_everybody_hears_how_to_start_one(bot: Bot) -> None:
    page = get(bot, scan=None)
    assert (page.status, "POST /api/scan" in page.body) == (200, True)
    found = get(bot, "json", scan=None)
    assert (found.status, found.media_type) == (404, "application/problem+json")
    assert "start one with POST /api/scan" in json.loads(found.body)["detail"]
    assert [*LatestScan(bot.services).results(), *LatestScan(bot.services).history()] == []


def test_what_the_bot_remembers_is_shown_beside_the_results(start: Start) -> None:
    bot = start(rules=[ZONES.rule, "container-registry/premium-sku"])
    ZONES.seed(bot)
    ZONES.see(bot)
    bot.seed(registry())
    bot.see(event(REGISTRY_ID))
    kept = gathered(bot.services.store, bot.clock())
    assert [case.rule for case in kept.asked] == [ZONES.rule]
    assert [entry.what for entry in kept.journal if entry.rule != ZONES.rule] == ["started", "sent", "fixed"]
    assert kept.since is not None
    page = get(bot).body
    assert "waits" not in page, "the estate's own account is another one"
    assert "the bot: it is safe" in page
    assert kept.asked[0].plan is not None
    assert kept.asked[0].plan.title in page


@pytest.mark.parametrize("settings", [{}, SETTINGS], ids=["without a page", "with a page"])
def test_what_waits_for_an_approval_can_be_approved_from_the_report(start: Start, settings: Mapping[str, str]) -> None:
    """People may have had no message about it: a scan found too much."""
    bot = start(rules=[ZONES.rule], settings=settings)
    ZONES.seed(bot)
    ZONES.see(bot)
    case = bot.case(ZONES.resource.id, ZONES.rule)
    assert case.plan is not None
    page = get(bot).body
    tokens = re.findall(rf'href="{URL}/api/approvals/([^"]+)"', page)
    assert [Visitor(bot).get(token).status for token in tokens] == ([200] if settings else [])
    command = f"local approve {ZONES.resource.id} {ZONES.rule} {case.plan.digest} --by NAME"
    assert (command in page) is not bool(settings)


def test_exemptions_are_shown_and_the_next_to_end_comes_first(start: Start) -> None:
    where = f"where: {{subscriptions: [{SUBSCRIPTION}]}}"
    policy = f"""exemptions:
  - {{rules: [container-registry/premium-sku], until: 2099-01-31, reason: later, {where}}}
  - {{rules: [{ZONES.rule}], until: 2098-01-31, reason: sooner, {where}}}
"""
    bot = start(rules=[ZONES.rule, "container-registry/premium-sku"], policy=policy)
    bot.seed(registry())
    bot.see(event(REGISTRY_ID))
    ZONES.seed(bot)
    ZONES.see(bot)
    kept = gathered(bot.services.store, bot.clock())
    assert [case.reason.partition(" ")[0] for case in kept.exempt] == ["sooner", "later"]
    page = get(bot).body
    assert "31 Jan 2098 23:59 UTC" in page
    assert page.index("Sooner") < page.index("Later")
