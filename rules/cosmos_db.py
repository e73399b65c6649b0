"""Azure Cosmos DB. https://learn.microsoft.com/azure/reliability/reliability-cosmos-db"""

from collections.abc import Sequence
from typing import Final

from rules.model import Body, References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown
from rules.regions import region
from rules.values import normal_region, text_at

ACCOUNT: Final = "Microsoft.DocumentDB/databaseAccounts"
CONSISTENCY: Final = "properties.consistencyPolicy.defaultConsistencyLevel"
STRONG_REGIONS: Final = 3
"""Regions that an account with strong consistency needs to go on taking writes when one is lost."""

NO_REGIONS: Final = unknown("Azure did not say in which regions the account is")
NO_CAPABILITIES: Final = unknown("Azure did not say which API and capacity mode the account has")


def regions_of(account: Resource) -> Sequence[Body]:
    """The account's regions; empty where Azure did not say."""
    return account.objects("properties.locations") or ()


def capabilities_of(account: Resource) -> frozenset[str] | None:
    """Names of what the account was created for, in lower case; None where they cannot be read."""
    if account.get("properties.capabilities") is None:
        return frozenset()  # an optional property: an account for the NoSQL API has none
    found = account.objects("properties.capabilities")
    return None if found is None else frozenset(text_at(capability, "name") or "" for capability in found)


def write_regions(account: Resource) -> Sequence[Body]:
    """The regions that take writes; empty where Azure did not say."""
    regions = regions_of(account)
    several = account.flag("properties.enableMultipleWriteLocations")
    if several or len(regions) < 2:
        return regions
    return () if several is None else [place for place in regions if place.get("failoverPriority") == 0]


def is_strong(account: Resource) -> bool:
    """Whether a write waits for every region."""
    return account.text(CONSISTENCY) == "strong"


@rule(
    title="Cosmos DB account fails over by itself",
    severity=Severity.HIGH,
    applies_to=ACCOUNT,
    references=References(
        aprl=("9cabded7-a1fc-6e4a-944b-d7dd98ea31a2",),
        learn=(
            "https://learn.microsoft.com/azure/reliability/reliability-cosmos-db",
            "https://learn.microsoft.com/azure/cosmos-db/manage-with-cli",
        ),
    ),
)
def automatic_failover(account: Resource) -> Verdict:
    """Service-managed failover is on where one of several regions takes the writes.

    What it checks
        `properties.enableAutomaticFailover` of accounts with at least two regions, of which one takes writes
        (`enableMultipleWriteLocations` is false). Per-partition automatic failover, a feature of its own, is not seen
        in Azure Resource Manager.

    Why it matters
        The second region is paid for, but when the write region is lost nothing is written until that region is back:
        a failover by hand needs both regions. Jobs and endpoints of Azure Machine Learning that write to the account
        fail for all that time.

    How it is fixed
        Automatically: the setting is switched on. It costs nothing, moves nothing and can be switched off again.

    References
        APRL 9cabded7, Learn: reliability-cosmos-db. No rule of PSRule and no built-in policy says the same.
    """
    regions = regions_of(account)
    if not regions:
        return NO_REGIONS
    if len(regions) < 2:
        return not_applicable("it has one region: there is nowhere to fail over to")
    several = account.flag("properties.enableMultipleWriteLocations")
    if several:
        return not_applicable("every region takes writes: there is nothing to fail over")
    enabled = account.flag("properties.enableAutomaticFailover")
    if several is None or enabled is None:
        return unknown("Azure did not say whether one region takes the writes, and whether it fails over by itself")
    if not enabled:
        return failed("it has another region, but the loss of its write region stops every write until that is back")
    return passed("Azure moves the writes to another region when the write region is lost")


