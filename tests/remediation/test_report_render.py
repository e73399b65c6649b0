"""The page as text: hostile names are escaped, only its own style and script may run, pictures tell the truth."""

import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.cases import Case, Entry, State
from remediation.report import chart, render
from remediation.report.model import Remembered, Trend, report
from remediation.results import Result
from rules.model import Role, Severity, Status, Use
from tests.builders import NOON, REGISTRY_ID, WORKSPACE_ID
from tests.report_estate import SCANNED, TREND, a_report, estate, remembered, results

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "</script><img src=x onerror=alert(1)>\"'&{{7*7}}\ud800"


class Tags(HTMLParser):
    """The tags of a page, the attributes that could load or run something, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.risky: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.risky += [
            each for each in attrs if each[0] in ("src", "srcset", "style", "action") or each[0].startswith("on")
        ]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Tags:
    """A page as a browser reads it."""
    parser = Tags()
    parser.feed(page.encode().decode())
    return parser


@given(st.text(st.characters()) | st.just(HOSTILE))
def test_hostile_texts_stay_text(text: str) -> None:
    uses = (Use(Role.WORKSPACE_REGISTRY, f"{WORKSPACE_ID}{text}"), Use(Role.WORKSPACE_REGISTRY, WORKSPACE_ID))
    status, unknown = Status.FAIL, Status.UNKNOWN
    failed = Result(f"{REGISTRY_ID}{text}", text, text, text, text, Severity.HIGH, status, text, text, uses)
    kept = replace(failed, rule="container-registry/premium-sku", type="microsoft.containerregistry/registries")
    cases = [Case(text, f"/x{text}", state, NOON, NOON, reason=text) for state in (State.ASKED, State.EXEMPT)]
    journal = [Entry(f"/x{text}", text, NOON, what, {"approved_by": text}) for what in ("started", "fixed")]
    shown = report([failed, kept, replace(kept, status=unknown)], Remembered(cases[:1], cases[1:], journal))
    found = read(render.page(shown))
    assert found.risky == []
    assert found.tags.count("script") == found.tags.count("style") == 1
    assert "img" not in found.tags


def test_the_page_shows_everything() -> None:
    shown = read(render.page(a_report())).text
    for text in (
        "Scanned 23 Nov 2026 22:04 UTC",
        "20 resources · 3 workspaces",
        "research-lab",
        "crresearchlab: the registry is Basic",
        "mended by the bot, by itself",
        "waits for an approval since 20 Nov 2026 12:00 UTC",
        "accepted until 31 Jan 2027 23:59 UTC",
        "ann@example.com",
        "The lab moves to another region in January (policy.yaml line 31).",
        "99.491 %",
        "allows 220 minutes down a month",
        "19 services of the guide not seen here",
    ):
        assert text in " ".join(shown.split()), text


def test_a_page_without_anything_says_so() -> None:
    shown = " ".join(read(render.page(report([]))).text.split())
    for text in (
        "No workspace was seen.",
        "Nothing was found.",
        "Nothing was changed.",
        "Nobody is waited for.",
        "Nothing is accepted at the moment.",
        "The line begins with the second scan.",
    ):
        assert text in shown
    assert "Scanned" not in shown


def test_what_is_not_listed_and_not_used_is_counted() -> None:
    (found,) = [each for each in results(estate()) if each.rule == "aks/standard-tier"]
    many = [replace(found, resource_id=f"/r{number}", uses=()) for number in range(2001)]
    shown = " ".join(read(render.page(report(many, Remembered(since=NOON), scanned_at=SCANNED))).text.split())
    assert "1 more finding not listed here: the CSV export has all." in shown
    assert "2001 that no workspace is known to use" in shown
    assert "Nothing was changed since 23 Nov 2026 12:00 UTC." in shown


def test_of_very_many_workspaces_the_worst_are_shown() -> None:
    (found,) = [each for each in results(estate()) if each.rule == "aks/standard-tier"]
    many = [replace(found, uses=(Use(Role.ATTACHED_AKS, f"{WORKSPACE_ID}{number}"),)) for number in range(101)]
    page = render.page(report(many))
    assert page.count('<details class="workspace card"') == 100
    assert "These are the 100 worst of 101" in page


def test_a_case_without_a_plan_or_an_end_is_shown_all_the_same() -> None:
    resources = estate()
    kept = remembered(resources)
    bare = replace(kept, asked=[replace(kept.asked[0], plan=None)], exempt=[replace(kept.exempt[0], until=None)])
    shown = " ".join(read(render.page(report(results(resources), bare))).text.split())
    assert "no end The lab moves" in shown
    assert shown.count("storage/zone-redundantstorage/zone-redundant") == 1, "the rule stands for the plan"


def test_a_free_cluster_lowers_nothing_and_is_named() -> None:
    shown = " ".join(read(render.page(a_report())).text.split())
    assert "at most 99.491 %" in shown
    assert "Left out: 1 resource without a published service level (aks-vision)." in shown
    assert "The figure falls when they are mended because they will have one, and count." in shown
    nothing = [each for each in results(estate()) if each.type.endswith("managedclusters")]
    assert "No availability is estimated" in render.page(report(nothing))


def test_only_the_pages_own_style_and_script_may_run() -> None:
    page, policy = render.page(a_report()), render.policy()
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'" in policy
    assert f'content="{policy}"'.replace("'", "&#39;") in page


def test_every_link_leads_to_azure_learn_or_a_source() -> None:
    hosts = set(re.findall(r'href="https://([^/"]+)', render.page(a_report())))
    assert hosts <= {
        "portal.azure.com",
        "learn.microsoft.com",
        "www.microsoft.com",
        "azure.microsoft.com",
        "github.com",
    }
    assert (
        render.learn("gone/rule")
        == "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning"
    )


def test_before_the_first_scan_the_page_says_how_to_start_one() -> None:
    found = read(render.no_scan())
    assert "POST /api/scan" in found.text
    assert found.risky == []


def test_who_shows_no_page_loads_no_templates() -> None:
    code = "import remediation.report.answer, sys; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60).returncode == 0


@given(st.lists(st.tuples(st.dates(), st.integers(0, 100)), min_size=2, max_size=30).map(sorted))
def test_the_line_stays_in_its_picture(scores: Trend) -> None:
    root = ElementTree.fromstring(chart.trend(scores))  # noqa: S314 - our own text
    (line,) = [part for part in root if part.get("class") == "line"]
    points = [tuple(map(float, point.split(","))) for point in (line.get("points") or "").split()]
    assert len(points) == len(scores)
    assert all(0 <= x <= chart.WIDTH and 0 <= y <= chart.HEIGHT for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)


def test_a_higher_score_stands_higher_and_the_last_is_named() -> None:
    root = ElementTree.fromstring(chart.trend(TREND))  # noqa: S314 - our own text
    (line,) = [part for part in root if part.get("class") == "line"]
    heights = [-float(point.partition(",")[2]) for point in (line.get("points") or "").split()]
    scores = [score for _, score in TREND]
    assert sorted(range(len(scores)), key=heights.__getitem__) == sorted(range(len(scores)), key=scores.__getitem__)
    assert root.get("aria-label") == "The score went from 38 to 71 percent in 12 scans."
    assert [part.text for part in root if part.get("class") == "value"] == ["71 %"]


@pytest.mark.parametrize("scores", [[], [(date(2026, 1, 1), 50)]])
def test_one_scan_is_no_trend(scores: Trend) -> None:
    assert chart.trend(scores) == ""


RINGS: dict[int | None, tuple[str, str, str]] = {
    None: ("none", "–", "0.00 326.73"),
    0: ("poor", "0", "0.00 326.73"),
    59: ("poor", "59", "192.77 326.73"),
    60: ("fair", "60", "196.04 326.73"),
    89: ("fair", "89", "290.79 326.73"),
    90: ("good", "90", "294.06 326.73"),
    100: ("good", "100", "326.73 326.73"),
}


@pytest.mark.parametrize(("percent", "drawn"), RINGS.items())
def test_the_ring_closes_at_a_hundred(percent: int | None, drawn: Sequence[str]) -> None:
    _, filled, text = ElementTree.fromstring(chart.ring(percent))  # noqa: S314 - our own text
    assert (filled.get("class"), text.text, filled.get("stroke-dasharray")) == tuple(drawn)


def test_two_scans_of_one_day_are_drawn() -> None:
    day = TREND[0][0]
    assert 'class="line"' in chart.trend([(day, 10), (day, 20)])
    assert chart.trend([(day, 10), (day + timedelta(days=1), 20)]).count("<circle") == 1
