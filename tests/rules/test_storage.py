"""Storage accounts: what holds whatever the rule is about."""

import pytest

from rules import evaluate
from rules.model import Resource, Role, Rule, Use
from rules.storage import BLOBS, FILES, RULES
from tests.builders import WORKSPACE_ID
from tests.rules.examples.storage import DATA, DEFAULT, blobs, files
from tests.rules.storage_accounts import NO, account, verdict


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.roles], ids=lambda rule: rule.name)
@pytest.mark.parametrize("uses", [(), (Use(Role.CMK_BYO, WORKSPACE_ID),)], ids=["none", "another"])
def test_an_account_in_another_role_is_not_judged(rule: Rule, uses: tuple[Use, ...]) -> None:
    found, because = verdict(rule, account(), *uses)
    assert found is NO
    assert because.startswith("no workspace uses it as ")


def test_what_azure_manages_is_left_alone() -> None:
    """Such as the root storage of a Databricks workspace."""
    managed = account() | {"tags": {"databricks-environment": "true"}}
    resource = Resource.of(managed, {BLOBS: blobs(), FILES: files()}, [DEFAULT, DATA])
    assert {found.verdict.status for found in evaluate(resource)} == {NO}
