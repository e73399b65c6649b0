"""Events that mean harm: each is a check of a plain resource of an onboarded subscription, or nothing."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given

from remediation.intake import CHECKED_TYPES, Check, Ignored, Malformed, read
from rules.resource_id import ResourceId
from tests.builders import REGISTRY_ID, SUBSCRIPTION, registry
from tests.hostile.inputs import DEEP, HUGE, SECRET_CLAIM, events, examples, ids, payloads, texts
from tests.remediation.harness import SECRET, Bot

HOME = frozenset({SUBSCRIPTION})


def is_plain(resource: ResourceId) -> bool:
    """Whether a URL with the id in it leads to Resource Manager, and there to this very resource."""
    url = urlsplit(f"https://management.azure.com{resource.url_path}?api-version=2024-01-01")
    steps = unquote(url.path).split("/")[1:]
    return (
        (url.scheme, url.netloc, url.query, url.fragment)
        == ("https", "management.azure.com", "api-version=2024-01-01", "")
        and unquote(url.path) == str(resource)
        and not {"", ".", ".."} & {step.strip(" ") for step in steps}
        and unquote(url.path).isprintable()
    )


@examples(300)
@given(payloads)
def test_an_event_leads_to_a_plain_resource_of_ours_or_nowhere(payload: Any) -> None:
    for outcome in read(payload, HOME):
        if isinstance(outcome, Check):
            for resource in filter(None, (outcome.resource, outcome.owner)):
                assert is_plain(resource)
                assert resource.subscription == SUBSCRIPTION
                assert resource.type in CHECKED_TYPES
            assert SECRET_CLAIM not in repr(outcome)
        else:
            assert "\n" not in outcome.reason


@examples(250)
@given(ids() | texts)
def test_an_id_is_plain_and_written_as_it_was_read_or_none(text: str) -> None:
    resource = ResourceId.parse(text)
    if resource is not None:
        assert is_plain(resource)
        assert ResourceId.parse(str(resource)) == resource


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_depth_is_refused(text: str) -> None:
    (outcome,) = read(text, HOME)
    assert isinstance(outcome, Malformed)


def test_length_is_not_repeated() -> None:
    (outcome,) = read(HUGE, HOME)
    assert isinstance(outcome, Ignored)
    assert len(outcome.reason) < 500


@examples(120)
@given(payloads)
def test_a_payload_means_the_same_as_text_and_as_data(payload: Any) -> None:
    text = json.dumps(payload)
    assert repr(read(text, HOME)) == repr(read(json.loads(text), HOME)) or isinstance(payload, str)


@examples(30)
@given(events)
def test_what_is_kept_of_an_event_is_short(event: Any) -> None:
    for outcome in read(event, HOME):
        if isinstance(outcome, Check):
            assert len(repr(outcome.cause).encode()) < 20_000


def test_a_flood_of_them_writes_nothing_and_says_nothing(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """The registry that many of them name is well: whatever they say of it, it is read and left alone."""
    bot.seed(registry("Premium"))

    @examples(12)
    @given(payloads)
    def flood(payload: Any) -> None:
        bot.see(*(payload if isinstance(payload, list) else [payload]))

    flood()
    assert bot.azure.writes() == []
    assert bot.told("teams") == bot.told("slack") == []
    asked = {read.path for read in bot.azure.reads() if read.path.startswith("/subscriptions/")}
    assert all(path.startswith(f"/subscriptions/{SUBSCRIPTION}/") for path in asked)
    assert REGISTRY_ID in asked
    assert SECRET not in caplog.text
    assert SECRET_CLAIM not in caplog.text
