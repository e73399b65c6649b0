"""Policy files and questions to the journal that mean harm: good, or refused in words."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from remediation import journal
from remediation.journal import BadQuery, Query
from remediation.plan import Safety
from remediation.policy import MOST, ORDER, Policy
from remediation.policy_file import parse
from rules import RULES_BY_NAME
from rules.model import Resource
from tests.builders import NOON, registry
from tests.hostile.inputs import DEEP, examples, ids, json_values, texts

MEMBERS = (
    "mode",
    "rules",
    "environments",
    "limits",
    "loop_breaker",
    "routes",
    "quiet_hours",
    "exemptions",
    "heartbeat",
)
PARTS = ("rules", "where", "effect", "reason", "until", "tags", "names", "resources", "resource_groups", "channels")
scopes = st.dictionaries(st.sampled_from(PARTS), json_values | st.lists(texts, max_size=2), max_size=4)
overrides = st.fixed_dictionaries(
    {"effect": st.sampled_from(["fix", "ask", "tell", "off"])},
    optional={"rules": st.lists(texts | st.sampled_from(["*", "storage/*"]), max_size=2), "reason": texts},
)
policies = st.dictionaries(
    st.sampled_from(MEMBERS), st.lists(scopes | overrides, max_size=2) | scopes | json_values, max_size=3
) | st.fixed_dictionaries({"mode": st.just("enforce"), "rules": st.lists(overrides, max_size=3)})
PREMIUM = RULES_BY_NAME["container-registry/premium-sku"]
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


def dumped(value: Any) -> bytes:
    """As YAML, in any of its styles."""
    return yaml.safe_dump(value, allow_unicode=True).encode(errors="surrogatepass")


@examples(120)
@given(policies.map(dumped), st.sampled_from([*Safety, None]))
def test_a_policy_is_good_or_refused_line_by_line_and_never_allows_more(data: bytes, safety: Safety | None) -> None:
    found = parse(data, "policy.yaml")
    if isinstance(found, Policy):
        ruling = found.ruling(PREMIUM, safety, Resource.of(registry()))
        assert ORDER.index(ruling.effect) <= ORDER.index(MOST[safety])
    else:
        assert found
        assert all(problem.text and "\n" not in str(problem) for problem in found)


@pytest.mark.parametrize("text", [*DEEP.values(), LAUGHS, "!!python/object/apply:os.system ['true']", "a: *b"])
def test_depth_and_tricks_of_yaml_are_refused(text: str) -> None:
    assert not isinstance(parse(text.encode(), "policy.yaml"), Policy)


questions = st.dictionaries(
    st.sampled_from(["resource", "rule", "since", "limit", "code"]) | texts,
    texts | ids() | st.sampled_from(["9999d", "0m", "-1", "1e9", "2026-11-23T12:00:00Z", "9999-12-31", "0001-01-01"]),
    max_size=4,
)


def answer(asked: Mapping[str, str]) -> Query | Mapping[str, Any]:
    """What the route does with the names and values of an address."""
    try:
        return journal.parse(asked, NOON)
    except BadQuery as refused:
        return journal.problem(refused)


@examples(150)
@given(questions)
def test_a_question_to_the_journal_is_one_or_refused_in_words(asked: dict[str, str]) -> None:
    found = answer(asked)
    if isinstance(found, Query):
        assert 1 <= found.limit <= 1000
    else:
        assert len(found["detail"]) < 500
        assert "\n" not in found["detail"]
        assert found["status"] == 400
