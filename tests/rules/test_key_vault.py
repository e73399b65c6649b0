"""Key vaults: what is deleted stays recoverable, and the loss of a region is planned for where Microsoft does not."""

from typing import Any

import pytest

from rules.key_vault import DR_TAG, customer_managed_key, failover_region, purge_protection, soft_delete
from rules.model import Resource, Role, Rule, Status
from tests.builders import REGISTRY_ID, VAULT_ID, azure, judged
from tests.rules.examples.key_vault import SECOND_ID, vault

SILENT = Resource.of(azure("Microsoft.KeyVault/vaults/kvml", properties=None))
NOTHING = Resource.of({"type": "Microsoft.KeyVault/vaults"})
LISTED = Resource.of(azure("Microsoft.KeyVault/vaults/kvml", properties=[]))
PURGE_PROTECTION = {
    "silent": (SILENT, Status.UNKNOWN, "did not say"),
    "nothing but a type": (NOTHING, Status.UNKNOWN, "did not say"),
    "properties that are a list": (LISTED, Status.UNKNOWN, "did not say"),
    "never switched on": (vault(), Status.FAIL, "Azure's default is off"),
    "null": (vault(enablePurgeProtection=None), Status.FAIL, "Azure's default is off"),
    "on": (vault(enablePurgeProtection=True), Status.PASS, "purge protection is on"),
    "off": (vault(enablePurgeProtection=False), Status.FAIL, "purge protection is off"),
    "text": (vault(enablePurgeProtection="true"), Status.UNKNOWN, "did not say"),
    "a number": (vault(enablePurgeProtection=1), Status.UNKNOWN, "did not say"),
    "for development": (vault(tags={"env": "test"}), Status.NOT_APPLICABLE, "development or test"),
    "of a workspace": (vault(Role.WORKSPACE_VAULT), Status.FAIL, "default is off"),
    "with a workspace's key": (vault(Role.CMK_VAULT), Status.NOT_APPLICABLE, "key-vault/customer-managed-key"),
    "with both": (vault(Role.WORKSPACE_VAULT, Role.CMK_VAULT), Status.NOT_APPLICABLE, "looks after it"),
}
SOFT_DELETE = {
    "on": (vault(), Status.PASS, "soft delete is on"),
    "off": (vault(enableSoftDelete=False), Status.FAIL, "gone at once"),
    "not said": (vault(enableSoftDelete=None), Status.UNKNOWN, "did not say"),
    "text": (vault(enableSoftDelete="true"), Status.UNKNOWN, "did not say"),
    "silent": (SILENT, Status.UNKNOWN, "did not say"),
    "for development": (vault(tags={"env": "test"}, enableSoftDelete=False), Status.FAIL, "gone at once"),
    "with a workspace's key": (
        vault(Role.CMK_VAULT, enableSoftDelete=False),
        Status.NOT_APPLICABLE,
        "key-vault/customer-managed-key",
    ),
}


def keeper(**properties: Any) -> Resource:
    """A vault with the encryption key of a workspace."""
    return vault(Role.CMK_VAULT, **properties)


ENCRYPTION_KEY = {
    "both on": (keeper(enablePurgeProtection=True), Status.PASS, "are on"),
    "purge protection never switched on": (keeper(), Status.FAIL, "and Azure's default is off"),
    "purge protection off": (keeper(enablePurgeProtection=False), Status.FAIL, "is not on: purging"),
    "purge protection as text": (keeper(enablePurgeProtection="true"), Status.UNKNOWN, "purge protection"),
    "soft delete off": (keeper(enableSoftDelete=False), Status.FAIL, "soft delete is off"),
    "soft delete not said": (keeper(enableSoftDelete=None), Status.UNKNOWN, "soft delete"),
    "soft delete not said, purge protection on": (
        keeper(enableSoftDelete=None, enablePurgeProtection=True),
        Status.UNKNOWN,
        "soft delete",
    ),
    "for development": (vault(Role.CMK_VAULT, tags={"env": "dev"}), Status.FAIL, "default is off"),
    "no key": (vault(Role.WORKSPACE_VAULT), Status.NOT_APPLICABLE, "customer-managed key"),
    "no role": (vault(), Status.NOT_APPLICABLE, "customer-managed key"),
}
REGIONS = {
    "failed over by Microsoft": (vault(), Status.PASS, "over to northeurope"),
    "West US 3": (vault(location="westus3"), Status.FAIL, "vaults of westus3"),
    "Brazil South": (vault(location="Brazil South"), Status.FAIL, "vaults of brazilsouth"),
    "Brazil Southeast": (vault(location="brazilsoutheast"), Status.FAIL, "no disaster-recovery vault"),
    "without a pair": (vault(location="polandcentral"), Status.FAIL, "vaults of polandcentral"),
    "a second vault": (vault(location="westus3", tags={DR_TAG: SECOND_ID}), Status.PASS, "is kvml-dr"),
    "its own id": (vault(location="westus3", tags={DR_TAG: VAULT_ID}), Status.FAIL, "names this vault itself"),
    "something else": (vault(location="westus3", tags={DR_TAG: REGISTRY_ID}), Status.FAIL, "another vault"),
    "no id": (vault(location="westus3", tags={DR_TAG: "kvml-dr"}), Status.FAIL, "another vault"),
    "unknown": (vault(location="atlantis"), Status.UNKNOWN, "vaults of atlantis"),
    "none": (vault(location=""), Status.UNKNOWN, "vaults of its region over"),
    "what is no region": (vault(location="<!channel>"), Status.UNKNOWN, "vaults of its region over"),
}
CASES = {
    f"{rule.name}: {case}": (rule, *expected)
    for rule, cases in (
        (purge_protection, PURGE_PROTECTION),
        (soft_delete, SOFT_DELETE),
        (customer_managed_key, ENCRYPTION_KEY),
        (failover_region, REGIONS),
    )
    for case, expected in cases.items()
}


@pytest.mark.parametrize(("rule", "resource", "status", "words"), CASES.values(), ids=CASES)
def test_verdict(rule: Rule, resource: Resource, status: Status, words: str) -> None:
    verdict = judged(rule, resource)
    assert verdict.status is status
    assert words in verdict.because


@pytest.mark.parametrize("resource", [vault(), keeper()], ids=["plain", "with a workspace's key"])
def test_every_fault_of_a_vault_is_told_once(resource: Resource) -> None:
    """The rule for encryption keys takes the place of the two others."""
    failing = [
        rule.name
        for rule in (purge_protection, soft_delete, customer_managed_key)
        if judged(rule, resource).status is Status.FAIL
    ]
    assert len(failing) == 1
