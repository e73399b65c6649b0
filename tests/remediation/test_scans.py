"""Scans, steps and parts: what is stored of them is what they were, and what is missing is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.scan_request import Reach, ScanMode, ScanRequest, Scope
from remediation.scans import (
    LONGEST_DELAY,
    Part,
    Scan,
    ScanState,
    Step,
    first_steps,
    missing,
    moment,
    scan_id,
    total,
)
from tests.builders import NOON, SUBSCRIPTION

ID = scan_id(NOON, "-1a2b3c")
SCAN = Scan(ID, ScanRequest(Scope(Reach.ALL)), 2, NOON, NOON)


def test_a_scan_is_read_as_it_was_written() -> None:
    request = ScanRequest(Scope(Reach.SUBSCRIPTION, SUBSCRIPTION), ScanMode.REMEDIATE, ("storage/*",))
    scan = Scan(ID, request, 2, NOON, NOON + timedelta(minutes=1), ScanState.DONE, {"failing": 3}, 3, "none")
    assert Scan.from_json(scan.to_json(), "etag") == replace(scan, etag="etag")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds it
def test_an_id_tells_when(at: datetime) -> None:
    assert moment(scan_id(at, "-abc123")) == at


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_ids_sort_by_time(one: datetime, other: datetime) -> None:
    if one.year > 999 < other.year:
        assert (scan_id(one, "-a") < scan_id(other, "-a")) == (one < other)


NO_IDS = ["", "-", "x", "20261123T120000000000", "20261123T120000000000-", "20261123T120000000000-a/b", "20269923T1-a"]


@pytest.mark.parametrize("text", [*NO_IDS, "20261123T120000000000-ä", "20261123T120000000000-a'b"])
def test_what_is_no_id_tells_nothing(text: str) -> None:
    assert moment(text) is None


STEP = Step(ID, 1, 2, 3, 4, "token", 500, "blob", 6)


def test_a_step_is_read_as_it_was_written() -> None:
    assert Step.of(dict(STEP.message())) == STEP


@pytest.mark.parametrize(
    "message", [None, [], {}, {**STEP.message(), "page": "1"}, {**STEP.message(), "more": 1}, {"scan": ID}]
)
def test_a_message_without_a_step_is_none(message: object) -> None:
    assert Step.of(message) is None


def test_a_step_is_put_off_longer_each_time() -> None:
    delays = [replace(STEP, looks=looks).delay for looks in range(30)]
    assert delays == sorted(delays)
    assert (delays[0], delays[-1]) == (timedelta(seconds=5), LONGEST_DELAY)


def page(number: int, batch: int = 0, **more: Any) -> Part:
    return Part(Step(ID, batch, number), "blob", {"total": 5, "seen": 2, "done": 2}, **more)


def test_a_part_is_read_as_it_was_written() -> None:
    part = page(1, next="token", slices=2, left=1, followed=True)
    assert Part.from_json(part.to_json()) == part


def test_a_page_leads_to_the_next_and_to_its_slices() -> None:
    assert [(s.page, s.slice, s.token, s.last) for s in page(0, next="t", slices=2).following()] == [
        (1, -1, "t", False),
        (0, 0, "", False),
        (0, 1, "", False),
    ]
    assert [(s.slice, s.last) for s in page(0, slices=1).following()] == [(0, False), (-1, True)]


def a_slice(start: int, done: int, left: int) -> Part:
    return Part(Step(ID, 0, 0, 0, start), "blob", {"done": done}, left=left)


def test_a_slice_leads_to_its_rest() -> None:
    assert [step.start for step in a_slice(2, 3, 4).following()] == [5]
    assert a_slice(5, 4, 0).following() == []


def test_what_is_missing_is_what_nothing_was_left_of() -> None:
    def left(*parts: Part) -> set[str]:
        return {step.key for step in missing(SCAN, parts)}

    first, second = page(0, next="t"), page(1, slices=1)
    assert left() == {step.key for step in first_steps(SCAN)}
    other = page(0, batch=1)
    assert left(first, other) == {"0000-000001"}
    assert left(first, second, other) == {"0000-000001-000-000"}
    half = Part(Step(ID, 0, 1, 0, 0), "blob", {"done": 2}, left=1)
    rest = Part(Step(ID, 0, 1, 0, 2), "blob", {"done": 1})
    assert left(first, second, other, half) == {"0000-000001-000-002"}
    assert left(first, second, other, half, rest) == set()


def test_counts_of_parts_add_up() -> None:
    counts = total([page(0, next="t"), page(1), page(0, batch=1), a_slice(0, 3, 0)])
    assert counts == {"seen": 6, "done": 9, "pages": 3, "batches": 2, "total": 10}
