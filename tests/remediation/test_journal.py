"""Reading the journal: what may be asked for, and how its entries look to programs."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediation import journal
from remediation.cases import Entry
from remediation.journal import ALL_SINCE, LIMIT, BadQuery, Query
from remediation.ports import MOST_ENTRIES
from rules.model import Resource
from tests.builders import NOON, REGISTRY_ID, finding, plan, registry

PREMIUM = "container-registry/premium-sku"
WEEK_AGO = NOON - ALL_SINCE

ASKED: dict[str, tuple[dict[str, str], Query]] = {
    "nothing": ({}, Query(since=WEEK_AGO)),
    "nothing, in so many words": ({"resource": "", "rule": " ", "since": "", "limit": ""}, Query(since=WEEK_AGO)),
    "with the function key": ({"code": "secret"}, Query(since=WEEK_AGO)),
    "one resource, all of it": ({"resource": REGISTRY_ID}, Query(REGISTRY_ID)),
    "one resource, lately": (
        {"resource": REGISTRY_ID, "since": "1h"},
        Query(REGISTRY_ID, "", NOON - timedelta(hours=1)),
    ),
    "one rule": ({"rule": PREMIUM}, Query(rule=PREMIUM, since=WEEK_AGO)),
    "one rule, shouted": ({"rule": PREMIUM.upper()}, Query(rule=PREMIUM, since=WEEK_AGO)),
    "what takes back its fixes": ({"rule": f"{PREMIUM}/undo"}, Query(rule=f"{PREMIUM}/undo", since=WEEK_AGO)),
    "what the bot says of itself": (
        {"rule": "bot/unprocessed-message"},
        Query(rule="bot/unprocessed-message", since=WEEK_AGO),
    ),
    "minutes": ({"since": "30m"}, Query(since=NOON - timedelta(minutes=30))),
    "days": ({"since": " 30d "}, Query(since=NOON - timedelta(days=30))),
    "a day": ({"since": "2026-11-20"}, Query(since=datetime(2026, 11, 20, tzinfo=UTC))),
    "a time": ({"since": "2026-11-20T10:00:00Z"}, Query(since=datetime(2026, 11, 20, 10, tzinfo=UTC))),
    "a time of somewhere": ({"since": "2026-11-20T10:00:00+02:00"}, Query(since=datetime(2026, 11, 20, 8, tzinfo=UTC))),
    "few": ({"limit": "1"}, Query(since=WEEK_AGO, limit=1)),
    "many": ({"limit": "1000"}, Query(since=WEEK_AGO, limit=MOST_ENTRIES)),
}


@pytest.mark.parametrize(("asked", "query"), ASKED.values(), ids=ASKED)
def test_what_is_asked_for(asked: Mapping[str, str], query: Query) -> None:
    assert journal.parse(asked, NOON) == query


def test_a_hundred_entries_are_enough_where_nothing_is_said() -> None:
    assert (LIMIT, Query().limit) == (100, 100)


BAD = {
    "no id": (
        {"resource": "crml"},
        "resource: 'crml' is not the id of a resource; give all of it, as /subscriptions/…",
    ),
    "a misspelt rule": ({"rule": "container-registry/premium"}, f"did you mean {PREMIUM}?"),
    "no rule at all": ({"rule": "x"}, "no rule is called 'x'; leave it out to find the entries of rules that are gone"),
    "an unknown time": ({"since": "yesterday"}, "since: 'yesterday' is no time; give a span as 30m, 24h or 7d"),
    "a span too long": ({"since": "99999d"}, "'99999d' is no time"),
    "a time before all times": ({"since": "0001-01-01T00:00:00+14:00"}, "is no time"),
    "none": ({"limit": "0"}, "limit: '0' is not a whole number from 1 to 1000"),
    "too many": ({"limit": "1001"}, "limit: '1001' is not"),
    "far too many": ({"limit": "9" * 5000}, "is not a whole number"),
    "half": ({"limit": "1.5"}, "limit: '1.5' is not"),
    "less than none": ({"limit": "-1"}, "limit: '-1' is not"),
    "other digits": ({"limit": "٣"}, "is not a whole number"),
    "something else": (
        {"resources": REGISTRY_ID},
        "'resources' cannot be asked for; there are resource, rule, since, limit",
    ),
    "something hostile": ({"\x1b[2J": "1"}, r"'\x1b[2J' cannot be asked for"),
}


@pytest.mark.parametrize(("asked", "says"), BAD.values(), ids=BAD)
def test_what_cannot_be_asked_for_says_what_to_change(asked: Mapping[str, str], says: str) -> None:
    with pytest.raises(BadQuery) as refused:
        journal.parse(asked, NOON)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 300
    answer = journal.problem(refused.value)
    assert answer == {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": str(refused.value)}


def test_a_plan_is_data_and_all_else_is_as_it_was_written() -> None:
    upgrade = plan(finding(PREMIUM, Resource.of(registry())))
    entry = Entry(REGISTRY_ID, PREMIUM, NOON, "started", {"found": "größe", "plan": upgrade.to_json()})
    shown: Any = json.loads(json.dumps(journal.data(entry)))
    assert shown["detail"].pop("plan")["before"] == {"sku.name": "Basic"}
    assert shown == {
        "at": "2026-11-23T12:00:00+00:00",
        "resource_id": REGISTRY_ID,
        "rule": PREMIUM,
        "what": "started",
        "detail": {"found": "größe"},
    }


@pytest.mark.parametrize("detail", [{}, {"plan": None}, {"reason": "it was deleted"}])
def test_an_entry_without_a_plan_is_shown_as_it_is(detail: Mapping[str, Any]) -> None:
    assert journal.data(Entry(REGISTRY_ID, PREMIUM, NOON, "closed", detail))["detail"] == detail
