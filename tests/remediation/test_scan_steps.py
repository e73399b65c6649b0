"""The steps of a scan: put off, repeated, lost or given up, and each result counted once."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation import scan, scan_end, scan_start
from remediation.ports import Throttled
from remediation.scans import ScanState, Step
from rules.resource_id import ResourceId
from tests.builders import GROUP, REGISTRY_ID, registry
from tests.remediation.dying import Died, Fuse, Moment, each_death, with_fuse
from tests.remediation.harness import Bot
from tests.remediation.scanning import ask, drain, estate, now, queries, results, run


@pytest.mark.parametrize("seconds", [None, 7])
def test_a_throttled_page_is_resumed(registries: Bot, seconds: int | None) -> None:
    ids = estate(registries, 3)
    registries.azure.fault(path="ResourceGraph", status=429, retry_after=seconds, times=3)
    done = run(registries)
    assert (done.state, done.counts["resources"], queries(registries)) == (ScanState.DONE, len(ids), 1)


def test_the_quota_of_resource_graph_only_makes_a_scan_last_longer(registries: Bot) -> None:
    ids = estate(registries, 12)
    registries.azure.graph.quota, registries.azure.graph.clock = 2, lambda: registries.clock().timestamp()
    begun = scan_start.start(registries.services, ask(registries))
    step = Step(begun.id, 0, size=2)
    with registries.queue("scans") as queue:
        queue.clear_messages()
    registries.services.queue.put("scans", step.message())
    drain(registries)
    done = now(registries, begun)
    assert (done.state, done.counts["resources"], done.counts["pages"]) == (ScanState.DONE, len(ids), 6)
    assert any(exchange.status == 429 for exchange in registries.azure.log)


def test_a_slice_goes_on_where_azure_had_enough(registries: Bot) -> None:
    ids = estate(registries, 30)
    registries.azure.fault(path="cr007/replications", status=429)
    registries.azure.fault(path="cr008/replications", status=503)
    done = run(registries)
    assert (done.state, done.counts["resources"], done.counts["unread"]) == (ScanState.DONE, len(ids), 0)
    answered = [exchange.path for exchange in registries.azure.reads() if exchange.status == 200]
    assert len(answered) == len(set(answered)), "nothing is read twice"


def test_a_child_that_never_answers_is_given_up(registries: Bot) -> None:
    estate(registries, 2)
    registries.azure.fault(path="cr000/replications", status=503, times=None)
    done = run(registries)
    assert (done.state, done.counts["resources"], done.counts["unread"]) == (ScanState.DONE, 2, 1)


def test_a_slow_slice_leaves_the_rest_to_the_next(registries: Bot) -> None:
    ids = estate(registries, 4)
    clock = registries.clock

    class Slow:
        def __call__(self) -> Any:
            clock.move(timedelta(minutes=1))
            return clock()

    begun = scan_start.start(registries.services, ask(registries))
    registries.services = replace(registries.services, clock=Slow())
    drain(registries)
    assert now(registries, begun).counts["resources"] == len(ids)
    assert len([*registries.services.scans.parts(begun.id)]) > 2


def test_an_answer_that_would_be_too_large_is_asked_for_in_smaller_pages(registries: Bot) -> None:
    ids = estate(registries, 10)
    registries.azure.graph.most_bytes = 1500
    begun = scan_start.start(registries.services, ask(registries))
    registries.services.queue.put("scans", Step(begun.id, 0, size=8).message())
    drain(registries)
    done = now(registries, begun)
    assert (done.state, done.counts["resources"]) == (ScanState.DONE, len(ids))


def test_a_row_that_is_too_large_by_itself_ends_in_poison(registries: Bot) -> None:
    estate(registries, 1)
    registries.azure.graph.most_bytes = 1
    begun = scan_start.start(registries.services, ask(registries))
    for _ in range(5):
        registries.clock.move(timedelta(minutes=1))
        with pytest.raises(Exception, match="payload size"):
            drain(registries)
    registries.work()
    done = now(registries, begun)
    assert (done.state, registries.headlines()) == (ScanState.FAILED, ["NOT SCANNED"])


def test_what_azure_refuses_fails_the_scan_and_is_told(registries: Bot) -> None:
    registries.azure.fault(path="ResourceGraph", status=403)
    done = run(registries)
    registries.work()
    assert done.state is ScanState.FAILED
    assert "AuthorizationFailed" in done.reason
    assert registries.headlines() == ["NOT SCANNED"]


def test_a_page_that_is_put_off_for_ever_fails_the_scan(registries: Bot) -> None:
    registries.azure.fault(path="ResourceGraph", status=429, times=None)
    begun = scan_start.start(registries.services, ask(registries))
    with pytest.raises(Throttled):
        drain(registries)
    for _ in range(4):
        with pytest.raises(Throttled):
            registries.drain("scans")
    registries.work()
    assert (now(registries, begun).state, registries.headlines()) == (ScanState.FAILED, ["NOT SCANNED"])


def test_a_cancelled_scan_stops(registries: Bot) -> None:
    estate(registries, 3)
    begun = scan_start.start(registries.services, ask(registries))
    scan_end.cancel(registries.services, begun)
    scan_end.cancel(registries.services, begun)
    drain(registries)
    assert now(registries, begun).state is ScanState.CANCELLED
    assert queries(registries) == 0
    scan_end.cancel(registries.services, now(registries, begun))


def test_a_scan_cancelled_at_its_end_stays_cancelled(registries: Bot) -> None:
    begun = scan_start.start(registries.services, ask(registries))
    scan.work(registries.services, Step(begun.id, 0))
    before = now(registries, begun)
    scan_end.cancel(registries.services, before)
    scan_end.finish(registries.services, before, Step(begun.id, 0, last=True))
    assert now(registries, begun).state is ScanState.CANCELLED


def test_a_scan_that_is_done_is_cancelled_no_more(registries: Bot) -> None:
    done = run(registries)
    scan_end.cancel(registries.services, done)
    assert now(registries, done) == done


def test_messages_that_come_twice_collapse(registries: Bot) -> None:
    ids = estate(registries, 30)
    begun = scan_start.start(registries.services, ask(registries))
    for _ in range(3):
        registries.services.queue.put("scans", Step(begun.id, 0).message())
    drain(registries)
    done = now(registries, begun)
    assert (done.counts["resources"], queries(registries)) == (len(ids), 1)


def test_a_step_that_is_done_has_nothing_more_to_follow(registries: Bot) -> None:
    estate(registries, 30)
    begun = scan_start.start(registries.services, ask(registries))
    registries.queue("scans").clear_messages()
    for _ in range(2):
        scan.work(registries.services, Step(begun.id, 0))
    assert len(registries.received("scans")) == 3, "two slices, and the look whether all is done"


def test_two_workers_on_one_step_count_once(registries: Bot) -> None:
    """The second stores its results under another name: those of the first stand."""
    ids = estate(registries, 3)
    begun = scan_start.start(registries.services, ask(registries))
    step = Step(begun.id, 0)
    first = scan._page(registries.services, begun, step)
    second = scan._page(registries.services, begun, step)
    kept = registries.services.scans.add_part(first)
    assert registries.services.scans.add_part(second) == kept != second
    drain(registries)
    assert now(registries, begun).counts["resources"] == len(ids)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call(start: Callable[..., Bot], moment: Moment) -> None:
    """A page with a slice, and the end with its checks: nothing is lost, nothing counted twice."""

    def story(fuse: Fuse) -> None:
        bot = start(rules=["container-registry/premium-sku", "container-registry/geo-replica"])
        bot.azure.world.remove(GROUP)
        bot.seed(registry("Premium"), registry("Basic") | {"id": f"{REGISTRY_ID}2"})
        request = ask(bot, {"scope": "all", "mode": "remediate"})
        begun = scan_start.start(bot.services, request)
        fragile = with_fuse(bot.services, fuse)
        fuse.lit = True
        for _ in range(12):
            message = bot.queue("scans").receive_message(visibility_timeout=60)
            if message is None:
                break
            step = Step.of(json.loads(message.content))
            assert step is not None
            try:
                scan.work(fragile, step)
            except Died:
                scan.work(bot.services, step)
            bot.queue("scans").delete_message(message)
            bot.clock.move(timedelta(minutes=6))
            bot.delays.release()
        fuse.lit = False
        done = now(bot, begun)
        assert (done.state, done.counts["resources"], done.counts["failing"]) == (ScanState.DONE, 2, 2)
        assert Counter((each.resource_id, each.rule) for each in results(bot, begun)).most_common(1)[0][1] == 1
        asked = {json.loads(message.content)["resource_id"] for message in bot.received("checks")}
        assert asked == {REGISTRY_ID, f"{REGISTRY_ID}2"}
        bot.queue("checks").clear_messages()
        for identity in filter(None, map(ResourceId.parse, asked)):
            bot.services.store.clear_pending(identity)

    each_death(moment, story)


@pytest.mark.parametrize("name", ["query-0000.json", "left"])
def test_a_text_that_is_lost_fails_the_scan(registries: Bot, name: str) -> None:
    estate(registries, 1)
    begun = scan_start.start(registries.services, ask(registries))

    class Lossy:
        def get(self, wanted: str) -> str | None:
            return None if name in wanted else real.get(wanted)

        def put(self, written: str, text: str) -> None:
            real.put(written, text)

    real = registries.services.texts
    registries.services = replace(registries.services, texts=Lossy())
    for _ in range(5):
        with pytest.raises(LookupError):
            drain(registries)
    registries.work()
    assert now(registries, begun).state is ScanState.FAILED


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"scan": 7}', json.dumps(Step("no-such-scan", 0).message())])
def test_a_message_that_is_no_step_is_told(bot: Bot, text: str) -> None:
    scan_end.unprocessed(bot.services, text)
    bot.work()
    assert bot.headlines() == ["NOT PROCESSED"]


def test_a_step_of_a_scan_that_has_ended_changes_nothing(registries: Bot) -> None:
    done = run(registries)
    scan_end.unprocessed(registries.services, json.dumps(Step(done.id, 0).message()))
    assert now(registries, done).state is ScanState.DONE
