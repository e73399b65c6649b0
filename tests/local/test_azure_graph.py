"""The simulated Resource Graph: the part of the query language it knows, its rows and pages, and what it refuses."""

from typing import Any

import pytest

from local.azure import SimulatedAzure, kql
from tests.builders import GROUP, REGISTRY_ID, STORAGE_ID, SUBSCRIPTION, registry, storage_account

ROWS: list[dict[str, Any]] = [
    {"id": "1", "name": "Alpha", "type": "t/a", "tags": {"env": "Prod"}, "properties": {"n": 1, "on": True}},
    {"id": "2", "name": "beta two", "type": "t/b", "tags": None, "properties": {"n": 2, "on": False}},
    {"id": "3", "name": "gamma", "type": "t/a", "properties": {"s": "x'y"}},
]
QUERIES = {
    "resources": ["1", "2", "3"],
    "resources | where type == 't/a'": ["1", "3"],
    "resources | where type != 't/a'": ["2"],
    "resources | where name == 'alpha'": [],
    "resources | where name =~ 'alpha'": ["1"],
    "resources | where name !~ 'alpha'": ["2", "3"],
    "resources | where name contains 'AM'": ["3"],
    "resources | where name startswith 'al'": ["1"],
    "resources | where name endswith 'TWO'": ["2"],
    "resources | where name has 'two'": ["2"],
    "resources | where name has 'tw'": [],
    "resources | where name in~ ('ALPHA', 'gamma')": ["1", "3"],
    "resources | where not(type == 't/a')": ["2"],
    "resources | where not type == 't/a'": ["2"],
    "resources | where type == 't/b' or (type == 't/a' and name =~ 'gamma')": ["2", "3"],
    "resources | where properties.n == 2": ["2"],
    "resources | where properties.on == true": ["1"],
    "resources | where properties.s == 'x\\'y'": ["3"],
    "resources | where tags['env'] =~ 'prod'": ["1"],
    "resources | where tolower(name) == 'alpha' and tostring(tags.env) == 'Prod'": ["1"],
    "resources | order by name": ["3", "2", "1"],
    "resources | sort by name asc": ["1", "2", "3"],
    "resources | order by name desc | limit 1": ["3"],
    "resources | take 2": ["1", "2"],
    "Resources | Where type == 't/b' | project id, label = name": ["2"],
}


@pytest.mark.parametrize(("query", "ids"), QUERIES.items())
def test_a_query_leaves(query: str, ids: list[str]) -> None:
    rows, _ = kql.run(query, ROWS)
    assert [row["id"] for row in rows] == ids


def test_columns_are_chosen_and_renamed() -> None:
    rows, _ = kql.run("resources | project id, label = name, on = properties.on | limit 1", ROWS)
    assert rows == [{"id": "1", "label": "Alpha", "on": True}]


NOT_UNDERSTOOD = [
    "",
    "alerts",
    "resources where",
    "resources | summarize count() by type",
    "resources | where name",
    "resources | where name == ",
    "resources | where name matches 'a'",
    "resources | where name in~ 'a'",
    "resources | where name in~ (a)",
    "resources | where (name == 'a'",
    "resources | order name",
    "resources | limit many",
    "resources | where name == 'a' ; resources",
]


