"""The demo's story on the real functions host, Azurite and the chat page: what a user of `make demo` sees."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.contracts import SPECS, SPECS_ABSENT, Problem
from local.contracts.bicep import BicepTypes
from local.contracts.cards import envelope_problems
from local.contracts.event_grid import EventGrid
from local.contracts.slack import message_problems
from local.contracts.swagger import Swagger
from local.demo.play import play, summary
from local.demo.stage import PROJECT, Stage, stage
from local.demo.story import STORY, prepare
from remediation.intake import CHECKED_TYPES
from rules.resource_id import ResourceId

UNPUBLISHED = (
    "Microsoft.Resources/resourceGroups",
    "Microsoft.Storage/storageAccounts/accountMigrations",
    "Microsoft.Storage/storageAccounts/blobServices",
    "Microsoft.Storage/storageAccounts/fileServices",
)
needs_specs = pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The stage after the story, still running, and the summary of it."""
    with stage(lambda _: None, log=tmp_path_factory.mktemp("story") / "host.log") as running:
        prepare(running)
        happened = list(play(running, STORY))
        yield running, summary(running, happened) | {"read": [call.path for call in running.azure.reads()]}


def test_every_step_comes_out_as_told(played: tuple[Stage, dict[str, Any]]) -> None:
    _, result = played
    assert [step["problems"] for step in result["steps"]] == [()] * len(STORY)
    assert result["ok"] is True
    assert {word: result[word] for word in ("fixed", "asked", "told", "failed")} == {
        "fixed": 5,
        "asked": 2,
        "told": 1,
        "failed": 1,
    }


def test_who_decides_otherwise_is_not_held_against_the_story(played: tuple[Stage, dict[str, Any]]) -> None:
    running, _ = played
    invited = next(step for step in STORY if step.invites)
    [happened] = play(running, (invited,), lambda _: "snoozed")
    assert (happened.title, happened.problems) == ("You have snoozed it", ())
    [happened] = play(running, (invited,), lambda _: "approved")
    assert "0 times fixed, expected 1" in happened.problems, "nobody has approved it"


def test_each_check_costs_one_read_of_its_resource(played: tuple[Stage, dict[str, Any]]) -> None:
    """And one more to verify a fix. Children are read where a rule needs them. An approval reads as well: the page
    twice, to show what stands and when its form is sent, a button in Slack once."""
    _, result = played
    own = [path for path in result["read"] if (found := ResourceId.parse(path)) and found.type in CHECKED_TYPES]
    approvals = 3
    assert result["checks"] + approvals + 1 <= len(own) <= result["checks"] + approvals + result["fixed"]
    assert result["arm_writes"] == 6


def test_no_event_opens_a_connection_of_its_own(played: tuple[Stage, dict[str, Any]]) -> None:
    """Further events reuse the connections that are there: at most one for each worker thread that reads at once."""
    running, _ = played
    before = {exchange.connection for exchange in running.azure.log}
    for _ in range(5):
        running.deliver_again()
        running.settle()
    assert {exchange.connection for exchange in running.azure.log} == before


def test_messages_are_what_the_channels_accept(played: tuple[Stage, dict[str, Any]]) -> None:
    running, _ = played
    for message in running.chat.messages:
        if message.channel_kind == "slack":
            assert message_problems(message.payload) == []
        elif SPECS.is_dir():
            assert envelope_problems(message.payload, "1.2") == envelope_problems(message.payload, "1.5") == []


def _is_published(path: str) -> bool:
    """The specs at hand know neither a workspace's connections nor the virtual network, which the bot never reads."""
    left_out = ("/microsoft.network/", "/connections")
    return path.startswith("/subscriptions/") and not any(part in path.lower() for part in left_out)


@needs_specs
def test_every_call_of_the_story_is_one_that_microsoft_declares(played: tuple[Stage, dict[str, Any]]) -> None:
    running, _ = played
    swagger = Swagger.load()
    calls = [call for call in running.azure.log if _is_published(call.path)]
    found: list[tuple[str, str, Problem]] = []
    for call in calls:
        problems = swagger.check_request(call.method, call.path, call.query, call.request_body)
        problems += swagger.check_response(call.method, call.path, call.status, body=call.response_body)
        found += [(call.method, call.path, problem) for problem in problems]
    assert found == []
    assert {call.method for call in calls} == {"GET", "POST", "PUT", "PATCH"}


@needs_specs
def test_every_resource_read_has_the_newest_published_shape(played: tuple[Stage, dict[str, Any]]) -> None:
    running, _ = played
    types = BicepTypes.load()
    for call in running.azure.reads():
        body = call.response_body
        if call.status == 200 and isinstance(body, dict) and body.get("type", UNPUBLISHED[0]) not in UNPUBLISHED:
            assert types.check_body(body["type"], body) == []


@needs_specs
def test_every_event_has_the_published_shape(played: tuple[Stage, dict[str, Any]]) -> None:
    running, _ = played
    events = EventGrid.load()
    assert [problem for event in running.events.delivered for problem in events.check(event)] == []


def test_the_command_writes_its_summary_and_says_that_all_is_well(tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    done = subprocess.run(
        [sys.executable, "-m", "local", "demo", "--once", "--json", str(file)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The story came out as told" in done.stdout
    result = json.loads(file.read_text())
    assert {len(result["messages"][channel]) for channel in ("teams", "slack")} == {10}
    assert result["events"] >= len(STORY)
