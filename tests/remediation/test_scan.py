"""Scans on real parts: pages of Resource Graph, judged as they come, each counted once however often it comes."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.azure.messages import GRAPH_PATH
from local.estate import fill
from remediation import reader, scan, scan_end, scan_start, scan_views
from remediation.policy import Limits, Policy
from remediation.ports import Throttled
from remediation.results import Result
from remediation.scan_request import ScanRequest, parse
from remediation.scans import Scan, ScanState, Step
from rules import RULES_BY_NAME, RULES_BY_TYPE, evaluate_with
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
from tests.remediation.dying import Died, Fuse, Moment, each_death, with_fuse
from tests.remediation.harness import Bot

ALL = RULES_BY_NAME.keys()
EVERYTHING = {"scope": "all"}
COMPUTE = {
    "location": "westeurope",
    "properties": {
        "computeType": "AmlCompute",
        "provisioningState": "Succeeded",
        "properties": {"vmPriority": "LowPriority"},
    },
}


def put(bot: Bot, identity: str, sku: str = "Basic") -> None:
    """Let a registry be there."""
    bot.seed(registry(sku, id=identity, name=identity.rpartition("/")[2]))


def ask(bot: Bot, asked: object = EVERYTHING) -> ScanRequest:
    return parse(asked, bot.services.policy.subscriptions)


def run(bot: Bot, asked: object = EVERYTHING) -> Scan:
    """A scan, until nothing is left to do."""
    begun = scan_start.start(bot.services, ask(bot, asked))
    drain(bot)
    return now(bot, begun)


def drain(bot: Bot, times: int = 40) -> None:
    """Work on scans alone, and let time pass for what is put off."""
    for _ in range(times):
        bot.drain("scans")
        if not any(each.queue == "scans" for each in bot.delays.waiting):
            return
        bot.clock.move(timedelta(minutes=6))
        bot.delays.release()


def now(bot: Bot, begun: Scan) -> Scan:
    found = bot.services.scans.get(begun.id)
    assert found is not None
    return found


def results(bot: Bot, begun: Scan) -> list[Result]:
    return [*scan_views.results(bot.services, bot.services.scans.parts(begun.id))]


def queries(bot: Bot) -> int:
    """The answers of Resource Graph that were no refusals."""
    return sum(exchange.path.lower() == GRAPH_PATH and exchange.status == 200 for exchange in bot.azure.log)


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


def estate(bot: Bot, count: int = 30) -> list[str]:
    """Registries with replicas to read."""
    ids = [f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr{number:03}" for number in range(count)]
    for identity in ids:
        put(bot, identity, "Premium")
    return ids


@pytest.fixture
def registries(start: Callable[..., Bot]) -> Bot:
    return start(rules=[name for name in ALL if name.startswith("container-registry/")])


@pytest.mark.parametrize("seconds", [None, 7])
def test_a_throttled_page_is_resumed(registries: Bot, seconds: int | None) -> None:
    ids = estate(registries, 3)
    registries.azure.fault(path="ResourceGraph", status=429, retry_after=seconds, times=3)
    done = run(registries)
    assert (done.state, done.counts["resources"], queries(registries)) == (ScanState.DONE, len(ids), 1)


def test_the_quota_of_resource_graph_only_makes_a_scan_last_longer(registries: Bot) -> None:
    ids = estate(registries, 12)
    registries.azure.graph.quota, registries.azure.graph.clock = 2, lambda: registries.clock().timestamp()
    begun = scan_start.start(registries.services, ask(registries))
    step = Step(begun.id, 0, size=2)
    with registries.queue("scans") as queue:
        queue.clear_messages()
    registries.services.queue.put("scans", step.message())
    drain(registries)
    done = now(registries, begun)
    assert (done.state, done.counts["resources"], done.counts["pages"]) == (ScanState.DONE, len(ids), 6)
    assert any(exchange.status == 429 for exchange in registries.azure.log)


def test_a_slice_goes_on_where_azure_had_enough(registries: Bot) -> None:
    ids = estate(registries, 30)
    registries.azure.fault(path="cr007/replications", status=429)
    registries.azure.fault(path="cr008/replications", status=503)
    done = run(registries)
    assert (done.state, done.counts["resources"], done.counts["unread"]) == (ScanState.DONE, len(ids), 0)
    answered = [exchange.path for exchange in registries.azure.reads() if exchange.status == 200]
    assert len(answered) == len(set(answered)), "nothing is read twice"


def test_a_child_that_never_answers_is_given_up(registries: Bot) -> None:
    estate(registries, 2)
    registries.azure.fault(path="cr000/replications", status=503, times=None)
    done = run(registries)
    assert (done.state, done.counts["resources"], done.counts["unread"]) == (ScanState.DONE, 2, 1)


def test_a_slow_slice_leaves_the_rest_to_the_next(registries: Bot) -> None:
    ids = estate(registries, 4)
    clock = registries.clock

    class Slow:
        def __call__(self) -> Any:
            clock.move(timedelta(minutes=1))
            return clock()

    begun = scan_start.start(registries.services, ask(registries))
    registries.services = replace(registries.services, clock=Slow())
    drain(registries)
    assert now(registries, begun).counts["resources"] == len(ids)
    assert len([*registries.services.scans.parts(begun.id)]) > 2


def test_an_answer_that_would_be_too_large_is_asked_for_in_smaller_pages(registries: Bot) -> None:
    ids = estate(registries, 10)
    registries.azure.graph.most_bytes = 1500
    begun = scan_start.start(registries.services, ask(registries))
    registries.services.queue.put("scans", Step(begun.id, 0, size=8).message())
    drain(registries)
    done = now(registries, begun)
    assert (done.state, done.counts["resources"]) == (ScanState.DONE, len(ids))


def test_a_row_that_is_too_large_by_itself_ends_in_poison(registries: Bot) -> None:
    estate(registries, 1)
    registries.azure.graph.most_bytes = 1
    begun = scan_start.start(registries.services, ask(registries))
    for _ in range(5):
        registries.clock.move(timedelta(minutes=1))
        with pytest.raises(Exception, match="payload size"):
            drain(registries)
    registries.work()
    done = now(registries, begun)
    assert (done.state, registries.headlines()) == (ScanState.FAILED, ["NOT SCANNED"])


def test_what_azure_refuses_fails_the_scan_and_is_told(registries: Bot) -> None:
    registries.azure.fault(path="ResourceGraph", status=403)
    done = run(registries)
    registries.work()
    assert done.state is ScanState.FAILED
    assert "AuthorizationFailed" in done.reason
    assert registries.headlines() == ["NOT SCANNED"]


def test_a_page_that_is_put_off_for_ever_fails_the_scan(registries: Bot) -> None:
    registries.azure.fault(path="ResourceGraph", status=429, times=None)
    begun = scan_start.start(registries.services, ask(registries))
    with pytest.raises(Throttled):
        drain(registries)
    for _ in range(4):
        with pytest.raises(Throttled):
            registries.drain("scans")
    registries.work()
    assert (now(registries, begun).state, registries.headlines()) == (ScanState.FAILED, ["NOT SCANNED"])


def test_a_cancelled_scan_stops(registries: Bot) -> None:
    estate(registries, 3)
    begun = scan_start.start(registries.services, ask(registries))
    scan_end.cancel(registries.services, begun)
    scan_end.cancel(registries.services, begun)
    drain(registries)
    assert now(registries, begun).state is ScanState.CANCELLED
    assert queries(registries) == 0
    scan_end.cancel(registries.services, now(registries, begun))


def test_a_scan_cancelled_at_its_end_stays_cancelled(registries: Bot) -> None:
    begun = scan_start.start(registries.services, ask(registries))
    scan.work(registries.services, Step(begun.id, 0))
    before = now(registries, begun)
    scan_end.cancel(registries.services, before)
    scan_end.finish(registries.services, before, Step(begun.id, 0, last=True))
    assert now(registries, begun).state is ScanState.CANCELLED


def test_messages_that_come_twice_collapse(registries: Bot) -> None:
    ids = estate(registries, 30)
    begun = scan_start.start(registries.services, ask(registries))
    for _ in range(3):
        registries.services.queue.put("scans", Step(begun.id, 0).message())
    drain(registries)
    done = now(registries, begun)
    assert (done.counts["resources"], queries(registries)) == (len(ids), 1)


def test_a_step_that_is_done_has_nothing_more_to_follow(registries: Bot) -> None:
    estate(registries, 30)
    begun = scan_start.start(registries.services, ask(registries))
    registries.queue("scans").clear_messages()
    for _ in range(2):
        scan.work(registries.services, Step(begun.id, 0))
    assert len(registries.received("scans")) == 3, "two slices, and the look whether all is done"


def test_two_workers_on_one_step_count_once(registries: Bot) -> None:
    """The second stores its results under another name: those of the first stand."""
    ids = estate(registries, 3)
    begun = scan_start.start(registries.services, ask(registries))
    step = Step(begun.id, 0)
    first = scan._page(registries.services, begun, step)
    second = scan._page(registries.services, begun, step)
    kept = registries.services.scans.add_part(first)
    assert registries.services.scans.add_part(second) == kept != second
    drain(registries)
    assert now(registries, begun).counts["resources"] == len(ids)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call(start: Callable[..., Bot], moment: Moment) -> None:
    """A page with a slice, and the end with its checks: nothing is lost, nothing counted twice."""

    def story(fuse: Fuse) -> None:
        bot = start(rules=["container-registry/premium-sku", "container-registry/geo-replica"])
        bot.azure.world.remove(GROUP)
        bot.seed(registry("Premium"), registry("Basic") | {"id": f"{REGISTRY_ID}2"})
        request = ask(bot, {"scope": "all", "mode": "remediate"})
        begun = scan_start.start(bot.services, request)
        fragile = with_fuse(bot.services, fuse)
        fuse.lit = True
        for _ in range(12):
            message = bot.queue("scans").receive_message(visibility_timeout=60)
            if message is None:
                break
            step = Step.of(json.loads(message.content))
            assert step is not None
            try:
                scan.work(fragile, step)
            except Died:
                scan.work(bot.services, step)
            bot.queue("scans").delete_message(message)
            bot.clock.move(timedelta(minutes=6))
            bot.delays.release()
        fuse.lit = False
        done = now(bot, begun)
        assert (done.state, done.counts["resources"], done.counts["failing"]) == (ScanState.DONE, 2, 2)
        assert Counter((each.resource_id, each.rule) for each in results(bot, begun)).most_common(1)[0][1] == 1
        asked = {json.loads(message.content)["resource_id"] for message in bot.received("checks")}
        assert asked == {REGISTRY_ID, f"{REGISTRY_ID}2"}
        bot.queue("checks").clear_messages()
        for identity in filter(None, map(ResourceId.parse, asked)):
            bot.services.store.clear_pending(identity)

    each_death(moment, story)


def test_a_scan_to_remediate_has_checked_what_fails_and_writes_nothing_itself(bot: Bot) -> None:
    bot.seed(registry("Basic"), registry("Premium") | {"id": f"{REGISTRY_ID}2"})
    done = run(bot, {"scope": "all", "mode": "remediate"})
    assert (done.queued, done.counts["failing"]) == (1, 1)
    assert bot.azure.writes() == []
    bot.work()
    assert bot.headlines() == ["FIXED AUTOMATICALLY"]


def test_a_report_leads_to_nothing(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    done = run(bot)
    bot.work()
    assert (done.queued, done.counts["failing"], bot.headlines(), bot.azure.writes()) == (0, 1, [], [])


def limited(bot: Bot, **limits: Any) -> Policy:
    return replace(bot.services.policy, limits=Limits(**limits))


def faulty(bot: Bot, failing: int, sound: int = 0) -> None:
    for number in range(failing + sound):
        sku = "Basic" if number < failing else "Premium"
        put(bot, f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr{number:03}", sku)


OVER: dict[str, tuple[int, int, dict[str, Any], bool]] = {
    "a share of few": (5, 0, {}, False),
    "a share of many": (3, 9, {}, True),
    "within the share": (3, 27, {}, False),
    "the count": (3, 97, {"scan_count": 2}, True),
    "the count of few": (3, 0, {"scan_count": 2}, True),
}


@pytest.mark.parametrize(("failing", "sound", "limits", "over"), OVER.values(), ids=OVER)
def test_a_scan_over_the_limits_starts_nothing(
    bot: Bot, failing: int, sound: int, limits: dict[str, Any], over: bool
) -> None:
    bot.services = replace(bot.services, policy=limited(bot, **limits))
    faulty(bot, failing, sound)
    done = run(bot, {"scope": "all", "mode": "remediate"})
    assert done.queued == (0 if over else failing)
    assert bool(done.reason) is over
    bot.drain("notices")
    assert bot.headlines() == (["LIMIT REACHED"] if over else [])
    assert bot.received("checks") == [] or not over


def test_what_is_known_does_not_count_towards_the_limits(bot: Bot) -> None:
    """People were asked about it: it is looked at again, and stops no other."""
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    faulty(bot, 3, 40)
    bot.azure.lock(GROUP)
    bot.see(*(event(f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr{n:03}", f"e{n}") for n in range(2)))
    done = run(bot, {"scope": "all", "mode": "remediate"})
    assert (done.queued, done.reason) == (3, "")


MANAGED = {"location": "westeurope", "managedBy": "/subscriptions/x"}


def test_what_lies_in_a_managed_group_does_not_count_towards_the_limits(bot: Bot) -> None:
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    bot.azure.seed(GROUP, MANAGED)
    faulty(bot, 3, 40)
    assert run(bot, {"scope": "all", "mode": "remediate"}).reason == ""


def test_a_group_that_may_not_be_read_counts(bot: Bot) -> None:
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    bot.azure.forbid(bot.azure.bot, "Microsoft.Resources/subscriptions/resourceGroups/read")
    faulty(bot, 3, 40)
    assert "scan_count" in run(bot, {"scope": "all", "mode": "remediate"}).reason


def test_an_end_that_azure_puts_off_comes(bot: Bot) -> None:
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    faulty(bot, 3, 40)
    bot.azure.fault(method="GET", path="/resourceGroups/rg-ml$", status=429, times=25)
    assert run(bot, {"scope": "all", "mode": "remediate"}).state is ScanState.DONE


def test_a_small_scan_may_be_waited_for(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    done = scan_start.start(bot.services, ask(bot, {"scope": {"resource": REGISTRY_ID}, "wait": 30}))
    assert (done.state, done.counts["failing"]) == (ScanState.DONE, 1)
    assert bot.received("scans") == []
    assert {*bot.waits()} == {timedelta(seconds=30)}, "should this worker die, others go on"
    drain(bot)
    assert queries(bot) == 1


def test_what_fails_in_a_scan_that_is_waited_for_is_checked(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    asked = {"scope": {"resource": REGISTRY_ID}, "mode": "remediate", "wait": 30}
    assert scan_start.start(bot.services, ask(bot, asked)).queued == 1
    bot.work()
    assert bot.headlines() == ["FIXED AUTOMATICALLY"]


def test_what_is_not_done_in_time_goes_on_in_the_queue(registries: Bot) -> None:
    estate(registries, 3)
    registries.azure.fault(path="ResourceGraph", status=429, retry_after=40)
    group = {"resource_group": {"subscription": SUBSCRIPTION, "name": "rg-ml"}}
    begun = scan_start.start(registries.services, ask(registries, {"scope": group, "wait": 30}))
    assert begun.state is ScanState.RUNNING
    drain(registries)
    assert now(registries, begun).counts["resources"] == 3


@pytest.mark.parametrize("name", ["query-0000.json", "left"])
def test_a_text_that_is_lost_fails_the_scan(registries: Bot, name: str) -> None:
    estate(registries, 1)
    begun = scan_start.start(registries.services, ask(registries))

    class Lossy:
        def get(self, wanted: str) -> str | None:
            return None if name in wanted else real.get(wanted)

        def put(self, written: str, text: str) -> None:
            real.put(written, text)

    real = registries.services.texts
    registries.services = replace(registries.services, texts=Lossy())
    for _ in range(5):
        with pytest.raises(LookupError):
            drain(registries)
    registries.work()
    assert now(registries, begun).state is ScanState.FAILED


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"scan": 7}', json.dumps(Step("no-such-scan", 0).message())])
def test_a_message_that_is_no_step_is_told(bot: Bot, text: str) -> None:
    scan_end.unprocessed(bot.services, text)
    bot.work()
    assert bot.headlines() == ["NOT PROCESSED"]


def test_a_step_of_a_scan_that_has_ended_changes_nothing(registries: Bot) -> None:
    done = run(registries)
    scan_end.unprocessed(registries.services, json.dumps(Step(done.id, 0).message()))
    assert now(registries, done).state is ScanState.DONE
