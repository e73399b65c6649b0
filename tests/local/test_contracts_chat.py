"""The chat validators accept the sample messages and catch what Teams and Slack would refuse or show badly."""

import json
from typing import Any

import pytest

from local.contracts import SPECS, SPECS_ABSENT
from local.contracts.cards import MAX_BYTES, card_problems, envelope_problems, teams_problems
from local.contracts.slack import message_problems

needs_specs = pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)


def samples(pattern: str) -> dict[str, Any]:
    files = sorted((SPECS.parent / "examples" / "chat").glob(pattern))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


TEAMS_SAMPLES = samples("*.teams.json")
SLACK_SAMPLES = samples("*.slack.json")

TITLE = {"type": "TextBlock", "text": "<at>On-call</at> decide", "wrap": True}
ENTITY = {"type": "mention", "text": "<at>On-call</at>", "mentioned": {"id": "user@example.com", "name": "On-call"}}
OPEN = {"type": "Action.OpenUrl", "title": "Open", "url": "https://example.com/"}
TOGGLE = {"type": "Action.ToggleVisibility", "title": "Code", "targetElements": ["code"]}
CARD: dict[str, Any] = {
    "type": "AdaptiveCard",
    "version": "1.2",
    "fallbackText": "Decide",
    "msteams": {"width": "Full", "entities": [ENTITY]},
    "body": [TITLE, {"type": "Container", "id": "code", "isVisible": False, "items": []}],
    "actions": [OPEN, TOGGLE],
}
FACTS = {"type": "FactSet", "facts": [{"title": "Where", "value": "[here](http://example.com)"}]}
ATTACHMENT = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": CARD}
ENVELOPE = {"type": "message", "attachments": [ATTACHMENT]}


def text_block(text: str) -> dict[str, Any]:
    return CARD | {"body": [*CARD["body"], {"type": "TextBlock", "text": text, "wrap": True}]}


@needs_specs
@pytest.mark.parametrize("version", ["1.2", "1.5"])
@pytest.mark.parametrize("message", [ENVELOPE, *TEAMS_SAMPLES.values()], ids=["minimal", *TEAMS_SAMPLES])
def test_a_good_card_passes(message: dict[str, Any], version: Any) -> None:
    assert envelope_problems(message, version) == []


