"""Resource Graph: names in, ids out, through the real pipeline over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.azure import AzureServer, SimulatedAzure
from local.contracts import SPECS, SPECS_ABSENT
from local.contracts.swagger import Swagger
from remediation.adapters.arm import Arm
from remediation.adapters.graph import COLUMNS, MOST_PAGES, ResourceGraph
from remediation.ports import Query, Refused, Throttled, TooLarge, Unavailable
from tests.builders import DATABRICKS_ID, GROUP, OTHER_SUBSCRIPTION, STORAGE_ID, SUBSCRIPTION, azure, storage_account
from tests.remediation.arm_calls import Token
from tests.remediation.scripted import Reply, ScriptedServer

DATABASES = [
    f"{GROUP}/providers/Microsoft.Sql/servers/{name}"
    for name in ("s1/databases/a", "s1/databases/b", "s11/databases/a")
]
STORAGE = "microsoft.storage/storageaccounts/stml"


@pytest.fixture
def world() -> Iterator[tuple[ResourceGraph, SimulatedAzure]]:
    """Some resources, in two subscriptions, of which one is onboarded."""
    with AzureServer(SimulatedAzure()) as server:
        for body in (
            storage_account(),
            *(azure(f"Microsoft.Sql/{each.partition('Microsoft.Sql/')[2]}") for each in DATABASES),
        ):
            server.azure.seed(body["id"], body)
        url = {"workspaceUrl": "adb-1.2.azuredatabricks.net"}
        server.azure.seed(DATABRICKS_ID, {"location": "westeurope", "properties": url})
        server.azure.seed(STORAGE_ID.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION), {"location": "westeurope"})
        token = Token(server.azure.bot.token)
        yield ResourceGraph(Arm(token, server.url, server.url), [SUBSCRIPTION]), server.azure


def found(graph: ResourceGraph, *keys: str) -> list[str]:
    return [str(resource) for resource in graph.find(keys)]


NAMES: dict[str, tuple[str, list[str]]] = {
    "an account": (STORAGE, [STORAGE_ID]),
    "a name nothing has": ("microsoft.storage/storageaccounts/stm", []),
    "another type of that name": ("microsoft.keyvault/vaults/stml", []),
    "a database": ("microsoft.sql/servers/databases/s1/a", DATABASES[:1]),
    "all databases of a server": ("microsoft.sql/servers/databases/s1/*", DATABASES[:2]),
    "all accounts": ("microsoft.storage/storageaccounts/*", []),
    "Databricks by its URL": ("microsoft.databricks/workspaces/adb-1.2.azuredatabricks.net", [DATABRICKS_ID]),
    "the end of the query's text": ("microsoft.storage/storageaccounts/x') or true //", []),
    "a blank": ("microsoft.sql/servers/databases/s1/a b", []),
    "no name": ("microsoft.storage/storageaccounts", []),
}  # fmt: skip


@pytest.mark.parametrize(("key", "ids"), NAMES.values(), ids=NAMES)
def test_a_name_leads_to_its_ids(world: tuple[ResourceGraph, SimulatedAzure], key: str, ids: list[str]) -> None:
    assert found(world[0], key) == ids


def test_many_names_are_one_question(world: tuple[ResourceGraph, SimulatedAzure]) -> None:
    graph, simulated = world
    assert set(found(graph, STORAGE, "microsoft.sql/servers/databases/s1/*")) == {STORAGE_ID, *DATABASES[:2]}
    assert len(simulated.log) == 1


def test_very_many_names_are_some_questions(world: tuple[ResourceGraph, SimulatedAzure]) -> None:
    graph, simulated = world
    names = [f"microsoft.storage/storageaccounts/st{number}" for number in range(120)]
    assert found(graph, *names, STORAGE) == [STORAGE_ID]
    assert len(simulated.log) == 3


def test_nothing_to_look_for_is_no_question(world: tuple[ResourceGraph, SimulatedAzure]) -> None:
    graph, simulated = world
    assert found(graph, "microsoft.keyvault/vaults/'") == []
    assert simulated.log == []


@pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)
def test_the_question_is_what_the_published_api_takes(world: tuple[ResourceGraph, SimulatedAzure]) -> None:
    graph, simulated = world
    found(graph, STORAGE)
    (asked,) = simulated.log
    problems = Swagger.load().check_request(asked.method, asked.path, asked.query, asked.request_body)
    assert problems == []


def answering(*replies: Reply) -> Iterator[ResourceGraph]:
    with ScriptedServer(*replies) as server:
        yield ResourceGraph(Arm(Token(), server.url, server.url), [SUBSCRIPTION])


def page(*ids: object, token: str = "") -> Reply:
    return Reply(body=json.dumps({"data": [{"id": each} for each in ids], "$skipToken": token}).encode())


def test_an_answer_in_pages_is_read_to_its_end() -> None:
    for graph in answering(page(STORAGE_ID, token="more"), page(7, DATABASES[0])):
        assert found(graph, STORAGE) == [STORAGE_ID, DATABASES[0]]


ODD: dict[str, tuple[Reply, Any]] = {
    "no JSON": (Reply(body=b"<html>"), Unavailable),
    "no object": (Reply(body=b"[]"), Unavailable),
    "no rows": (Reply(body=b"{}"), Unavailable),
    "no end": (page(STORAGE_ID, token="more"), Unavailable),
    "throttled": (Reply(429, b"{}"), Throttled),
    "forbidden": (Reply(403, b'{"error": {"code": "AuthorizationFailed", "message": "no"}}'), Refused),
}


@pytest.mark.parametrize(("reply", "error"), ODD.values(), ids=ODD)
def test_an_answer_that_is_none_is_an_error(reply: Reply, error: type[Exception]) -> None:
    for graph in answering(reply):
        with pytest.raises(error):
            found(graph, STORAGE)


def test_pages_are_bounded() -> None:
    with ScriptedServer(page(STORAGE_ID, token="more")) as server:
        graph = ResourceGraph(Arm(Token(), server.url, server.url), [SUBSCRIPTION])
        with pytest.raises(Unavailable, match="no end"):
            found(graph, STORAGE)
        assert len(server.asked) == MOST_PAGES


TYPES = ("microsoft.sql/servers/databases", "microsoft.storage/storageaccounts")
BOTH = (SUBSCRIPTION, OTHER_SUBSCRIPTION)
QUERIES: dict[str, tuple[Query, int]] = {
    "all types": (Query((SUBSCRIPTION,), TYPES), 4),
    "one type": (Query((SUBSCRIPTION,), TYPES[:1]), 3),
    "two subscriptions": (Query(BOTH, TYPES[1:]), 2),
    "a group, in any case": (Query((SUBSCRIPTION,), TYPES, group="RG-ML"), 4),
    "another group": (Query((SUBSCRIPTION,), TYPES, group="rg"), 0),
    "an id, in any case": (Query(BOTH, TYPES, keys=(STORAGE_ID.replace("stml", "STML"),)), 1),
    "a name": (Query(BOTH, TYPES, keys=(STORAGE,)), 2),
    "an id and a name": (Query(BOTH, TYPES, keys=(DATABASES[0], STORAGE, "no key at all", "/subscriptions/x")), 3),
}  # fmt: skip


@pytest.mark.parametrize(("query", "count"), QUERIES.values(), ids=QUERIES)
def test_a_page_holds_what_is_asked_for(world: tuple[ResourceGraph, SimulatedAzure], query: Query, count: int) -> None:
    page = world[0].page(query, "", 1000)
    assert (len(page.rows), page.total, page.token) == (count, count, "")
    assert len(world[1].log) == 1


def test_keys_that_nothing_has_are_not_asked_for(world: tuple[ResourceGraph, SimulatedAzure]) -> None:
    page = world[0].page(Query(BOTH, TYPES, keys=("a' or true", "/subscriptions/x")), "", 1000)
    assert (len(page.rows), page.total, world[1].log) == (0, 0, [])


def test_pages_are_ordered_by_id_and_hold_what_rules_look_at(world: tuple[ResourceGraph, SimulatedAzure]) -> None:
    query, seen, token = Query((SUBSCRIPTION,), TYPES), list[str](), ""
    for _ in range(4):
        page = world[0].page(query, token, 1)
        assert page.total == 4
        assert {*page.rows[0]} == {*COLUMNS}
        seen, token = [*seen, page.rows[0]["id"]], page.token
    assert (seen, token) == (sorted(seen), "")


@pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)
def test_a_page_is_asked_for_as_the_published_api_takes_it(world: tuple[ResourceGraph, SimulatedAzure]) -> None:
    world[0].page(Query(BOTH, TYPES), "2", 1)
    (asked,) = world[1].log
    assert Swagger.load().check_request(asked.method, asked.path, asked.query, asked.request_body) == []


def test_a_page_that_would_be_too_large_is_an_error_of_its_own(world: tuple[ResourceGraph, SimulatedAzure]) -> None:
    world[1].graph.most_bytes = 10
    with pytest.raises(TooLarge, match="exceeded the limit"):
        world[0].page(Query(BOTH, TYPES), "", 1000)


def test_another_refusal_is_told_with_its_detail() -> None:
    body = {
        "error": {"code": "BadRequest", "message": "see below", "details": [{"code": "InvalidQuery", "message": "x"}]}
    }
    for graph in answering(Reply(400, json.dumps(body).encode())):
        with pytest.raises(Refused, match="InvalidQuery: x"):
            graph.page(Query(BOTH, TYPES), "", 1000)


def test_rows_that_are_none_are_left_out() -> None:
    reply = Reply(body=json.dumps({"data": [7, {"id": STORAGE_ID}], "totalRecords": "2"}).encode())
    for graph in answering(reply):
        page = graph.page(Query(BOTH, TYPES), "", 1000)
        assert (list(page.rows), page.total) == ([{"id": STORAGE_ID}], 1)
