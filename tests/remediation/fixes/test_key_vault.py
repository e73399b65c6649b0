"""Key vaults: what exactly would be sent, always a PATCH that names nothing else."""

import pytest

from remediation.plan import Plan, Safety, Write
from rules.key_vault import DR_TAG
from rules.model import Role
from tests.builders import VAULT_ID, finding, guidance, plan
from tests.rules.examples.key_vault import vault


def patch(**properties: bool) -> Write:
    return Write("PATCH", VAULT_ID, "2026-02-01", {"properties": properties})


def assert_for_ever(made: Plan) -> None:
    """A person decides, and is told that there is no way back."""
    assert made.safety is Safety.APPROVE
    assert made.undo == ()
    assert "cannot be undone" in made.undo_note
    assert made.title.endswith("of key vault kvml on, for ever")
    assert made.to_confirm
    assert made.code.warning


def test_purge_protection_is_switched_on() -> None:
    made = plan(finding("key-vault/purge-protection", vault()))
    assert_for_ever(made)
    assert made.writes == (patch(enablePurgeProtection=True),)
    assert made.before == {"properties.enablePurgeProtection": None}
    assert made.after == {"properties.enablePurgeProtection": True}
    assert "soft delete is on" not in made.to_confirm


def test_whether_soft_delete_is_on_is_left_to_a_person_where_azure_does_not_say() -> None:
    made = plan(finding("key-vault/purge-protection", vault(enableSoftDelete=None)))
    assert "soft delete is on" in made.to_confirm


def test_purge_protection_waits_for_soft_delete() -> None:
    advice = guidance(finding("key-vault/purge-protection", vault(enableSoftDelete=False)))
    assert "needs soft delete" in advice.why_no_plan
    assert "key-vault/soft-delete" in advice.steps[0]


def test_soft_delete_is_switched_on() -> None:
    made = plan(finding("key-vault/soft-delete", vault(enableSoftDelete=False)))
    assert_for_ever(made)
    assert made.writes == (patch(enableSoftDelete=True),)
    assert made.before == {"properties.enableSoftDelete": False}
    assert made.after == {"properties.enableSoftDelete": True}


@pytest.mark.parametrize("kept", [True, False])
def test_a_vault_with_an_encryption_key_gets_both_in_one_step(kept: bool) -> None:
    made = plan(finding("key-vault/customer-managed-key", vault(Role.CMK_VAULT, enableSoftDelete=kept)))
    assert_for_ever(made)
    assert made.writes == (patch(enableSoftDelete=True, enablePurgeProtection=True),)
    assert made.before == {"properties.enableSoftDelete": kept, "properties.enablePurgeProtection": None}
    assert set(made.after.values()) == {True}


def test_a_second_vault_is_for_people() -> None:
    advice = guidance(finding("key-vault/failover-region", vault(location="westus3")))
    assert f"Set the tag {DR_TAG} on kvml" in advice.steps[-1]
    assert "az keyvault secret backup" in " ".join(advice.steps)
