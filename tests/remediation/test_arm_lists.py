"""Collections, read to their last page, and groups, asked once who manages them."""

import pytest

from remediation.adapters.arm import MOST_PAGES, Arm
from remediation.ports import Unavailable
from rules.resource_id import ResourceId
from tests.builders import GROUP, REGISTRY_ID, STORAGE_ID
from tests.remediation.arm_calls import API, REGISTRY, asking, page
from tests.remediation.scripted import Reply


def listed(arm: Arm) -> list[str]:
    assert REGISTRY is not None
    return [body["name"] for body in arm.list(REGISTRY, "replications", API)]


def test_a_collection_is_read_to_its_last_page() -> None:
    for arm, server in asking(Reply()):
        more = f"{server.url}/more?api-version=1&$skiptoken=a"
        server.answer(Reply(body=page("a", "b", more=more)), Reply(body=page("c")))
        assert listed(arm) == ["a", "b", "c"]
        assert [asked.path for asked in server.asked] == [
            f"{REGISTRY_ID}/replications?api-version={API}",
            "/more?api-version=1&$skiptoken=a",
        ]


NO_LISTS = {
    "no JSON": b"<html>",
    "no object": b"[]",
    "no value": b"{}",
    "a value that is no list": b'{"value": {}}',
    "items that are no objects": b'{"value": [7]}',
    "a next page that is no URL": b'{"value": [], "nextLink": 7}',
    "another host": page("a", more="https://evil.example/more"),
}


@pytest.mark.parametrize("body", NO_LISTS.values(), ids=NO_LISTS)
def test_half_a_list_is_none(body: bytes) -> None:
    for arm, server in asking(Reply(body=body)):
        with pytest.raises(Unavailable, match="no list"):
            listed(arm)
        assert len(server.asked) == 1


def test_the_pages_of_a_collection_are_bounded() -> None:
    for arm, server in asking(Reply()):
        server.answer(Reply(body=page("a", more=f"{server.url}/more")))
        with pytest.raises(Unavailable, match="no list"):
            listed(arm)
        assert len(server.asked) == MOST_PAGES


def owner(arm: Arm, resource: ResourceId | None = REGISTRY) -> str:
    assert resource is not None
    return arm.group_owner(resource)


OWNERS = {"managed": (b'{"managedBy": "/subscriptions/a"}', "/subscriptions/a"), "not": (b'{"managedBy": null}', "")}


@pytest.mark.parametrize(("body", "managed_by"), OWNERS.values(), ids=OWNERS)
def test_a_group_is_asked_once_who_manages_it(body: bytes, managed_by: str) -> None:
    for arm, server in asking(Reply(body=body)):
        assert [owner(arm), owner(arm), owner(arm, ResourceId.parse(STORAGE_ID))] == [managed_by] * 3
        assert [asked.path for asked in server.asked] == [f"{GROUP}?api-version=2024-07-01"]


def test_a_group_that_does_not_answer_is_asked_again() -> None:
    for arm, server in asking(Reply(503), Reply(body=b"[]"), Reply(body=b"{}")):
        for _ in range(2):
            with pytest.raises(Unavailable):
                owner(arm)
        assert owner(arm) == ""
        assert len(server.asked) == 3
