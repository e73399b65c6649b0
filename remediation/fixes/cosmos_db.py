"""Azure Cosmos DB. PATCH of an account answers 200 and may run on behind a Location (azure-mgmt-cosmosdb 10.0.0).

Azure changes the regions of an account only when nothing else is changed with them, and takes the whole list of them:
one that is left out is removed (Learn, manage-with-cli).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from remediation.api_versions import api_version
from remediation.azure_cli import names
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remedy, Safety, Write, remediates
from rules.cosmos_db import (
    ACCOUNT,
    automatic_failover,
    continuous_backup,
    is_strong,
    multi_region_writes,
    regions_of,
    second_region,
    zone_redundant,
)
from rules.model import Body, Resource
from rules.regions import region
from rules.values import normal_region

NEEDS: Final = ("Microsoft.DocumentDB/databaseAccounts/read", "Microsoft.DocumentDB/databaseAccounts/write")
SETTABLE: Final = ("locationName", "failoverPriority", "isZoneRedundant")
"""Members of a region that a client may send; Azure makes the others."""

LOOSE: Final = ("session", "consistentprefix", "eventual")
"""Consistency levels that a second region changes nothing about."""

LEAST_WRITES: Final = 100_000
LEAST_SECONDS: Final = 300
"""How stale a read must be allowed to be in an account with several regions (bounded staleness)."""

WEEK_HOURS: Final = 168


MIGRATES_WITHIN: Final = timedelta(days=7)
"""How long Azure may go on moving an account to continuous backup: about 90 minutes for each TB."""


@remediates(automatic_failover, safety=Safety.SAFE, touches=("properties.enableAutomaticFailover",), needs=NEEDS)
def turn_on_automatic_failover(account: Resource) -> Remedy:
    """Let Azure move the writes to the next region when it declares the loss of the write region.

    What is sent
        One PATCH with `enableAutomaticFailover` true and nothing else. Regions and their order stay as they are.

    Cost
        None.

    Downtime
        None.

    Undo
        The same PATCH with false.
    """
    regions = regions_of(account)
    order = [number for place in regions if isinstance(number := place.get("failoverPriority"), int)]
    if sorted(order) != [*range(len(regions))]:
        return Guidance(
            why_no_plan="Azure did not say in which order the account's regions take over.",
            steps=(
                f"Look at the order of the regions: az cosmosdb show {names(account)} --query failoverPolicies.",
                f"Switch service-managed failover on: az cosmosdb update {names(account)} --enable-automatic-failover "
                "true.",
            ),
            cost="none",
            effort="minutes",
        )
    path = "properties.enableAutomaticFailover"
    return Plan(
        rule=automatic_failover.name,
        resource_id=account.id,
        safety=Safety.SAFE,
        title=f"Turn on service-managed failover of Cosmos DB account {account.name}",
        writes=(_patch(account, enableAutomaticFailover=True),),
        undo=(_patch(account, enableAutomaticFailover=False),),
        undo_note="can be switched off again at any time",
        touches=turn_on_automatic_failover.touches,
        before={path: False},
        after={path: True},
        effect="When Microsoft declares the write region lost, which can take an hour or more, the next region in "
        "order takes the writes; what was not yet copied to it may be lost.",
        cost=Cost("none", 0),
        downtime="none",
        duration="minutes",
        code=Code(bicep="enableAutomaticFailover: true", terraform="automatic_failover_enabled = true"),
        preconditions=(Precondition("every region has its place in the order of failover", checked=True),),
    )


@remediates(
    second_region,
    safety=Safety.APPROVE,
    touches=(
        "properties.locations",
        "properties.readLocations",
        "properties.writeLocations",
        "properties.failoverPolicies",
    ),
    needs=NEEDS,
)
def add_paired_region(account: Resource) -> Remedy:
    """Add the paired region as a read region, with the account's data copied to it.

    What is sent
        One PATCH with the whole list of regions: the present one unchanged, and its pair behind it.

    Cost
        About as much again as the account costs now, and the traffic between the regions.

    Downtime
        None for reads; writes may pause for seconds.

    Undo
        The same PATCH with the former list, which removes the region again.
    """
    regions = regions_of(account)
    home = region(normal_region(regions[0].get("locationName")))
    target = home.pair if home else None
    place = region(target) if target else None
    if reason := _not_addable(account, target if place else None):
        return _add_by_hand(account, reason)
    before = [_settable(found) for found in regions]
    zones = bool(place and place.zones)
    added = {"locationName": target, "failoverPriority": 1, "isZoneRedundant": zones}
    return Plan(
        rule=second_region.name,
        resource_id=account.id,
        safety=Safety.APPROVE,
        title=f"Add region {target} to Cosmos DB account {account.name}",
        writes=(_patch(account, locations=[*before, added]),),
        undo=(_patch(account, locations=before),),
        undo_note="the region can be removed again; its copy of the data goes with it",
        touches=add_paired_region.touches,
        before={f"properties.locations[{target}].locationName": None},
        after={f"properties.locations[{target}].locationName": target},
        effect=f"All data is copied to {target}, which serves reads{' from several zones' if zones else ''}. "
        "Service-managed failover is a setting of its own (cosmos-db/automatic-failover).",
        cost=Cost(
            "about the account's throughput and storage price again, plus traffic between regions (estimate, list "
            "prices)"
        ),
        downtime="none for reads; writes may pause for seconds while Azure compares the regions",
        duration="minutes to hours, with the amount of data; the account takes no other change meanwhile",
        code=Code(
            bicep=f"{{ locationName: '{target}', failoverPriority: 1, isZoneRedundant: {_flag(zones)} }} in locations",
            terraform=f'a block geo_location with location = "{target}", failover_priority = 1 and zone_redundant = '
            f"{_flag(zones)}",
            warning="Code that lists one region only removes the new one on its next run: change it before approving.",
        ),
        preconditions=(
            Precondition("the new region is Azure's pair of the present one", checked=True),
            Precondition("the consistency level allows a second region", checked=True),
            Precondition(f"the data may be kept in {target}"),
            Precondition(f"the subscription may use {target}, which some regions grant only on request"),
            *_room(account),
        ),
    )


def _not_addable(account: Resource, target: str | None) -> str:
    """Why no write is certain to do what is wanted; empty when nothing speaks against it."""
    regions = regions_of(account)
    if len(regions) > 1 or is_strong(account):
        return "strong consistency needs three regions, and every write then waits for them"
    if target is None:
        return "its region has no pair among Azure's regions"
    if regions[0].get("failoverPriority") != 0 or not isinstance(regions[0].get("isZoneRedundant"), bool):
        return "Azure did not say all that has to be sent back about its present region"
    if account.flag("properties.enableMultipleWriteLocations") is not False:
        return "a new region would take writes at once, or Azure did not say that it would not"
    return _too_fresh(account)


def _too_fresh(account: Resource) -> str:
    level = account.text("properties.consistencyPolicy.defaultConsistencyLevel")
    if level in LOOSE:
        return ""
    if level != "boundedstaleness":
        return "Azure did not say how consistent its reads have to be"
    writes = account.number("properties.consistencyPolicy.maxStalenessPrefix") or 0
    seconds = account.number("properties.consistencyPolicy.maxIntervalInSeconds") or 0
    if writes >= LEAST_WRITES and seconds >= LEAST_SECONDS:
        return ""
    return f"several regions need a bounded staleness of at least {LEAST_WRITES:,} writes and {LEAST_SECONDS} seconds"


def _add_by_hand(account: Resource, reason: str) -> Guidance:
    return Guidance(
        why_no_plan=f"No region is added by itself: {reason}.",
        steps=(
            "Choose the region with the owner: near the readers, allowed for the data, with availability zones.",
            "Check that the application can live with the consistency level across regions, and change it if not.",
            f"Add it with every present region named: az cosmosdb update {names(account)} --locations "
            "regionName=<present> failoverPriority=0 isZoneRedundant=<as it is> --locations regionName=<new> "
            "failoverPriority=1 isZoneRedundant=True.",
            "With strong consistency add a third region as well: with two, the loss of either stops every write.",
            f"Then switch service-managed failover on: az cosmosdb update {names(account)} --enable-automatic-failover "
            "true.",
        ),
        cost="about the account's throughput and storage price again for each region (estimate)",
        effort="an hour, and the time that copying takes",
    )


def _room(account: Resource) -> Sequence[Precondition]:
    """What there has to be room for, where the account has such a thing."""
    found = []
    if account.get("properties.privateEndpointConnections"):
        found.append(Precondition("the subnets of its private endpoints have a free address for the new region"))
    if (account.number("properties.capacity.totalThroughputLimit") or 0) > 0:
        found.append(Precondition("the account's throughput limit leaves room for a second region"))
    return found


@remediates(zone_redundant)
def move_into_zones(account: Resource) -> Guidance:
    """Zones are chosen when a region is added: the region has to leave and come back, with two failovers."""
    return Guidance(
        why_no_plan="Azure cannot make an existing region zone-redundant: it has to be removed and added again.",
        steps=(
            "Choose a quiet hour: writes pause for seconds at every step, and adding a region copies all data.",
            f"Add a temporary region: az cosmosdb update {names(account)} --locations regionName=<home> "
            "failoverPriority=0 isZoneRedundant=False --locations regionName=<temporary> failoverPriority=1 "
            "isZoneRedundant=False (every present region has to be named, here and below).",
            f"Unless every region takes writes, fail over to it: az cosmosdb failover-priority-change {names(account)} "
            "--failover-policies <temporary>=0 <home>=1.",
            f"Remove the home region: az cosmosdb update {names(account)} --locations regionName=<temporary> "
            "failoverPriority=0 isZoneRedundant=False.",
            f"Add it again, in its zones: az cosmosdb update {names(account)} --locations regionName=<temporary> "
            "failoverPriority=0 isZoneRedundant=False --locations regionName=<home> failoverPriority=1 "
            "isZoneRedundant=True. If Azure has no room in its zones, ask Azure Support; the account works on in the "
            "temporary region.",
            f"Fail back: az cosmosdb failover-priority-change {names(account)} --failover-policies <home>=0 "
            "<temporary>=1. Then remove the temporary region as you did the home region, or keep it as the second one.",
            "Change the code to match: bicep isZoneRedundant: true, Terraform zone_redundant = true.",
        ),
        cost="the temporary region while it exists; then up to +25 % of the throughput price (estimate), nothing with "
        "autoscale or several write regions",
        effort="half a day, and the time that copying takes twice",
    )


@remediates(
    continuous_backup,
    safety=Safety.APPROVE,
    touches=("properties.backupPolicy",),
    needs=NEEDS,
    shows_within=MIGRATES_WITHIN,
)
def move_to_continuous_backup(account: Resource) -> Remedy:
    """Move the account from periodic to continuous backup, which Azure never takes back.

    What is sent
        One PATCH with the backup policy: continuous, kept for seven days, or for thirty where periodic backups were
        kept longer than a week.

    Cost
        Seven days are free; thirty are billed by the gigabyte and region. Every restore is billed.

    Downtime
        None: Azure moves it in the background.

    Undo
        There is none.
    """
    if reason := _not_movable(account):
        return Guidance(
            why_no_plan=f"Azure may refuse, or break, this account's move: {reason}.",
            steps=(
                "Read the conditions on Learn, migrate-continuous-backup, and put right what stands in the way.",
                f"Move it: az cosmosdb update {names(account)} --backup-policy-type Continuous --continuous-tier "
                "Continuous7Days. Azure never takes that back.",
            ),
            cost="none for seven days; thirty days about US$0.20 a GB, month and region (estimate, Learn)",
            effort="an hour, and the time that Azure takes",
        )
    tier = "Continuous30Days" if _kept_hours(account) > WEEK_HOURS else "Continuous7Days"
    path = "properties.backupPolicy.type"
    return Plan(
        rule=continuous_backup.name,
        resource_id=account.id,
        safety=Safety.APPROVE,
        title=f"Move Cosmos DB account {account.name} to continuous backup ({tier})",
        writes=(_patch(account, backupPolicy={"type": "Continuous", "continuousModeProperties": {"tier": tier}}),),
        undo=(),
        undo_note="cannot be undone: Azure has no way back to periodic backup",
        touches=move_to_continuous_backup.touches,
        before={path: account.get(path)},
        after={path: "Continuous"},
        effect="Any second of the kept days can be restored without a support request, from the end of the move on. "
        "Backups are kept in the account's own regions only.",
        cost=Cost("no charge to keep backups for seven days (estimate, Learn); every restore is billed", 0)
        if tier == "Continuous7Days"
        else Cost("about US$0.20 a GB, month and region to keep backups for thirty days (estimate, Learn)"),
        downtime="none",
        duration="about 90 minutes for each TB and region; regions cannot be changed or failed over meanwhile",
        code=Code(
            bicep=f"backupPolicy: {{ type: 'Continuous', continuousModeProperties: {{ tier: '{tier}' }} }}",
            terraform=f'type = "Continuous" and tier = "{tier}" in the block backup',
            warning="Terraform replaces the account (deletes it and its data) when backup.type goes from Continuous "
            "back to Periodic: change the code before its next run.",
        ),
        preconditions=(
            Precondition("analytical storage (Synapse Link) is off", checked=True),
            Precondition("Synapse Link was never switched off for a container"),
            *_losses(account),
        ),
    )


def _not_movable(account: Resource) -> str:
    """Why Azure may not move this account; empty when nothing speaks against it."""
    if account.flag("properties.enableAnalyticalStorage") is not False:
        return "analytical storage (Synapse Link) is on, or Azure did not say that it is off"
    identity = account.text("properties.defaultIdentity")
    if account.get("properties.keyVaultKeyUri") and (identity or "firstpartyidentity") == "firstpartyidentity":
        return "it is encrypted with a customer-managed key, which a managed identity has to open for backups"
    return ""


def _kept_hours(account: Resource) -> float:
    """For how long periodic backups are kept: eight hours where nothing else is set."""
    return account.number("properties.backupPolicy.periodicModeProperties.backupRetentionIntervalInHours") or 8


def _losses(account: Resource) -> Sequence[Precondition]:
    """What the account can do now and will not be able to do then."""
    found = []
    if len(regions_of(account)) < 2:
        found.append(
            Precondition("it is accepted that no backup leaves the region any more, or a region is added first")
        )
    if account.text("kind") == "mongodb":
        found.append(Precondition("no collection will need another unique index"))
    return found


@remediates(multi_region_writes)
def decide_on_writes(account: Resource) -> Guidance:
    """Several write regions bring conflicts that only the application's owner can judge."""
    return Guidance(
        why_no_plan="Writes in several regions can conflict: the application has to be designed for it.",
        steps=(
            "Decide with the owner how long writes may be down: service-managed failover can take an hour or more.",
            "For faster failover with one write region, look at per-partition automatic failover: it needs the NoSQL "
            "API and recent SDKs.",
            "For writes in every region, choose how conflicts are resolved, keep each client in its own region, then: "
            f"az cosmosdb update {names(account)} --enable-multiple-write-locations true.",
            "If one write region is enough, record that with an exemption.",
        ),
        cost="several write regions are billed at a higher rate (estimate: see Azure's price list)",
        effort="weeks, if the application has to change",
    )


def _flag(value: bool) -> str:
    return str(value).lower()


def _settable(place: Body) -> Mapping[str, Any]:
    return {name: place[name] for name in SETTABLE}


def _patch(account: Resource, **properties: Any) -> Write:
    return Write("PATCH", account.id, api_version(ACCOUNT.lower()), {"properties": properties})


REMEDIATIONS: Final = (
    turn_on_automatic_failover,
    add_paired_region,
    move_into_zones,
    move_to_continuous_backup,
    decide_on_writes,
)
