"""Health: an answer for probes, within two seconds, that tells what is wrong and nothing that is nobody's business."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from local.azurite import ACCOUNT, KEY
from remediation import cards, outbox, watch
from remediation.adapters.probe import StorageProbe
from remediation.health import KEPT, WATCHED, Watcher
from remediation.ports import Memo
from tests.builders import SUBSCRIPTION
from tests.remediation.harness import Bot
from tests.remediation.scripted import Reply, ScriptedServer

FINE = {"storage": "ok", "events": "ok", "queues": "ok", "channels": "ok", "watch": "ok"}


def asked(bot: Bot) -> tuple[int, Mapping[str, Any]]:
    """The answer to a first question."""
    found = Watcher(bot.services).health()
    return found.status, found.to_json()


def seen(bot: Bot, **changes: Any) -> None:
    """The watch has found this."""
    store = bot.services.store
    data = {"at": bot.clock().isoformat(), "silent": 0, "stuck": []} | changes
    store.put_memo(replace(store.memo(watch.LAST), data=data))


def test_a_bot_that_works_says_so(bot: Bot) -> None:
    assert asked(bot) == (200, {"status": "ok", "checks": {"storage": "ok"}}), "before the first watch"
    watch.watch(bot.services)
    assert asked(bot) == (200, {"status": "ok", "checks": FINE})
    assert bot.azure.reads() == [], "Azure is not asked"


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "silence": ({"silent": 1}, "events", "no events come from 1 of 1 subscriptions"),
    "stuck": ({"stuck": ["checks", "events-poison"]}, "queues", "messages are not processed: checks, events-poison"),
}


@pytest.mark.parametrize(("found", "check", "says"), WRONG.values(), ids=WRONG)
def test_what_the_watch_found_is_said_in_words(bot: Bot, found: dict[str, Any], check: str, says: str) -> None:
    seen(bot, **found)
    assert asked(bot) == (503, {"status": "unhealthy", "checks": FINE | {check: says}})


def test_a_channel_that_takes_nothing_is_said_until_it_does(bot: Bot) -> None:
    """Nobody else would hear of it, were it the only one."""
    seen(bot)
    bot.chat.fail_next("teams", status=403, times=2)
    outbox.announce(bot.services, cards.scan_failed("a scan", "why"), "once")
    bot.work()
    says = "a message was refused: see whether the webhook or token of Teams still holds"
    assert asked(bot) == (503, {"status": "unhealthy", "checks": FINE | {"channels": says}})
    outbox.announce(bot.services, cards.scan_failed("a scan", "why"), "again")
    bot.work()
    assert asked(bot)[0] == 200


def test_a_watch_that_comes_no_more_is_said(bot: Bot) -> None:
    seen(bot)
    bot.clock.move(WATCHED)
    status, answer = asked(bot)
    assert (status, answer["checks"]["watch"]) == (503, "the timer watch has not run for 60 minutes")


def test_a_real_silence_comes_through_without_any_id(bot: Bot) -> None:
    watch.watch(bot.services)
    bot.clock.move(bot.services.policy.silence + timedelta(seconds=1))
    watch.watch(bot.services)
    status, answer = asked(bot)
    assert status == 503
    assert SUBSCRIPTION not in json.dumps(answer)


def probe(url: str) -> StorageProbe:
    """Of a storage at some address."""
    connection = f"AccountName={ACCOUNT};AccountKey={KEY};QueueEndpoint={url};TableEndpoint={url};"
    return StorageProbe(
        QueueServiceClient.from_connection_string(connection), TableServiceClient.from_connection_string(connection)
    )


DEAF: dict[str, tuple[Reply, str]] = {
    "slow": (Reply(seconds=30), "ServiceResponseTimeoutError"),
    "refusing": (Reply(403, b""), "HttpResponseError"),
    "failing": (Reply(500, b""), "HttpResponseError"),
}


@pytest.mark.parametrize(("reply", "says"), DEAF.values(), ids=DEAF)
def test_a_storage_that_does_not_answer_is_said_within_two_seconds(bot: Bot, reply: Reply, says: str) -> None:
    with ScriptedServer(reply) as server:
        bot.services = replace(bot.services, probe=probe(server.url))
        started = time.perf_counter()
        status, answer = asked(bot)
        took = time.perf_counter() - started
        assert len(server.asked) == 1, "tried once"
    assert (status, list(answer["checks"])) == (503, ["storage"])
    assert f"does not answer ({says})" in answer["checks"]["storage"]
    assert server.url not in json.dumps(answer)
    print(f"answered in {took:.2f} s")  # noqa: T201


def test_a_storage_that_is_not_there_is_said(bot: Bot) -> None:
    bot.services = replace(bot.services, probe=probe("http://127.0.0.1:9"))
    status, answer = asked(bot)
    assert (status, answer["status"]) == (503, "unhealthy")


class Counting:
    """The port `Probe`, counting."""

    def __init__(self, bot: Bot) -> None:
        self.calls, self._probe = 0, bot.services.probe

    def storage(self) -> str:
        """One more."""
        self.calls += 1
        return self._probe.storage()

    def queue(self, name: str) -> Any:
        """Never asked."""
        raise AssertionError(name)


def test_who_asks_often_gets_the_same_answer_for_a_moment(bot: Bot) -> None:
    counting = Counting(bot)
    watcher = Watcher(replace(bot.services, probe=counting))
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(watcher.health) for _ in range(40)]
        assert len({id(answer.result(timeout=10)) for answer in answers}) == 1
    assert counting.calls == 1
    bot.services.store.put_memo(Memo(watch.LAST, {"at": bot.clock().isoformat(), "silent": 1, "stuck": []}))
    assert watcher.health().status == 200
    bot.clock.move(KEPT)
    assert watcher.health().status == 503
    assert counting.calls == 2
