"""Azure Storage accounts. https://learn.microsoft.com/azure/storage/common/storage-redundancy"""

from typing import Final

from rules.model import References, Resource, Role, Severity, Verdict, failed, not_applicable, passed, rule, unknown

ACCOUNT: Final = "Microsoft.Storage/storageAccounts"
ZONE_REDUNDANT: Final = ("zrs",)
LOCALLY_REDUNDANT: Final = ("standard_lrs", "standardv2_lrs")


@rule(
    title="Storage account is zone-redundant",
    severity=Severity.HIGH,
    applies_to=ACCOUNT,
    roles=(Role.DEFAULT_STORAGE,),
    zonal=True,
    references=References(
        aprl=("e6c7e1cc-2f47-264d-aa50-1da421314472",),
        psrule=("Azure.Storage.UseReplication",),
        policy=("85b005b2-95fc-4953-b9cb-f9ee6427c754",),
        learn=(
            "https://learn.microsoft.com/azure/storage/common/redundancy-migration",
            "https://learn.microsoft.com/azure/reliability/reliability-storage-blob",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def zone_redundant(account: Resource) -> Verdict:
    """A workspace's default storage account keeps its copies in several availability zones.

    What it checks
        `sku.name` of general-purpose v2 accounts that a workspace uses as its default storage, in regions with
        availability zones. Geo-redundant accounts without zones (GRS) are another matter and not judged here.

    Why it matters
        Locally redundant storage keeps all copies in one datacenter. When that zone fails, the workspace cannot read
        data, start jobs or deploy models until it returns. Azure Machine Learning cannot fail its default storage
        over to another region, so zones are what protects it.

    How it is fixed
        After approval: a live conversion to zone-redundant storage (`startAccountMigration`), without downtime; it
        can take up to 72 hours to start and Azure promises no end.

    References
        APRL e6c7e1cc, PSRule Azure.Storage.UseReplication (which asks for geo-redundancy: wrong for default storage),
        Azure Policy 85b005b2, Learn: redundancy-migration.
    """
    kind, sku = account.get("kind"), account.get("sku.name")
    if isinstance(kind, str) and kind.lower() != "storagev2":
        return not_applicable(f"accounts of kind {kind} are not converted in place")
    if not isinstance(kind, str) or not isinstance(sku, str):
        return unknown("Azure did not say which kind and redundancy the account has")
    if account.get("properties.accountMigrationInProgress") is True:
        return not_applicable("a conversion of its redundancy is in progress")
    return _redundancy(sku)


def _redundancy(sku: str) -> Verdict:
    if sku.lower().endswith(ZONE_REDUNDANT):
        return passed(f"{sku} keeps copies in several availability zones")
    if sku.lower() not in LOCALLY_REDUNDANT:
        return not_applicable(f"{sku} is not locally redundant")
    return failed(f"{sku} keeps every copy in one datacenter: the loss of that zone stops the workspace")


RULES: Final = (zone_redundant,)
