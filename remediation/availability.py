"""An estimate of how available a workspace is: the product of the published service levels of what it stands on.

A service level is a promise to pay, not a measurement. The product (Azure Well-Architected Framework, "composite SLA")
holds for parts that are all needed and that fail independently of each other; so it is an estimate, and called one.
Where Microsoft publishes no figure, none is made up. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Final

from rules.model import Status

METHOD: Final = "https://learn.microsoft.com/azure/well-architected/reliability/metrics"
AGREEMENT: Final = "https://www.microsoft.com/licensing/docs/view/Service-Level-Agreements-SLA-for-Online-Services"
MONTH: Final = 30 * 24 * 60
"""Minutes: Microsoft reckons service levels by the month."""

type Statuses = Mapping[str, Status]
"""What the rules say of one resource, by the rule's name."""
type Shown = tuple[str, Status]
"""A rule and what it has to say."""


@dataclass(frozen=True, slots=True)
class Level:
    """A service level in percent, None where Microsoft publishes none.

    It is given where all of one of the alternatives in `when` is so; always where there are no alternatives.
    """

    percent: Decimal | None
    why: str
    when: tuple[tuple[Shown, ...], ...] = ()

    def holds(self, statuses: Statuses) -> bool:
        """Whether the rules show that a resource has this level."""
        shown = (all(statuses.get(rule) is status for rule, status in alternative) for alternative in self.when)
        return not self.when or any(shown)


@dataclass(frozen=True, slots=True)
class Service:
    """The service levels of one resource type, best first; the last is given always."""

    name: str
    levels: tuple[Level, ...]
    source: str
    url: str
    as_of: str


AZQR: Final = "Azure Quick Review"
AZQR_URL: Final = "https://github.com/Azure/azqr"
READ: Final = "2026-11"
"""When the sources without a date of their own were read."""


def _passes(*rules: str) -> tuple[Shown, ...]:
    return tuple((rule, Status.PASS) for rule in rules)


def _always(name: str, percent: str, why: str = "in every configuration") -> Service:
    return Service(name, (Level(Decimal(percent), why),), AZQR, AZQR_URL, READ)


def _none(name: str, why: str) -> Service:
    return Service(name, (Level(None, why),), "Microsoft's agreement", AGREEMENT, READ)


SERVICES: Final[Mapping[str, Service]] = {
    "microsoft.machinelearningservices/workspaces": _always("Azure Machine Learning", "99.9"),
    "microsoft.keyvault/vaults": _always("Key Vault", "99.99"),
    "microsoft.containerregistry/registries": _always("Container Registry", "99.9", "in every tier"),
    "microsoft.insights/components": _always("Application Insights", "99.9"),
    "microsoft.operationalinsights/workspaces": _always("Log Analytics", "99.9"),
    "microsoft.databricks/workspaces": _always("Azure Databricks", "99.95"),
    "microsoft.containerinstance/containergroups": _always("Container Instances", "99.9"),
    "microsoft.hdinsight/clusters": _always("HDInsight", "99.9"),
    "microsoft.storage/storageaccounts": Service(
        "Storage",
        (Level(Decimal("99.9"), "writes, hot tier, whatever the redundancy (99 % where the access tier is cool)"),),
        "Microsoft's agreement on storage accounts, version 1.5",
        "https://azure.microsoft.com/support/legal/sla/storage/v1_5/",
        "2019-06",
    ),
    "microsoft.containerservice/managedclusters": Service(
        "AKS",
        (
            Level(
                Decimal("99.95"),
                "API server, Standard tier with zones",
                (_passes("aks/standard-tier", "aks/zone-spanning-pools"),),
            ),
            Level(Decimal("99.9"), "API server, Standard tier without zones", (_passes("aks/standard-tier"),)),
            Level(None, "none on the Free tier, and no rule shows another one"),
        ),
        "Learn, AKS pricing tiers",
        "https://learn.microsoft.com/azure/aks/free-standard-pricing-tiers",
        "2026-07",
    ),
    "microsoft.documentdb/databaseaccounts": Service(
        "Cosmos DB",
        (
            Level(
                Decimal("99.999"),
                "every region takes writes",
                (_passes("cosmos-db/second-region", "cosmos-db/multi-region-writes"),),
            ),
            Level(Decimal("99.995"), "writes, with zones", (_passes("cosmos-db/zone-redundant"),)),
            Level(Decimal("99.99"), "writes, without zones"),
        ),
        "Learn, reliability of Cosmos DB",
        "https://learn.microsoft.com/azure/reliability/reliability-cosmos-db",
        READ,
    ),
    "microsoft.sql/servers/databases": Service(
        "SQL Database",
        (
            Level(
                Decimal("99.995"),
                "zone-redundant",
                (
                    _passes("sql-database/business-critical-zones"),
                    _passes("sql-database/general-purpose-zones"),
                    _passes("sql-database/hyperscale-zones"),
                ),
            ),
            Level(Decimal("99.99"), "in one zone"),
        ),
        AZQR,
        AZQR_URL,
        READ,
    ),
    "microsoft.sql/servers/elasticpools": Service(
        "SQL elastic pool",
        (
            Level(Decimal("99.995"), "zone-redundant", (_passes("sql-database/elastic-pool-zones"),)),
            Level(Decimal("99.99"), "in one zone"),
        ),
        AZQR,
        AZQR_URL,
        READ,
    ),
    "microsoft.dbforpostgresql/flexibleservers": Service(
        "PostgreSQL",
        (
            Level(
                Decimal("99.99"),
                "standby in another zone",
                (_passes("postgresql/zone-redundant-standby"), _passes("postgresql/standby-in-another-zone")),
            ),
            Level(
                Decimal("99.95"),
                "standby in the same zone",
                (_passes("postgresql/same-zone-standby"), (("postgresql/standby-in-another-zone", Status.FAIL),)),
            ),
            Level(Decimal("99.9"), "without a standby"),
        ),
        "Learn, reliability of PostgreSQL",
        "https://learn.microsoft.com/azure/reliability/reliability-database-postgresql",
        READ,
    ),
    "microsoft.dbformysql/flexibleservers": Service(
        "MySQL",
        (
            Level(Decimal("99.99"), "standby in another zone", (_passes("mysql/zone-redundant-standby"),)),
            Level(Decimal("99.95"), "standby in the same zone", (_passes("mysql/same-zone-standby"),)),
            Level(Decimal("99.9"), "without a standby"),
        ),
        AZQR,
        AZQR_URL,
        READ,
    ),
    "microsoft.machinelearningservices/workspaces/computes": _none("Compute", "none of its own"),
    "microsoft.datalakestore/accounts": _none("Data Lake Storage Gen1", "none: it is retired"),
    "microsoft.dbforpostgresql/servers": _none("PostgreSQL single server", "none: it is retired"),
    "microsoft.dbformysql/servers": _none("MySQL single server", "none: it is retired"),
}
"""By resource type in lower case. Datastores are missing: they only name what stands here."""


