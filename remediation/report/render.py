"""The page of the report: one HTML document that needs nothing else, neither the network nor a font.

jinja2 escapes every text (autoescape); the pictures are SVG made of numbers. The page's own style and script are named
by their hashes in its Content-Security-Policy, so nothing else runs, whatever a resource is called.
"""

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from remediation import availability
from remediation.cards.parts import NOUNS, approving, portal_url, sentence, used_by
from remediation.cases import Case
from remediation.report import chart, model
from remediation.report.model import MOST_ACTIONS, MOST_WORKSPACES, Report
from remediation.report.score import WEIGHTS
from remediation.results import Result, whole
from rules import RULES_BY_NAME
from rules.model import Severity
from rules.responsibility import PAGE

if TYPE_CHECKING:
    from jinja2 import Environment

PAGES: Final = Path(__file__).resolve().parents[1] / "pages"
SAFETY: Final = {
    "SAFE": "the bot, by itself",
    "APPROVE": "the bot, once approved",
    "GUIDE": "you, with guidance",
}
"""Who mends a fault, by the safety of its remediation."""


def page(report: Report, review: Callable[[Case], str] = lambda _: "") -> str:
    """The whole page. `review` gives the address where a case's plan is decided, empty where there is none."""
    return _rendered("report.html", report=report, review=review)


def no_scan() -> str:
    """The page before the first scan: how to start one."""
    return _rendered("report_none.html")


@cache
def policy() -> str:
    """The Content-Security-Policy of the page, as its meta element and as the HTTP header say it."""
    style, script = (_hash(_source(name)) for name in ("report.css", "report.js"))
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _rendered(template: str, **values: object) -> str:
    return whole(_environment().get_template(template).render(**values))


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # most invocations show no page

    made = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {
        "sentence": sentence,
        "noun": noun,
        "name": name,
        "when": when,
        "portal": lambda identity: portal_url(whole(identity)),
        "users": users,
        "percent": availability.shown,
        "minutes": availability.minutes_a_month,
        "grade": chart.grade,
        "learn": learn,
        "approving": approving,
        "who": lambda safety: SAFETY.get(safety, "nobody: look at it"),
    }
    made.globals |= {
        "chart": chart,
        "policy": policy(),
        "style": _source("report.css"),
        "script": _source("report.js"),
        "severities": tuple(Severity),
        "weights": WEIGHTS,
        "services": availability.SERVICES,
        "method": availability.METHOD,
        "agreement": availability.AGREEMENT,
        "guide": PAGE,
        "most_actions": MOST_ACTIONS,
        "most_workspaces": MOST_WORKSPACES,
    }
    return made


def noun(resource_type: str) -> str:
    """What people call a resource type."""
    return NOUNS.get(resource_type, resource_type)


def users(result: Result) -> str:
    """Which workspaces use the resource; of a workspace's own, nothing needs to be said."""
    return "" if model.is_of_workspace(result) else used_by(result.uses)


def name(resource_id: str) -> str:
    """The resource's own name."""
    return resource_id.rpartition("/")[2]


def when(moment: datetime) -> str:
    """A moment to the minute."""
    return f"{moment:%d %b %Y %H:%M} UTC"


def learn(rule_name: str) -> str:
    """Where more is said about a rule; the guide for one that is gone."""
    rule = RULES_BY_NAME.get(rule_name)
    return next(iter(rule.references.learn), PAGE) if rule else PAGE


@cache
def _source(file: str) -> str:
    return (PAGES / file).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
