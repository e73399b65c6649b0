"""What Azure shows of a resource is written by whoever owns it: names, tags and values that mean harm."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.plan import Plan
from tests.builders import REGISTRY_ID, databricks, event, registry
from tests.hostile.inputs import examples, json_values, texts
from tests.remediation.harness import CHANNELS, SECRET, Bot
from tests.remediation.markup import SLACK_LINK

tags = st.dictionaries(
    texts | st.sampled_from(["ha-bot", "HA-Bot", "ha-bot-exempt", "ha-bot-exempt-until", "environment"]),
    texts | json_values,
    max_size=3,
)
registries = st.builds(
    lambda sku, tags, more: registry("Basic") | {"tags": tags} | more | {"sku": sku},
    st.just({"name": "Basic"}) | json_values,
    tags | json_values,
    st.dictionaries(st.sampled_from(["location", "properties", "name", "managedBy", "etag"]), json_values, max_size=2),
)


def test_whatever_a_registry_says_only_a_plan_of_its_own_is_written(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The simulated Azure shows the body as it is."""
    bot.unlimited().seed(registry("Premium"))
    shown: list[Any] = []
    monkeypatch.setattr(type(bot.services.cloud), "read", lambda *_: shown[-1])

    @examples(100)
    @given(registries)
    def look(body: Any) -> None:
        shown.append(body)
        bot.see(event(REGISTRY_ID, f"event-{len(shown)}"))

    look()
    plans = [Plan.from_json(entry.detail["plan"]) for entry in bot.journal(REGISTRY_ID) if entry.what == "started"]
    wanted = {(write.verb, write.resource_id, json.dumps(write.body)) for plan in plans for write in plan.writes}
    assert {(each.method, each.path, json.dumps(each.request_body)) for each in bot.azure.writes()} <= wanted
    assert {path for _, path, _ in wanted} <= {REGISTRY_ID}
    assert SECRET not in caplog.text


def test_whatever_a_resource_is_called_its_messages_are_dead(start: Any) -> None:
    bot: Bot = start(mode="audit")

    @examples(40)
    @given(tags, texts)
    def tell(found: Any, location: str) -> None:
        bot.seed(databricks(found, location=location or "westeurope"))
        bot.see(event(databricks()["id"], f"event-{location!r}-{found!r}"))

    tell()
    assert bot.azure.writes() == []
    slack = [json.dumps(each.payload, ensure_ascii=False) for each in bot.chat.messages if each.channel_kind == "slack"]
    assert all(bot.told(channel) for channel in CHANNELS)
    assert [text for text in slack if "<" in SLACK_LINK.sub("", text)] == []
