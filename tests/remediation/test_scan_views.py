"""Scans as they are shown: progress, then results, a part at a time."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest

from remediation import scan, scan_exports, scan_start, scan_views
from remediation.scan_request import BadScan, parse
from remediation.scans import Scan, ScanState, Step
from tests.builders import GROUP, REGISTRY_ID, registry
from tests.remediation.harness import Bot
from tests.remediation.scanning import delete_results


@pytest.fixture
def begun(bot: Bot) -> Scan:
    for number in range(4):
        identity = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr{number}"
        bot.seed(registry("Basic" if number % 2 else "Premium", id=identity, name=f"cr{number}"))
    request = parse({"scope": "all", "rules": ["container-registry/premium-sku"]}, bot.services.policy.subscriptions)
    found = scan_start.start(bot.services, request)
    bot.queue("scans").clear_messages()
    bot.services.queue.put("scans", Step(found.id, 0, size=2).message())
    return found


def finished(bot: Bot, begun: Scan) -> Scan:
    bot.drain("scans")
    found = bot.services.scans.get(begun.id)
    assert found is not None
    assert found.state is ScanState.DONE
    return found


def test_progress_is_told_in_percent_as_soon_as_it_is_known(bot: Bot, begun: Scan) -> None:
    assert scan_views.progress(bot.services, begun)["percent"] is None
    scan.work(bot.services, Step(begun.id, 0, size=2))
    shown = scan_views.answer(bot.services, begun, {})
    assert (shown["percent"], shown["pages"], shown["seen"], shown["evaluated"], shown["failing"]) == (50, 1, 2, 2, 1)
    assert "results" not in shown
    ended = scan_views.answer(bot.services, finished(bot, begun), {})
    assert (ended["percent"], ended["pages"], ended["evaluated"], ended["state"]) == (100, 2, 4, "DONE")
    assert ended["verdicts"] == {"PASS": 2, "FAIL": 2, "NOT_APPLICABLE": 0, "UNKNOWN": 0}
    assert ended["failed"] == {"HIGH": 2, "MEDIUM": 0, "LOW": 0}
    assert [result["resource_id"][-3:] for result in ended["results"]] == ["cr0", "cr1", "cr2", "cr3"]


def test_a_scan_of_nothing_is_done(bot: Bot) -> None:
    request = parse({"scope": {"resource": REGISTRY_ID}}, bot.services.policy.subscriptions)
    found = finished(bot, scan_start.start(bot.services, request))
    assert scan_views.answer(bot.services, found, {})["results"] == []


def test_only_some_verdicts_may_be_asked_for(bot: Bot, begun: Scan) -> None:
    shown = scan_views.answer(bot.services, finished(bot, begun), {"status": " fail,unknown ", "code": "key"})
    assert [result["resource_id"][-3:] for result in shown["results"]] == ["cr1", "cr3"]


def test_results_that_are_deleted_are_not_taken_for_none(bot: Bot, begun: Scan, storage: str) -> None:
    done = finished(bot, begun)
    delete_results(storage)
    with pytest.raises(scan_views.NotKept, match="deleted by now"):
        scan_views.answer(bot.services, done, {})
    with pytest.raises(scan_views.NotKept, match="deleted by now"):
        scan_exports.exported(bot.services, done, {"format": "csv"}, "")


def test_many_results_come_in_several_answers(bot: Bot, begun: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_views, "MOST_RESULTS", 1)
    found = finished(bot, begun)
    first = scan_views.answer(bot.services, found, {"status": "FAIL"})
    following = urlsplit(first["next"])
    assert following.path == f"/api/scans/{begun.id}"
    rest = scan_views.answer(bot.services, found, dict(parse_qsl(following.query)))
    assert [len(shown["results"]) for shown in (first, rest)] == [1, 1]
    assert "next" not in rest


BAD = {
    "another name": ({"colour": "red"}, "'colour' cannot be asked for; there are format, status, after"),
    "another verdict": ({"status": "FAIL,BAD"}, "status: 'BAD' is not one of PASS, FAIL"),
}


@pytest.mark.parametrize(("asked", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_asked_for_is_told(bot: Bot, begun: Scan, asked: dict[str, str], said: str) -> None:
    with pytest.raises(BadScan, match=said):
        scan_views.answer(bot.services, begun, asked)


def test_the_newest_scans_are_listed_first(start: Callable[..., Bot]) -> None:
    bot = start()
    request = parse({"scope": "all"}, bot.services.policy.subscriptions)
    ids = [scan_start.start(bot.services, request).id for _ in range(3)]
    assert [each["id"] for each in scan_views.listed(bot.services)["scans"]] == ids[::-1]


def test_a_problem_is_told_as_rfc_9457_has_it() -> None:
    problem = scan_views.problem(404, "Not Found", "there is no such scan")
    assert problem == {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is no such scan"}
