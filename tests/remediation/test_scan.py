"""What a scan finds: pages of Resource Graph, judged as they come, within what was asked for."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from local.estate import fill
from remediation import reader
from remediation.results import Result
from remediation.scans import ScanState
from rules import RULES_BY_TYPE, evaluate_with
from rules.resource_id import ResourceId
from tests.builders import (
    GROUP,
    OTHER_SUBSCRIPTION,
    REGISTRY_ID,
    STORAGE_ID,
    SUBSCRIPTION,
    WORKSPACE_ID,
    databricks,
    event,
    ml_workspace,
    registry,
    storage_account,
)
from tests.remediation.harness import Bot
from tests.remediation.scanning import ALL, put, queries, results, run

COMPUTE = {
    "location": "westeurope",
    "properties": {
        "computeType": "AmlCompute",
        "provisioningState": "Succeeded",
        "properties": {"vmPriority": "LowPriority"},
    },
}


def reads(bot: Bot) -> list[str]:
    """What was read from Resource Manager."""
    return [exchange.path for exchange in bot.azure.reads() if exchange.path.lower().startswith("/subscriptions/")]


def verdicts(found: list[Result]) -> Counter[tuple[str, str, str]]:
    return Counter((each.resource_id.lower(), each.rule, each.status) for each in found)


def plain(bot: Bot, ids: list[str]) -> Counter[tuple[str, str, str]]:
    """What a read of each resource says."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for identity in ids:
        found = ResourceId.parse(identity)
        assert found is not None
        bot.clock.move(timedelta(seconds=1))  # the bot reads no more than it may
        resource = reader.read(bot.services, found)
        for rule, _, verdict in evaluate_with(bot.services.policy.rules(resource.type), resource):
            counted[identity.lower(), rule.name, verdict.status] += 1
    return counted


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 2500])
def test_a_scan_asks_resource_graph_once_for_each_thousand(start: Callable[..., Bot], count: int) -> None:
    bot = start(rules=[rule.name for rule in RULES_BY_TYPE["microsoft.keyvault/vaults"]])
    for number in range(count):
        bot.azure.seed(f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv{number:05}", {"location": "westeurope"})
    done = run(bot)
    assert (done.state, done.counts["resources"]) == (ScanState.DONE, count)
    assert queries(bot) == -(-count // 1000)


def test_verdicts_are_those_of_a_read_of_each_resource(start: Callable[..., Bot]) -> None:
    bot = start(rules=ALL)
    ids = fill(bot.azure, 200)
    done = run(bot)
    found = results(bot, done)
    assert verdicts(found) == plain(bot, ids)
    counted = Counter(each.status for each in found)
    assert {status: done.counts.get(status, 0) for status in counted} == counted
    assert done.counts["resources"] == done.counts["done"] == done.counts["seen"] == len(ids)
    assert done.counts["failing"] == len({each.resource_id for each in found if each.status == "FAIL"})


def test_roles_come_from_the_stored_topology(start: Callable[..., Bot]) -> None:
    bot = start(rules=["storage/zone-redundant"])
    bot.seed(storage_account(), ml_workspace())
    before = run(bot)
    assert [each.status for each in results(bot, before)] == ["NOT_APPLICABLE"]
    bot.see(event(WORKSPACE_ID))
    bot.clock.move(timedelta(minutes=2))
    (result,) = results(bot, run(bot))
    assert (result.status, result.uses[0].workspace_id) == ("FAIL", WORKSPACE_ID)


def test_computes_are_found_by_their_workspace(start: Callable[..., Bot]) -> None:
    bot = start(rules=[name for name in ALL if name.startswith("compute/")])
    bot.seed(ml_workspace())
    bot.azure.seed(f"{WORKSPACE_ID}/computes/cpu", COMPUTE)
    done = run(bot)
    found = results(bot, done)
    assert {each.resource_id for each in found} == {f"{WORKSPACE_ID}/computes/cpu"}
    assert (done.counts["done"], done.counts["seen"]) == (1, 1)
    assert reads(bot) == [f"{WORKSPACE_ID}/computes"]


def test_children_are_read_only_where_a_rule_cannot_do_without(start: Callable[..., Bot]) -> None:
    bot = start(rules=[name for name in ALL if name.startswith("container-registry/")])
    bot.seed(registry("Premium"), registry("Basic") | {"id": f"{REGISTRY_ID}2", "name": "crml2"})
    run(bot)
    assert reads(bot) == [f"{REGISTRY_ID}/replications"]


def test_a_child_that_may_not_be_read_leaves_its_rules_unknown(start: Callable[..., Bot]) -> None:
    bot = start(rules=[name for name in ALL if name.startswith("container-registry/")])
    bot.seed(registry("Premium"))
    bot.azure.forbid(bot.azure.bot, "Microsoft.ContainerRegistry/registries/replications/read")
    done = run(bot)
    assert (done.state, done.counts["unread"]) == (ScanState.DONE, 1)
    assert "UNKNOWN" in {each.status for each in results(bot, done)}


SCOPES: dict[str, tuple[object, set[str]]] = {
    "all": ("all", {"crml", "crother", "crelse"}),
    "a subscription": ({"subscription": SUBSCRIPTION}, {"crml", "crother"}),
    "a resource group": ({"resource_group": {"subscription": SUBSCRIPTION, "name": "RG-ML"}}, {"crml"}),
    "a resource": ({"resource": REGISTRY_ID.upper().replace("/SUBSCRIPTIONS", "/subscriptions")}, {"crml"}),
}


@pytest.mark.parametrize(("scope", "names"), SCOPES.values(), ids=SCOPES)
def test_a_scan_keeps_to_its_scope(bot: Bot, scope: object, names: set[str]) -> None:
    both = frozenset({SUBSCRIPTION, OTHER_SUBSCRIPTION})
    bot.services = replace(bot.services, policy=replace(bot.services.policy, subscriptions=both))
    places = {"crml": GROUP, "crother": f"{GROUP}-other", "crelse": GROUP.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)}
    for name, group in places.items():
        put(bot, f"{group}/providers/Microsoft.ContainerRegistry/registries/{name}")
    found = results(bot, run(bot, {"scope": scope}))
    assert {each.resource_id.rpartition("/")[2].lower() for each in found} == names


def test_a_workspace_is_scanned_with_what_it_stands_on(start: Callable[..., Bot]) -> None:
    bot = start(rules=ALL)
    component = f"{GROUP}/providers/Microsoft.Insights/components/appi"
    logs = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log"
    bot.seed(storage_account(), registry(), databricks(), ml_workspace(applicationInsights=component))
    bot.azure.seed(component, {"location": "westeurope", "properties": {"WorkspaceResourceId": logs}})
    bot.azure.seed(logs, {"location": "westeurope", "properties": {}})
    bot.see(event(WORKSPACE_ID))
    bot.clock.move(timedelta(minutes=2))
    found = {each.resource_id for each in results(bot, run(bot, {"scope": {"workspace": WORKSPACE_ID}}))}
    assert found == {STORAGE_ID, REGISTRY_ID, WORKSPACE_ID, component, logs}


def test_what_a_workspace_uses_in_another_subscription_is_scanned_with_it(start: Callable[..., Bot]) -> None:
    bot = start(rules=ALL)
    elsewhere = REGISTRY_ID.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)
    both = frozenset({SUBSCRIPTION, OTHER_SUBSCRIPTION})
    bot.services = replace(bot.services, policy=replace(bot.services.policy, subscriptions=both))
    bot.seed(registry() | {"id": elsewhere}, ml_workspace(containerRegistry=elsewhere))
    bot.see(event(WORKSPACE_ID))
    bot.clock.move(timedelta(minutes=2))
    found = {each.resource_id for each in results(bot, run(bot, {"scope": {"workspace": WORKSPACE_ID}}))}
    assert found == {elsewhere, WORKSPACE_ID}


def test_what_the_policy_switches_off_is_not_looked_at(start: Callable[..., Bot]) -> None:
    policy = "rules: [{rules: [container-registry/premium-sku], where: {resource_groups: [rg-ml]}, effect: off}]"
    bot = start(policy=f"mode: audit\n{policy}\n")
    bot.seed(registry(), registry() | {"id": REGISTRY_ID.replace("rg-ml", "rg-else")})
    found = results(bot, run(bot, {"scope": "all", "rules": ["container-registry/*"]}))
    assert [each.resource_id for each in found] == [REGISTRY_ID.replace("rg-ml", "rg-else")]


def test_three_hundred_subscriptions_are_one_query(bot: Bot) -> None:
    many = [f"00000000-0000-4000-8000-{number:012}" for number in range(1, 302)]
    bot.services = replace(bot.services, policy=replace(bot.services.policy, subscriptions=frozenset(many)))
    for subscription in (many[0], many[299], many[300]):
        put(bot, REGISTRY_ID.replace(SUBSCRIPTION, subscription))
    done = run(bot)
    assert (done.batches, done.counts["resources"], queries(bot)) == (2, 3, 2)
