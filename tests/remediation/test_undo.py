"""Plans that take a fix back, made of what is there now."""

from dataclasses import replace
from typing import Any

import pytest

from remediation import undo
from remediation.plan import Guidance, Plan
from rules.model import Resource
from tests.builders import Json
from tests.remediation.carrying_out import CATALOGUE

EXAMPLE = CATALOGUE["storage/container-soft-delete"]
SERVICE = "blobServices/default"
TAKING_BACK = undo.plan_of(EXAMPLE.plan)


def fixed(**more: Any) -> Resource:
    """The account after the fix, with settings of the blob service that somebody changed since."""
    properties = {**EXAMPLE.plan.writes[0].body["properties"], **more}
    return replace(EXAMPLE.resource, children={**EXAMPLE.resource.children, SERVICE: {"properties": properties}})


def remedy(resource: Resource) -> Plan | Guidance:
    assert TAKING_BACK is not None
    return undo.remedy(TAKING_BACK, resource)


def sent(resource: Resource) -> Json:
    made = remedy(resource)
    assert isinstance(made, Plan)
    return dict(made.writes[0].body["properties"])


def test_what_others_changed_goes_back_as_it_is_now() -> None:
    assert sent(fixed(isVersioningEnabled=True))["isVersioningEnabled"] is True
    assert sent(fixed(changeFeed={"enabled": True}))["changeFeed"] == {"enabled": True}
    assert not (sent(fixed()).get("containerDeleteRetentionPolicy") or {}).get("enabled")


def test_without_its_remediation_a_body_goes_back_only_while_it_is_as_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("remediation.undo.REMEDIATIONS", {})
    assert sent(fixed()) == dict(EXAMPLE.plan.undo[0].body["properties"])
    changed = remedy(fixed(containerDeleteRetentionPolicy={"enabled": True, "days": 9}))
    assert isinstance(changed, Guidance)
    assert "Set blobServices/default:properties.containerDeleteRetentionPolicy.enabled back to false." in changed.steps


def test_a_body_that_was_not_read_is_not_sent() -> None:
    assert isinstance(remedy(replace(EXAMPLE.resource, children={})), Guidance)


def test_what_a_person_had_to_know_for_the_fix_a_person_has_to_know_for_the_way_back() -> None:
    conversion = CATALOGUE["storage/zone-redundant"].plan
    back = undo.plan_of(conversion)
    assert back is not None
    assert back.to_confirm == conversion.to_confirm
    assert any("72 hours" in text for text in back.to_confirm)
    assert [each for each in back.preconditions if each.checked] == []