@pytest.mark.parametrize("query", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kql.run(query, ROWS)
    assert asked(SimulatedAzure(), query)[0] == 400


def asked(azure: SimulatedAzure, query: object, **options: Any) -> tuple[int, Any]:
    body = {"subscriptions": [SUBSCRIPTION], "query": query, "options": options}
    answer = azure.request("POST", "/providers/Microsoft.ResourceGraph/resources", body)
    return answer.status, answer.body


def test_rows_are_written_the_way_resource_graph_writes_them() -> None:
    azure = SimulatedAzure()
    azure.seed(REGISTRY_ID, registry("Basic", location="West Europe", tags={"a": "b"}))
    status, answer = asked(azure, "resources")
    assert (status, answer["totalRecords"], answer["count"], answer["resultTruncated"]) == (200, 1, 1, "false")
    (row,) = answer["data"]
    assert (row["type"], row["location"], row["resourceGroup"], row["id"]) == (
        "microsoft.containerregistry/registries",
        "westeurope",
        "rg-ml",
        REGISTRY_ID,
    )
    assert (row["sku"]["name"], row["tags"], row["subscriptionId"]) == ("Basic", {"a": "b"}, SUBSCRIPTION)


def test_children_without_a_location_and_groups_are_not_tracked() -> None:
    azure = SimulatedAzure()
    azure.seed(STORAGE_ID, storage_account())
    assert azure.body(f"{STORAGE_ID}/blobServices/default") is not None
    assert azure.body(GROUP) is not None
    assert [row["id"] for row in asked(azure, "resources")[1]["data"]] == [STORAGE_ID]


def test_pages_follow_one_another_by_token() -> None:
    azure = SimulatedAzure()
    for number in range(5):
        azure.seed(f"{STORAGE_ID}{number}", {"location": "westeurope"})
    seen: list[str] = []
    token: dict[str, str] = {}
    for _ in range(3):
        _, answer = asked(azure, "resources | project id", **{"$top": 2}, **token)
        seen += [row["id"] for row in answer["data"]]
        token = {"$skipToken": answer["$skipToken"]} if "$skipToken" in answer else {}
    assert seen == [f"{STORAGE_ID}{number}" for number in range(5)]
    assert token == {}


@pytest.mark.parametrize("query", ["resources | project name", "resources | project id | limit 4"])
def test_there_is_no_token_without_ids_or_with_a_limit(query: str) -> None:
    azure = SimulatedAzure()
    for number in range(5):
        azure.seed(f"{STORAGE_ID}{number}", {"location": "westeurope"})
    _, answer = asked(azure, query, **{"$top": 2})
    assert "$skipToken" not in answer
    assert answer["resultTruncated"] == "true"


@pytest.mark.parametrize("body", [{}, {"query": "resources"}, {"subscriptions": [SUBSCRIPTION]}, []])
def test_a_question_without_query_or_subscriptions_is_refused(body: Any) -> None:
    assert SimulatedAzure().request("POST", "/providers/Microsoft.ResourceGraph/resources", body).status == 400


def test_a_page_that_is_no_number_is_refused() -> None:
    assert asked(SimulatedAzure(), "resources", **{"$skipToken": "x"})[0] == 400


def test_what_has_changed_is_found_at_once() -> None:
    azure = SimulatedAzure()
    azure.seed(STORAGE_ID, storage_account())
    assert asked(azure, "resources")[1]["totalRecords"] == 1
    azure.seed(REGISTRY_ID, registry())
    assert asked(azure, "resources")[1]["totalRecords"] == 2
    azure.world.remove(STORAGE_ID)
    assert [row["id"] for row in asked(azure, "resources")[1]["data"]] == [REGISTRY_ID]


def test_many_queries_are_not_kept_for_ever() -> None:
    azure = SimulatedAzure()
    azure.seed(REGISTRY_ID, registry())
    for number in range(20):
        assert asked(azure, f"resources | where name != 'n{number}'")[1]["count"] == 1


def test_what_lies_in_a_workspace_is_not_in_the_table() -> None:
    azure = SimulatedAzure()
    workspace = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw"
    azure.seed(workspace, {"location": "westeurope"})
    azure.seed(f"{workspace}/computes/cpu", {"location": "westeurope"})
    assert [row["id"] for row in asked(azure, "resources")[1]["data"]] == [workspace]


def test_beyond_the_quota_it_throttles_until_the_window_ends() -> None:
    azure, now = SimulatedAzure(), [0.0]
    azure.graph.quota, azure.graph.clock = 2, lambda: now[0]
    body = {"subscriptions": [SUBSCRIPTION], "query": "resources"}

    def answers() -> tuple[int, str, str]:
        answer = azure.request("POST", "/providers/Microsoft.ResourceGraph/resources", body)
        names = ("x-ms-user-quota-remaining", "x-ms-user-quota-resets-after")
        remaining, resets = (answer.headers[name] for name in names)
        return answer.status, remaining, resets

    assert [answers(), answers(), answers()] == [
        (200, "1", "00:00:05"),
        (200, "0", "00:00:05"),
        (429, "0", "00:00:05"),
    ]
    now[0] = 5.0
    assert answers() == (200, "1", "00:00:05")


def test_too_much_is_refused() -> None:
    azure = SimulatedAzure()
    azure.seed(REGISTRY_ID, registry())
    azure.graph.most_bytes = 100
    status, answer = asked(azure, "resources")
    assert (status, answer["error"]["details"][0]["code"]) == (400, "ResponsePayloadTooLarge")
    many = {"subscriptions": [SUBSCRIPTION] * 1001, "query": "resources"}
    assert azure.request("POST", "/providers/Microsoft.ResourceGraph/resources", many).status == 400