@rule(
    title="Cosmos DB account runs in a second region",
    severity=Severity.HIGH,
    applies_to=ACCOUNT,
    production=True,
    references=References(
        aprl=("43663217-a1d3-844b-80ea-571a2ce37c6c",),
        learn=(
            "https://learn.microsoft.com/azure/reliability/reliability-cosmos-db",
            "https://learn.microsoft.com/azure/cosmos-db/consistency-levels",
            "https://learn.microsoft.com/azure/cosmos-db/manage-with-cli",
        ),
    ),
)
def second_region(account: Resource) -> Verdict:
    """The account keeps its data in at least two regions; in three where every write waits for all of them.

    What it checks
        The number of `properties.locations`: two, or three with strong consistency, where a write waits for every
        region and two regions are down as soon as one of them is. Serverless accounts are left out: they exist in one
        region only.

    Why it matters
        An account in one region can neither be read nor written while that region is down. Whatever reads features,
        prompts or results from it stops, as does a workspace that keeps its encrypted metadata in it.

    How it is fixed
        After approval: the paired region is added as a read region, zone-redundant where it has zones. Throughput and
        storage are then billed in both. Accounts with strong consistency, and those whose region has no pair, are for
        people.

    References
        APRL 43663217, Learn: reliability-cosmos-db, consistency-levels.
    """
    regions, capabilities = regions_of(account), capabilities_of(account)
    if capabilities is not None and "enableserverless" in capabilities:
        return not_applicable("serverless accounts exist in one region only")
    if not regions:
        return NO_REGIONS
    if capabilities is None:
        return NO_CAPABILITIES
    if len(regions) == 1:
        return failed("it is in one region: the loss of that region stops every read and write")
    if len(regions) < STRONG_REGIONS and is_strong(account):
        return failed("it is in two regions with strong consistency: the loss of either stops every write")
    if len(regions) < STRONG_REGIONS and account.text(CONSISTENCY) is None:
        return unknown("Azure did not say how consistent its two regions are")
    return passed(f"it is in {len(regions)} regions")


@rule(
    title="Cosmos DB write region is zone-redundant",
    severity=Severity.HIGH,
    applies_to=ACCOUNT,
    references=References(
        aprl=("921631f6-ed59-49a5-94c1-f0f3ececa580",),
        psrule=("Azure.Cosmos.AvailabilityZone",),
        policy=("44c5a1f9-7ef6-4c38-880c-273e8f7a3c24",),
        learn=(
            "https://learn.microsoft.com/azure/reliability/reliability-cosmos-db",
            "https://learn.microsoft.com/azure/cosmos-db/enable-zone-redundancy",
        ),
    ),
)
def zone_redundant(account: Resource) -> Verdict:
    """Every region that takes writes keeps its replicas in several availability zones.

    What it checks
        `isZoneRedundant` of the region with failover priority 0, or of all regions where all take writes, as far as
        those regions have zones. Where the account itself was created does not count: a failover moves the writes.
        Serverless accounts are left out: they choose zones when they are created, and never again.

    Why it matters
        Without it, all replicas of a partition may stand in one datacenter. When that zone fails, writes stop, and in
        an account with one region reads stop as well: jobs and endpoints that use it fail.

    How it is fixed
        By people: zones are chosen when a region is added. Add another region, fail over to it, remove the region and
        add it again as zone-redundant, fail back. Writes pause for seconds at each step.

    References
        APRL 921631f6 and PSRule Azure.Cosmos.AvailabilityZone (which ask for zones in every region), Azure Policy
        44c5a1f9, Learn: enable-zone-redundancy.
    """
    capabilities, places = capabilities_of(account), write_regions(account)
    if capabilities is not None and "enableserverless" in capabilities:
        return not_applicable("serverless accounts choose zones only when they are created")
    if not places:
        return unknown("Azure did not say which regions of the account take writes")
    if capabilities is None:
        return NO_CAPABILITIES
    return _in_zones(places)


def _in_zones(places: Sequence[Body]) -> Verdict:
    known = [(place, region(normal_region(place.get("locationName")))) for place in places]
    if any(found is None for _, found in known):
        return unknown("it is not known whether its write region has availability zones")
    spread = [place.get("isZoneRedundant") for place, found in known if found is not None and found.zones]
    if not spread:
        return not_applicable("its write region has no availability zones")
    if not all(isinstance(flag, bool) for flag in spread):
        return unknown("Azure did not say whether its write region is zone-redundant")
    if not all(spread):
        return failed("its write region is not zone-redundant: the loss of one zone can stop every write")
    return passed("its write region is zone-redundant")


