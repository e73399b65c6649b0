"""What a scan may be asked for, and what is said about what it may not."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.scan_request import NOT_IN_GRAPH, BadScan, Reach, ScanMode, ScanRequest, Scope, parse
from rules import RULES_BY_NAME, RULES_BY_TYPE
from tests.builders import GROUP, OTHER_SUBSCRIPTION, REGISTRY_ID, SUBSCRIPTION, WORKSPACE_ID

HERE = frozenset({SUBSCRIPTION})
RG = {"resource_group": {"subscription": SUBSCRIPTION, "name": "rg-ml"}}
SCOPES: dict[str, tuple[object, Scope]] = {
    "all": ("all", Scope(Reach.ALL)),
    "a subscription": ({"subscription": SUBSCRIPTION.upper()}, Scope(Reach.SUBSCRIPTION, SUBSCRIPTION)),
    "a group": (RG, Scope(Reach.RESOURCE_GROUP, GROUP)),
    "a workspace": ({"workspace": WORKSPACE_ID}, Scope(Reach.WORKSPACE, WORKSPACE_ID)),
    "a resource": ({"resource": REGISTRY_ID}, Scope(Reach.RESOURCE, REGISTRY_ID)),
}


@pytest.mark.parametrize(("asked", "scope"), SCOPES.values(), ids=SCOPES)
def test_a_scope_is_understood_and_shown_again(asked: object, scope: Scope) -> None:
    request = parse({"scope": asked}, HERE)
    assert request == ScanRequest(scope)
    assert parse({**request.to_json(), "rules": None}, HERE) == request
    assert scope.subscription in ("", SUBSCRIPTION)


def test_everything_may_be_said() -> None:
    asked = {"scope": RG, "mode": "remediate", "rules": [" Storage/* ", "aks/autoscaler"], "wait": 30}
    request = parse(asked, HERE)
    assert (request.mode, request.wait) == (ScanMode.REMEDIATE, timedelta(seconds=30))
    assert request.chosen == {"aks/autoscaler", *(name for name in RULES_BY_NAME if name.startswith("storage/"))}
    assert request.types == ("microsoft.containerservice/managedclusters", "microsoft.storage/storageaccounts")


def test_all_rules_are_about_every_type_that_resource_graph_holds() -> None:
    assert {*parse({"scope": "all"}, HERE).types} == RULES_BY_TYPE.keys() - NOT_IN_GRAPH.keys()


BAD: dict[str, tuple[object, str]] = {
    "no JSON": (None, "the body must be a JSON object such as"),
    "a list": ([], "the body must be a JSON object"),
    "no scope": ({}, 'scope: must be "all", {"subscription": "ID"}'),
    "a word": ({"scope": "some"}, "scope: must be"),
    "two scopes": ({"scope": {"subscription": SUBSCRIPTION, "resource": REGISTRY_ID}}, "scope: must be"),
    "another scope": ({"scope": {"region": "westeurope"}}, "scope: must be"),
    "no subscription": ({"scope": {"subscription": "mine"}}, "scope: must be"),
    "a group without a name": ({"scope": {"resource_group": {"subscription": SUBSCRIPTION}}}, "scope: must be"),
    "a group with a bad name": (
        {"scope": {"resource_group": {"subscription": SUBSCRIPTION, "name": "a'b"}}},
        "scope: must be",
    ),
    "a group with more": (
        {"scope": {"resource_group": {"subscription": SUBSCRIPTION, "name": "a", "more": 1}}},
        "scope: must be",
    ),
    "a workspace that is none": ({"scope": {"workspace": REGISTRY_ID}}, "scope.workspace: '/subscriptions/"),
    "a workspace that is no id": ({"scope": {"workspace": "mlw"}}, "'mlw' is not the id of a workspace; give all"),
    "a resource that is no id": ({"scope": {"resource": "crml"}}, "'crml' is not the id of a resource; give all of it"),
    "a compute": (
        {"scope": {"resource": f"{WORKSPACE_ID}/computes/cpu"}},
        f"it is scanned with its workspace; give that, as scope.workspace {WORKSPACE_ID}",
    ),
    "a type without rules": (
        {"scope": {"resource": f"{GROUP}/providers/Microsoft.Web/sites/a"}},
        "no rule is about microsoft.web/sites; docs/rules lists the types",
    ),
    "not onboarded": (
        {"scope": {"subscription": OTHER_SUBSCRIPTION}},
        f"subscription {OTHER_SUBSCRIPTION} is not onboarded; add it to the setting HA_BOT_SUBSCRIPTIONS",
    ),
    "a resource elsewhere": (
        {"scope": {"resource": REGISTRY_ID.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)}},
        "is not onboarded",
    ),
    "another member": ({"scope": "all", "modes": "report"}, "'modes' cannot be asked for; there are scope, mode"),
    "another mode": ({"scope": "all", "mode": "fix"}, "mode: must be report"),
    "a mode that is no text": ({"scope": "all", "mode": 1}, "mode: must be report"),
    "rules that are no list": ({"scope": "all", "rules": "storage/*"}, 'rules: must be a list of names or patterns'),
    "no rules": ({"scope": "all", "rules": []}, "leave it out for all"),
    "a rule that is no text": ({"scope": "all", "rules": [1]}, "rules: must be a list"),
    "a rule with a slip": ({"scope": "all", "rules": ["aks/autoscalr"]}, "did you mean aks/autoscaler?"),
    "no rule at all": ({"scope": "all", "rules": ["zzz"]}, "no rule is called 'zzz'; docs/rules lists them"),
    "a long wait": ({"scope": RG, "wait": 31}, "wait: must be a whole number of seconds from 0 to 30"),
    "a wait that is a truth": ({"scope": RG, "wait": True}, "wait: must be a whole number"),
    "a wait that is no number": ({"scope": RG, "wait": "5"}, "wait: must be a whole number"),
    "a wait for much": ({"scope": "all", "wait": 5}, "wait: only for resource, resource_group, workspace"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_asked_for_is_told_with_its_fix(asked: object, said: str) -> None:
    with pytest.raises(BadScan) as error:
        parse(asked, HERE)
    assert said in str(error.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(SUBSCRIPTION) | st.just(REGISTRY_ID),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["scope", "mode", "rules", "wait", "subscription", "resource_group", "resource", "name"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_a_request_or_told(asked: object) -> None:
    with suppress(BadScan):
        request = parse(asked, HERE)
        assert parse({**request.to_json(), "rules": list(request.rules) or None}, HERE).scope == request.scope