def test_the_size_is_that_of_the_bytes_posted() -> None:
    """Escaped as ASCII this card would be three times as long."""
    assert teams_problems(text_block("é" * (MAX_BYTES // 2 - 1000))) == []


BAD_FOR_TEAMS = {
    "too large": (text_block("é" * (MAX_BYTES // 2)), "bytes"),
    "text that does not wrap": (CARD | {"body": [TITLE | {"wrap": False}, *CARD["body"][1:]]}, "does not wrap"),
    "an action that needs a bot": (CARD | {"actions": [{"type": "Action.Submit"}, TOGGLE]}, "Action.Submit"),
    "an action with a script": (CARD | {"actions": [OPEN | {"url": "javascript:alert(1)"}]}, "javascript"),
    "an action over http": (CARD | {"actions": [OPEN | {"url": "http://example.com"}]}, "not an https link"),
    "a markdown link over http": (text_block("[here](http://example.com)"), "not an https link"),
    "a fact with a link over http": (CARD | {"body": [*CARD["body"], FACTS]}, "not an https link"),
    "a toggle of nothing": (CARD | {"body": [TITLE]}, "no element has the id 'code'"),
    "an id twice": (CARD | {"body": [*CARD["body"], CARD["body"][1]]}, "more than once"),
    "no fallback text": (CARD | {"fallbackText": ""}, "fallbackText"),
    "a mention without entity": (CARD | {"msteams": {}}, "has no entity"),
    "an entity without mention": (CARD | {"body": [TITLE | {"text": "Decide"}, CARD["body"][1]]}, "not in the body"),
    "an entity without id": (CARD | {"msteams": {"entities": [ENTITY | {"mentioned": {"name": "x"}}]}}, "msteams"),
    "an unknown msteams key": (CARD | {"msteams": {"entities": [ENTITY], "colour": "red"}}, "msteams"),
}


@pytest.mark.parametrize(("card", "words"), BAD_FOR_TEAMS.values(), ids=BAD_FOR_TEAMS)
def test_a_card_that_teams_would_spoil_is_caught(card: dict[str, Any], words: str) -> None:
    assert [words in problem for problem in teams_problems(card)] == [True]


BAD_BY_SCHEMA = {
    "unknown property": CARD | {"colour": "red"},
    "unknown element": CARD | {"body": [*CARD["body"], {"type": "TextBlok"}]},
    "unknown size": CARD | {"body": [TITLE | {"size": "Huge"}, CARD["body"][1]]},
    "no version": {name: CARD[name] for name in CARD if name != "version"},
    "newer than checked": CARD | {"version": "1.4"},
    "an element of a later version": CARD | {"body": [*CARD["body"], {"type": "Table"}]},
}


@needs_specs
@pytest.mark.parametrize("card", BAD_BY_SCHEMA.values(), ids=BAD_BY_SCHEMA)
def test_a_card_against_the_official_schema_is_caught(card: dict[str, Any]) -> None:
    assert card_problems(card, "1.2") != []


BAD_ENVELOPES = {
    "another type": ENVELOPE | {"type": "card"},
    "no card": {"type": "message", "attachments": []},
    "two cards": ENVELOPE | {"attachments": [ATTACHMENT, ATTACHMENT]},
    "another content": ENVELOPE | {"attachments": [ATTACHMENT | {"contentType": "text/html"}]},
    "an unknown key": ENVELOPE | {"summary": "x"},
}


@pytest.mark.parametrize("message", BAD_ENVELOPES.values(), ids=BAD_ENVELOPES)
def test_a_broken_envelope_is_caught(message: dict[str, Any]) -> None:
    assert envelope_problems(message) != []


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text)}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "Approve"}, "action_id": "approve", **changes}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def message(*blocks: dict[str, Any], text: str = "Decide") -> dict[str, Any]:
    return {"text": text, "blocks": list(blocks)}


DATE = "<!date^1795425164^{date_short_pretty} {time}|2026-11-23 09:12 UTC>"
GOOD_FOR_SLACK = {
    "every kind of text": message(section(f"> a &amp; b &lt;c&gt;\n<https://example.com/?a=1&b=2|*here*> {DATE}")),
    "the same action in two blocks": message(actions(button()), actions(button())),
    "a mention that is allowed": message(section("<!subteam^S0MLONCALL> decide")),
}


@pytest.mark.parametrize("payload", [*GOOD_FOR_SLACK.values(), *SLACK_SAMPLES.values()],
                         ids=[*GOOD_FOR_SLACK, *SLACK_SAMPLES])  # fmt: skip
def test_a_good_slack_message_passes(payload: dict[str, Any]) -> None:
    assert message_problems(payload, mentions={"!subteam^S0MLONCALL"}) == []


HEADER = {"type": "header", "text": {"type": "plain_text", "text": "x"}}
IMAGE = {"type": "image", "image_url": "http://example.com/a.png", "alt_text": "a"}
BAD_FOR_SLACK = {
    "51 blocks": (message(*[{"type": "divider"}] * 51), "51, more than 50"),
    "empty text": (message(section(" ")), "is empty"),
    "a long field": (message({"type": "section", "fields": [mrkdwn("x" * 2001)]}), "more than 2000"),
    "action_id twice": (message(actions(button(), button())), "'approve' occurs more than once"),
    "block_id twice": (message({"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}), "block_id"),
    "a url over http": (message(actions(button(url="http://example.com"))), "not https"),
    "an image over http": (message(IMAGE), "not https"),
    "a text without type": (message({"type": "section", "text": {"text": "x"}}), "'type'"),
    "an unknown block": (message({"type": "banner"}), "not a block that Slack knows"),
    "too much text": (message(*[section("x" * 2500)] * 5), "12500 characters"),
    "no top-level text": ({"blocks": [section("x")]}, "text: is missing"),
    "a long section": (message(section("x" * 3001)), "3000"),
    "eleven fields": (message({"type": "section", "fields": [mrkdwn("x")] * 11}), "10"),
    "a long header": (message(HEADER | {"text": {"type": "plain_text", "text": "x" * 151}}), "150"),
    "a header in mrkdwn": (message(HEADER | {"text": mrkdwn("x")}), "plain_text only"),
    "a long button": (message(actions(button(text={"type": "plain_text", "text": "x" * 76}))), "75"),
    "a button without text": (message(actions({"type": "button"})), "text"),
    "26 actions": (message(actions(*[button(action_id=str(n)) for n in range(26)])), "25"),
    "an unknown key": (message(section("x") | {"colour": "red"}), "not a block that Slack knows"),
    "an unknown element": (message(actions({"type": "buton"})), "not a block that Slack knows"),
    "a broadcast": (message(section("<!channel> come")), "<!channel> is not allowed"),
    "a broadcast in the notification": (message(text="<!here>"), "<!here> is not allowed"),
    "a person": (message(section("<@U0EXAMPLE> come")), "<@U0EXAMPLE> is not allowed"),
    "a link over http": (message(section("<http://example.com|here>")), "is not allowed"),
    "a raw ampersand": (message(section("a & b")), "must be escaped"),
    "a raw bracket": (message(section("a < b")), "must be escaped"),
}


@pytest.mark.parametrize(("payload", "words"), BAD_FOR_SLACK.values(), ids=BAD_FOR_SLACK)
def test_a_message_that_slack_would_refuse_is_caught(payload: dict[str, Any], words: str) -> None:
    assert [words in problem for problem in message_problems(payload)] == [True]


SELECT = {"type": "static_select", "action_id": "snooze", "placeholder": {"type": "plain_text", "text": "Snooze"},
          "options": [{"text": {"type": "plain_text", "text": "1 day"}, "value": "P1D"}]}  # fmt: skip


@pytest.mark.parametrize("payload", [message(actions(button())), message(section("x") | {"accessory": SELECT})])
def test_a_webhook_message_has_nothing_to_click(payload: dict[str, Any]) -> None:
    assert message_problems(payload, "bot") == []
    assert message_problems(payload, "webhook") != []
