"""The functions host is killed in the middle of a fix and started again: the fix completes, with one message."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.demo.stage import Stage, stage
from local.demo.story import REGISTRY, STORY, prepare
from rules.values import value_at

CREATE_REGISTRY = STORY[0]
LEASE = 2.0


def _wait(condition: Callable[[], bool], what: str, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)


def _claimed(running: Stage) -> bool:
    return any(entry.what == "started" for entry in running.store.journal(REGISTRY))


def _during_the_first_read(running: Stage) -> Callable[[], bool]:
    running.azure.fault(method="GET", path="/registries/", latency=1.0)
    return lambda: len(running.events.delivered) == 1


def _before_the_write_arrives(running: Stage) -> Callable[[], bool]:
    """The write is lost with the host that sent it."""
    running.azure.fault(method="PATCH", latency=1.0, effect="drop")
    return lambda: _claimed(running)


def _while_the_write_is_carried_out(running: Stage) -> Callable[[], bool]:
    """Azure applies it after the host is gone."""
    running.azure.fault(method="PATCH", latency=1.0)
    return lambda: _claimed(running)


def _before_the_fix_is_verified(running: Stage) -> Callable[[], bool]:
    running.azure.fault(method="GET", path="/registries/", latency=1.0, times=2)
    return lambda: bool(running.azure.writes())


def _before_the_message_is_posted(running: Stage) -> Callable[[], bool]:
    """The last moment: fixed and recorded, not yet told."""
    return lambda: any(entry.what == "fixed" for entry in running.store.journal(REGISTRY))


@pytest.mark.parametrize(
    "moment",
    [
        _during_the_first_read,
        _before_the_write_arrives,
        _while_the_write_is_carried_out,
        _before_the_fix_is_verified,
        _before_the_message_is_posted,
    ],
)
def test_a_killed_host_completes_its_fix_after_it_is_started_again(
    moment: Callable[[Stage], Callable[[], bool]], tmp_path: Path
) -> None:
    with stage(lambda _: None, log=tmp_path / "host.log", lease_seconds=LEASE) as running:
        prepare(running)
        reached = moment(running)
        CREATE_REGISTRY.act(running)
        _wait(reached, moment.__name__)
        running.host.kill()
        assert not running.host.alive
        running.host.start()
        running.settle(timeout=60)

        assert value_at(running.azure.body(REGISTRY) or {}, "sku.name") == "Premium"
        messages = running.chat.messages
        assert sorted(message.channel_kind for message in messages) == ["slack", "teams"]
        assert all("FIXED AUTOMATICALLY" in message.text for message in messages)
        applied = [write for write in running.azure.writes() if write.status == 200 or write.response_body]
        assert len(applied) <= 1, "one plan was applied twice"