@dataclass(frozen=True, slots=True)
class Part:
    """One resource that a workspace depends on, with its level now and when its open faults are mended."""

    resource_id: str
    service: Service
    now: Level
    after: Level


@dataclass(frozen=True, slots=True)
class Estimate:
    """The parts of a workspace. Those without a published level are in no product: `now` and `after` are at most so."""

    parts: tuple[Part, ...]

    @property
    def now(self) -> Decimal | None:
        """Percent, None where nothing it stands on has a published level."""
        return composite(part.now.percent for part in self.parts)

    @property
    def after(self) -> Decimal | None:
        """The same when everything is mended that its rules find."""
        return composite(part.after.percent for part in self.parts)

    @property
    def unpublished(self) -> tuple[Part, ...]:
        """The parts that nothing is promised of now."""
        return tuple(part for part in self.parts if part.now.percent is None)


def composite(percents: Iterable[Decimal | None]) -> Decimal | None:
    """The product of what is published, in percent; None where nothing is."""
    found = [percent for percent in percents if percent is not None]
    product = Decimal(1)
    for percent in found:
        product *= percent / 100
    return product * 100 if found else None


def part(resource_id: str, resource_type: str, statuses: Statuses) -> Part | None:
    """The levels of one resource, from what the rules say of it; None for types that no level is about."""
    service = SERVICES.get(resource_type)
    if service is None:
        return None
    mended = {rule: Status.PASS if status is Status.FAIL else status for rule, status in statuses.items()}
    now, after = _level(service, statuses), _level(service, mended)
    return Part(resource_id, service, now, after)


def estimate(parts: Sequence[Part | None]) -> Estimate:
    """The estimate for a workspace and all it stands on."""
    return Estimate(tuple(part for part in parts if part is not None))


def _level(service: Service, statuses: Statuses) -> Level:
    return next(level for level in service.levels if level.holds(statuses))


def minutes_a_month(percent: Decimal) -> int:
    """How long it may be down in a month of 30 days, rounded up."""
    return ceil((100 - percent) * MONTH / 100)


def shown(percent: Decimal) -> str:
    """As people read it, never rounded up: 99.79 for 99.7902."""
    return f"{percent.quantize(Decimal('0.001'), 'ROUND_FLOOR').normalize():f}"
