"""A worker may die at any moment: the next delivery of the same message ends the story as if nothing had happened.

Each test lets the worker die at the first call to the outside, then at the second, and so on until the story needs no
further call; each time once just before the call takes effect and once just after.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from remediation import poison
from remediation.cases import State
from tests.builders import GROUP, event, ml_workspace, registry, storage_account
from tests.remediation.dying import Fuse, Moment, each_death, until_done, with_fuse
from tests.remediation.harness import CHANNELS, Bot


@dataclass(frozen=True, slots=True)
class Story:
    """What is there (named by a number, so that each run is a new one), which resource it is about, how it ends.

    Each run has its first line in the journal, before anything is sent, and its last line once for each try.
    """

    begin: Callable[[Bot, str], str]
    resource: str
    label: str
    state: State
    writes: int
    first_line: str
    last_line: str

    def resource_id(self, number: str) -> str:
        return f"{GROUP}/providers/{self.resource}{number}"


def basic_registry(bot: Bot, number: str) -> str:
    registry_id = STORIES["fix"].resource_id(number)
    bot.seed(registry("Basic", id=registry_id, name=f"cr{number}"))
    return registry_id


def workspace_on_one_zone(bot: Bot, number: str) -> str:
    storage_id = STORIES["ask"].resource_id(number)
    workspace_id = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw{number}"
    bot.seed(storage_account(id=storage_id, name=f"st{number}"))
    bot.seed(ml_workspace(storageAccount=storage_id, containerRegistry=None) | {"id": workspace_id})
    return workspace_id


def locked_registry(bot: Bot, number: str) -> str:
    registry_id = basic_registry(bot, number)
    bot.azure.lock(registry_id)
    return registry_id


STORIES = {
    "fix": Story(
        basic_registry,
        "Microsoft.ContainerRegistry/registries/cr",
        "FIXED AUTOMATICALLY",
        State.FIXED,
        1,
        "started",
        "fixed",
    ),
    "ask": Story(
        workspace_on_one_zone,
        "Microsoft.Storage/storageAccounts/st",
        "APPROVAL NEEDED",
        State.ASKED,
        0,
        "asked",
        "asked",
    ),
    "refused": Story(
        locked_registry,
        "Microsoft.ContainerRegistry/registries/cr",
        "FIX FAILED",
        State.FAILED,
        1,
        "started",
        "failed",
    ),
}


def play(bot: Bot, story: Story, number: str, fuse: Fuse) -> None:
    """One run of a story: the worker that takes the event in and checks may die, the messages are delivered then."""
    bot.clock.move(timedelta(minutes=1))  # the budget of requests is full again
    services, posted = bot.services, len(bot.chat.messages)
    written = len(bot.azure.writes())
    changed = event(story.begin(bot, number), f"event-{number}")
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: bot.accept(changed))
    until_done(bot, fuse, lambda: bot.drain("checks"))
    bot.services = services
    bot.work()
    resource_id = story.resource_id(number)
    assert [story.label in message.text for message in bot.chat.messages[posted:]] == [True, True]
    assert {message.channel_kind for message in bot.chat.messages[posted:]} == set(CHANNELS)
    (case,) = services.store.cases(resource_id).values()
    assert case.state is story.state
    writes = len(bot.azure.writes()) - written
    assert story.writes <= writes <= story.writes + (story.label == "FIX FAILED"), (
        "only a refused write may be repeated"
    )
    done = bot.done(resource_id)
    assert (done[0], done[-1]) == (story.first_line, story.last_line)
    assert 1 <= done.count(story.last_line) <= max(writes, 1), "once for each try"
    assert [entry.what for entry in services.store.journal() if entry.resource_id == resource_id] == done
    if case.request_id:
        assert [entry.detail["request_id"] for entry in bot.journal(resource_id) if entry.what == "sent"] == [
            case.request_id
        ]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_worker_that_checks_may_die_at_any_call(bot: Bot, story: Story, moment: Moment) -> None:
    each_death(moment, lambda fuse: play(bot.unlimited(), story, f"{moment}{fuse.last}", fuse))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("refusals", [0, 1000], ids=["accepted", "refused"])
def test_a_worker_that_delivers_may_die_at_any_call(bot: Bot, moment: Moment, refusals: int) -> None:
    """Only between posting and remembering it can a message be doubled: a webhook cannot be asked what it has.

    Where Teams refuses, Slack gets two messages: its own, and that Teams did not take the other.
    """
    bot.chat.fail_next("teams", status=400, times=refusals)
    each_death(moment, lambda fuse: deliver(bot, f"{moment}{fuse.last}", fuse))


def deliver(bot: Bot, number: str, fuse: Fuse) -> None:
    services = bot.services
    before = len(bot.chat.messages)
    bot.accept(event(basic_registry(bot, number), f"event-{number}"))
    bot.drain("checks")
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: bot.drain("notices"))
    bot.services = services
    posted = [(message.channel_kind, message.text) for message in bot.chat.messages[before:]]
    in_between = fuse.died_at("post", "after") or (fuse.died_at("put_notice", "before") and "SENT" in fuse.calls[-1])
    assert len(set(posted)) == 2
    assert len(posted) == 2 or (len(posted) == 3 and in_between)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_buries_a_message_may_die_at_any_call(bot: Bot, moment: Moment) -> None:
    each_death(moment, lambda fuse: bury(bot, f"{moment}{fuse.last}", fuse))


def bury(bot: Bot, number: str, fuse: Fuse) -> None:
    services, before = bot.services, len(bot.chat.messages)
    message = json.dumps({"resource_id": basic_registry(bot, number)})
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: poison.unprocessed(bot.services, "checks", message))
    bot.services = services
    bot.work()
    assert ["NOT PROCESSED" in told.text for told in bot.chat.messages[before:]] == [True, True]