@rule(
    title="Cosmos DB account is backed up continuously",
    severity=Severity.MEDIUM,
    applies_to=ACCOUNT,
    references=References(
        aprl=("e544520b-8505-7841-9e77-1f1974ee86ec",),
        psrule=("Azure.Cosmos.ContinuousBackup",),
        learn=(
            "https://learn.microsoft.com/azure/cosmos-db/migrate-continuous-backup",
            "https://learn.microsoft.com/azure/cosmos-db/continuous-backup-restore-introduction",
        ),
    ),
)
def continuous_backup(account: Resource) -> Verdict:
    """The account can be restored to any second of the last days, without Microsoft's help.

    What it checks
        `properties.backupPolicy.type`. Accounts for Apache Cassandra are left out: they have periodic backup only. An
        account whose backup policy Azure does not show is not judged: the way to continuous backup is one-way.

    Why it matters
        Periodic backup keeps two copies, four hours apart, and only a support request brings one back. A job that
        overwrites features or deletes a container costs up to four hours of data and days of waiting.

    How it is fixed
        After approval: the account moves to continuous backup in the background, without downtime. It cannot move back.

    References
        APRL e544520b (which leaves out accounts with analytical storage or several write regions), PSRule
        Azure.Cosmos.ContinuousBackup, Learn: migrate-continuous-backup.
    """
    capabilities = capabilities_of(account)
    if capabilities is None:
        return NO_CAPABILITIES
    if "enablecassandra" in capabilities:
        return not_applicable("accounts for Apache Cassandra have periodic backup only")
    mode = account.text("properties.backupPolicy.type")
    if mode == "continuous":
        return passed("it can be restored to any second of the last days")
    if mode != "periodic":
        return unknown("Azure did not say how the account is backed up")
    if account.text("properties.backupPolicy.migrationState.status") == "inprogress":
        return unknown("its move to continuous backup is not finished")
    return failed("its backups are hours apart, and only a support request restores one")


@rule(
    title="Cosmos DB account takes writes in every region",
    severity=Severity.LOW,
    applies_to=ACCOUNT,
    references=References(
        aprl=("9ce78192-74a0-104c-b5bb-9a443f941649",),
        learn=(
            "https://learn.microsoft.com/azure/reliability/reliability-cosmos-db",
            "https://learn.microsoft.com/azure/cosmos-db/multi-region-writes",
            "https://learn.microsoft.com/azure/cosmos-db/how-to-configure-per-partition-automatic-failover",
        ),
    ),
)
def multi_region_writes(account: Resource) -> Verdict:
    """Writes go on in another region at once, not only after a failover.

    What it checks
        `properties.enableMultipleWriteLocations` of accounts with at least two regions. Accounts with strong
        consistency are left out: Azure does not offer it to them. An account that uses per-partition automatic
        failover instead is right to be exempted: Azure Resource Manager does not show it.

    Why it matters
        Service-managed failover waits until Microsoft declares an outage, which can take an hour or more. An endpoint
        that has to write to answer is down for that long.

    How it is fixed
        By people, if it is worth it: several write regions bring conflicts, and per-partition automatic failover needs
        newer SDKs. The owner decides, and an exemption records the decision.

    References
        APRL 9ce78192, Learn: multi-region-writes, how-to-configure-per-partition-automatic-failover.
    """
    regions = regions_of(account)
    if not regions:
        return NO_REGIONS
    if len(regions) < 2:
        return not_applicable("it has one region")
    if is_strong(account):
        return not_applicable("strong consistency allows one write region only")
    several = account.flag("properties.enableMultipleWriteLocations")
    if several:
        return passed("every region takes writes")
    if several is None or account.text(CONSISTENCY) is None:
        return unknown("Azure did not say whether several regions take writes, or could")
    return failed("one region takes all writes: a failover of the whole account can take an hour or more")


RULES: Final = (automatic_failover, second_region, zone_redundant, continuous_backup, multi_region_writes)
