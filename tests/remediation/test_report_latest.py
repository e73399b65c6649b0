"""The report is of the latest finished scan of everything, and knows how the score went."""

from datetime import timedelta

from remediation.report.latest import LatestScan
from remediation.report.score import score
from rules.model import Status
from tests.builders import REGISTRY_ID
from tests.remediation.harness import Bot
from tests.remediation.scanning import delete_results, put, results, run

ONE = {"scope": {"resource": REGISTRY_ID}, "mode": "report"}


def test_before_the_first_scan_there_is_nothing(bot: Bot) -> None:
    latest = LatestScan(bot.services)
    assert (latest.scanned_at, [*latest.results()], [*latest.history()]) == (None, [], [])


def test_the_latest_scan_of_everything_is_shown_with_the_scores_before(bot: Bot) -> None:
    put(bot, REGISTRY_ID)
    first = run(bot)
    bot.clock.move(timedelta(days=1))
    put(bot, REGISTRY_ID, "Premium")
    second = run(bot)
    run(bot, ONE)
    latest = LatestScan(bot.services)
    assert latest.scanned_at == second.changed
    assert {each.status for each in latest.results()} == {Status.PASS}
    scores = [score(results(bot, scan)).percent for scan in (first, second)]
    assert [*latest.history()] == [*zip([first.changed.date(), second.changed.date()], scores, strict=True)]
    assert scores == [0, 100]


def test_where_only_a_part_was_scanned_that_is_shown(bot: Bot) -> None:
    put(bot, REGISTRY_ID)
    done = run(bot, ONE)
    latest = LatestScan(bot.services)
    assert (latest.scanned_at, [*latest.results()]) == (done.changed, results(bot, done))


def test_of_a_scan_whose_results_are_deleted_only_the_score_is_left(bot: Bot, storage: str) -> None:
    put(bot, REGISTRY_ID)
    done = run(bot)
    delete_results(storage)
    latest = LatestScan(bot.services)
    assert (latest.scanned_at, [*latest.results()]) == (None, [])
    assert [day for day, _ in latest.history()] == [done.changed.date()]


def test_a_scan_of_nothing_has_no_score(bot: Bot) -> None:
    run(bot)
    assert [*LatestScan(bot.services).history()] == []
