"""Who sees to the high availability of what a workspace stands on, and which rules watch it.

Microsoft's page how-to-high-availability-machine-learning (2025-06-12) says who manages what and what is highly
available by default; this table adds what the services' own pages say (https://learn.microsoft.com/azure/reliability),
as of 2026-11. Earlier lists called the workspace, its Cosmos DB and the compute cluster highly available by default,
with full disaster recovery: the page does not.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.model import Role

PAGE: Final = "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning"


class Group(StrEnum):
    """The parts of Microsoft's page."""

    INFRASTRUCTURE = "Infrastructure"
    COMPUTE = "Compute"
    DATA_STORES = "Data stores"


class Manager(StrEnum):
    """Who runs a service and chooses its settings."""

    MICROSOFT = "Microsoft"
    YOU = "you"
    BOTH = "both"


class ByDefault(StrEnum):
    """Whether a service goes on without anybody doing anything."""

    YES = "yes"
    """Through the loss of a zone, and in most regions through the loss of the region."""
    PARTLY = "partly"
    """Through the loss of a zone, or parts of it do."""
    NO = "no"
    """It stops with its zone."""


@dataclass(frozen=True, slots=True)
class Responsibility:
    """One service: who manages it, what it does by itself, and what is yours to do.

    `types` are the resource types it is about and `roles` why they matter to a workspace; `rules` are the names of the
    rules that watch it, none where nothing can be set. `notes` are what is good to know and asks for nothing.
    """

    group: Group
    service: str
    managed_by: Manager
    by_default: ByDefault
    because: str
    yours: str
    types: tuple[str, ...]
    roles: tuple[Role, ...] = ()
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


WORKSPACES: Final = "Microsoft.MachineLearningServices/workspaces"
COMPUTES: Final = f"{WORKSPACES}/computes"
DATASTORES: Final = f"{WORKSPACES}/datastores"
STORAGE: Final = "Microsoft.Storage/storageAccounts"
VAULTS: Final = "Microsoft.KeyVault/vaults"
CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
DATABRICKS: Final = "Microsoft.Databricks/workspaces"

COSMOS_DB_RULES: Final = (
    "cosmos-db/automatic-failover",
    "cosmos-db/second-region",
    "cosmos-db/zone-redundant",
    "cosmos-db/continuous-backup",
    "cosmos-db/multi-region-writes",
)
AKS_RULES: Final = (
    "aks/standard-tier",
    "aks/zone-spanning-pools",
    "aks/system-pool-size",
    "aks/user-pool-size",
    "aks/autoscaler",
    "aks/second-region",
)
ZONES_OF_STORAGE: Final = (
    "storage/zone-redundant",
    "storage/zones-beside-geo",
    "storage/zonal-region",
    "storage/general-purpose-v2",
)
REGIONS_OF_STORAGE: Final = ("storage/geo-redundant", "storage/geo-beside-zones", "storage/paired-region")
DELETED_BLOBS: Final = ("storage/blob-soft-delete", "storage/container-soft-delete")
CONVERTING: Final = "While a change of redundancy is under way, which can take days, the account is left alone."

INFRASTRUCTURE: Final = (
    Responsibility(
        Group.INFRASTRUCTURE,
        "Azure Machine Learning workspace",
        Manager.MICROSOFT,
        ByDefault.NO,
        "Microsoft runs it in one region, without automatic failover or disaster recovery, and its metadata (run "
        "history, models, environments) can be neither backed up nor restored.",
        "Choose a region with availability zones, and keep a second workspace in another region, deployed from the "
        "same code. Keep jobs, environments and models as code.",
        (WORKSPACES,),
        rules=("workspace/disaster-recovery", "workspace/zonal-region"),
        notes=(
            "The workspace itself has no setting for high availability; Microsoft's service level is 99.9 %.",
            "A project shares what its hub has: the hub is judged for it.",
        ),
    ),
    Responsibility(
        Group.INFRASTRUCTURE,
        "Cosmos DB of a workspace with a customer-managed key",
        Manager.BOTH,
        ByDefault.NO,
        "Its metadata lies in a Cosmos DB account, a search service and a storage account in your subscription, in a "
        "resource group that only Microsoft can change.",
        "Ask Microsoft about the redundancy of these stores, or keep the metadata with Microsoft by service-side "
        "encryption (preview). A Cosmos DB account that you bring is yours to configure, as is the vault of the key.",
        (WORKSPACES, "Microsoft.DocumentDB/databaseAccounts", VAULTS),
        (Role.CMK_BYO, Role.CMK_VAULT, Role.MANAGED_RG),
        ("workspace/customer-managed-key-stores", "key-vault/customer-managed-key", *COSMOS_DB_RULES),
        notes=(
            "Microsoft's pages differ: one says that you configure this Cosmos DB account, another that only Microsoft "
            "can change it.",
        ),
    ),
    Responsibility(
        Group.INFRASTRUCTURE,
        "Default storage",
        Manager.YOU,
        ByDefault.NO,
        "Locally redundant storage keeps every copy in one datacenter, and Azure Machine Learning cannot fail its "
        "default storage over.",
        "Make it zone-redundant and keep deleted data for some days. Give the second workspace a default storage "
        "account of its own.",
        (STORAGE,),
        (Role.DEFAULT_STORAGE,),
        (*ZONES_OF_STORAGE, *DELETED_BLOBS, "storage/share-soft-delete"),
        notes=(
            "Geo-redundancy protects the bytes of default storage only: never start a failover of it.",
            CONVERTING,
        ),
    ),
    Responsibility(
        Group.INFRASTRUCTURE,
        "Key vault",
        Manager.YOU,
        ByDefault.YES,
        "Vaults are zone-redundant by themselves where the region has zones, and Microsoft fails them over to the "
        "paired region where there is one, for reading.",
        "Protect it against deletion (soft delete and purge protection). In regions without Microsoft's failover, keep "
        "a second vault in another region.",
        (VAULTS,),
        (Role.WORKSPACE_VAULT, Role.CMK_VAULT),
        (
            "key-vault/purge-protection",
            "key-vault/soft-delete",
            "key-vault/failover-region",
            "key-vault/customer-managed-key",
        ),
        notes=("Zone redundancy costs nothing and cannot be set; both SKUs have it.",),
    ),
    Responsibility(
        Group.INFRASTRUCTURE,
        "Container registry",
        Manager.YOU,
        ByDefault.PARTLY,
        "Registries and their replicas are zone-redundant by themselves where the region has zones, in every tier; the "
        "loss of the region stops image pulls.",
        "Use the Premium tier and replicate the registry to the region of the second workspace.",
        ("Microsoft.ContainerRegistry/registries",),
        (Role.WORKSPACE_REGISTRY,),
        (
            "container-registry/premium-sku",
            "container-registry/geo-replica",
            "container-registry/zonal-region",
            "container-registry/replica-routing",
        ),
        notes=(
            "The property zoneRedundancy may say Disabled although the registry is zone-redundant: it is a leftover, "
            "and checks that go by it report nothing real.",
            "The soft delete policy (preview) and geo-replication exclude each other: prefer geo-replication.",
        ),
    ),
    Responsibility(
        Group.INFRASTRUCTURE,
        "Application Insights with its Log Analytics workspace",
        Manager.YOU,
        ByDefault.PARTLY,
        "Application Insights has no setting for high availability: its data lie in a Log Analytics workspace, which "
        "goes on through the loss of a zone by itself in regions that support it.",
        "Use workspace-based components, one in each region, and keep data long enough. Replicate the Log Analytics "
        "workspace to another region if telemetry has to outlive this one.",
        ("Microsoft.Insights/components", "Microsoft.OperationalInsights/workspaces"),
        (Role.WORKSPACE_APPINSIGHTS, Role.TELEMETRY_STORE),
        (
            "app-insights/workspace-based",
            "app-insights/retention",
            "app-insights/workspace-replication",
            "app-insights/daily-cap",
        ),
        notes=("Microsoft's service level is 99.9 %.",),
    ),
)

COMPUTE: Final = (
    Responsibility(
        Group.COMPUTE,
        "Compute instance",
        Manager.MICROSOFT,
        ByDefault.NO,
        "It is one virtual machine that Microsoft manages, without any setting for high availability.",
        "Keep notebooks in Git, and create the instance anew where it is needed. Never serve production from it.",
        (COMPUTES,),
        (Role.MANAGED_COMPUTE,),
        notes=("Nothing can be set, so no rule watches it.",),
    ),
    Responsibility(
        Group.COMPUTE,
        "Compute cluster",
        Manager.MICROSOFT,
        ByDefault.NO,
        "Microsoft manages its nodes in one region; jobs that an outage stops do not move and are not resumed.",
        "Use dedicated nodes in production and checkpoint long jobs. Create a cluster in the second region, with quota "
        "for it, and submit the jobs again there.",
        (COMPUTES,),
        (Role.MANAGED_COMPUTE,),
        ("compute/dedicated-cluster",),
        notes=("A cluster has no setting for high availability besides the priority of its nodes.",),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure Kubernetes Service, attached",
        Manager.YOU,
        ByDefault.NO,
        "By default a cluster is on the Free tier, which has no service level, and its nodes are in no zone of your "
        "choice.",
        "Use the Standard tier, node pools that span zones and enough nodes, attach it for production, and run a "
        "second cluster in another region.",
        (CLUSTERS, COMPUTES),
        (Role.ATTACHED_AKS,),
        (*AKS_RULES, "compute/production-aks", "compute/own-aks"),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure Kubernetes Service, created by Azure Machine Learning",
        Manager.YOU,
        ByDefault.NO,
        "High availability across regions is not supported for a cluster that Azure Machine Learning created.",
        "Attach a cluster of your own and redeploy the models there.",
        (CLUSTERS, COMPUTES),
        (Role.AML_PROVISIONED_AKS,),
        ("compute/own-aks", "compute/production-aks", *AKS_RULES),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure Databricks",
        Manager.YOU,
        ByDefault.PARTLY,
        "Control plane and cluster nodes are spread over zones by themselves where the region has zones; the storage "
        "behind the DBFS root is not, and a workspace lives in one region.",
        "Make the DBFS root zone-redundant and keep a second workspace in another region, with notebooks and jobs in "
        "Git and copied tables.",
        (DATABRICKS,),
        (Role.ATTACHED_DATABRICKS,),
        ("databricks/disaster-recovery", "databricks/root-storage"),
        notes=(
            "Nodes are spread as far as zones have capacity; nothing can be set. Microsoft's service level is 99.95 %.",
            "The Standard tier ended on 2026-10-01: Azure upgrades such workspaces to Premium, at another price.",
        ),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure Container Instances",
        Manager.YOU,
        ByDefault.NO,
        "Azure puts a container group that names no zone anywhere in the region, and moves it nowhere when it fails.",
        "Pin groups to zones and run at least two, in different zones behind a load balancer; better, serve models "
        "from managed online endpoints.",
        ("Microsoft.ContainerInstance/containerGroups",),
        (Role.ACI_ENDPOINT,),
        ("container-instances/zonal",),
        notes=(
            "Failover belongs to an orchestrator, such as AKS virtual nodes or NGroups. Spot and Confidential groups "
            "cannot be put in a zone.",
        ),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure HDInsight",
        Manager.YOU,
        ByDefault.NO,
        "Head nodes, gateways and ZooKeeper are doubled inside the cluster, but the cluster stops with its zone.",
        "Create it in a zone of your choice, keep a standby cluster elsewhere, and see to the storage accounts and SQL "
        "databases that it uses.",
        ("Microsoft.HDInsight/clusters", STORAGE),
        (Role.ATTACHED_HDINSIGHT, Role.HDINSIGHT_STORAGE),
        ("hdinsight/zonal", "storage/zone-redundant"),
        notes=(
            "Inside the cluster nothing is left to do. Microsoft's service level is 99.9 %.",
            "Its storage and its SQL databases are watched by the rules of those services.",
        ),
    ),
)

DATA_STORES: Final = (
    Responsibility(
        Group.DATA_STORES,
        "Azure Blob container",
        Manager.YOU,
        ByDefault.NO,
        "Locally redundant storage keeps every copy in one datacenter.",
        "Keep copies in several zones and in the paired region, and keep deleted and overwritten data for some days.",
        (STORAGE,),
        (Role.ADDITIONAL_DATASTORE,),
        (*ZONES_OF_STORAGE, *REGIONS_OF_STORAGE, *DELETED_BLOBS, "storage/blob-versioning"),
        notes=(CONVERTING,),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Azure file share",
        Manager.YOU,
        ByDefault.NO,
        "Locally redundant storage keeps every copy in one datacenter.",
        "Keep copies in several zones and in the paired region, and keep deleted shares for some days. A copy in the "
        "paired region can be read only after a failover.",
        (STORAGE,),
        (Role.ADDITIONAL_DATASTORE,),
        (*ZONES_OF_STORAGE, *REGIONS_OF_STORAGE, "storage/share-soft-delete"),
        notes=(CONVERTING,),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Azure Data Lake Storage Gen2",
        Manager.YOU,
        ByDefault.NO,
        "Locally redundant storage keeps every copy in one datacenter.",
        "Keep copies in several zones and in the paired region, and keep deleted data for some days. Where the region "
        "has no pair, a copy job has to do: object replication does not exist for it.",
        (STORAGE,),
        (Role.ADDITIONAL_DATASTORE, Role.DATABRICKS_EXTERNAL),
        (*ZONES_OF_STORAGE, *REGIONS_OF_STORAGE, *DELETED_BLOBS),
        notes=(CONVERTING,),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Azure Data Lake Storage Gen1",
        Manager.YOU,
        ByDefault.NO,
        "It was retired on 2024-02-29.",
        "Move the data to Data Lake Storage Gen2 and point datastores and data assets at it.",
        ("Microsoft.DataLakeStore/accounts", DATASTORES),
        (Role.ADDITIONAL_DATASTORE,),
        ("data-lake/gen1-retired", "data-lake/datastore-type"),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Azure SQL Database",
        Manager.YOU,
        ByDefault.NO,
        "A database goes on through the loss of a node, but not of its zone.",
        "Choose a tier that can be zone-redundant and turn that on, keep backups in several zones, and replicate the "
        "database to another region with a failover group.",
        ("Microsoft.Sql/servers/databases",),
        (Role.ADDITIONAL_DATASTORE,),
        (
            "sql-database/business-critical-zones",
            "sql-database/general-purpose-zones",
            "sql-database/hyperscale-zones",
            "sql-database/zonal-tier",
            "sql-database/failover-group",
            "sql-database/backup-redundancy",
        ),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Azure SQL Database, elastic pool",
        Manager.YOU,
        ByDefault.NO,
        "The databases of a pool go on through the loss of a node, but not of its zone.",
        "Turn zone redundancy on for the pool: its databases follow it.",
        ("Microsoft.Sql/servers/elasticPools",),
        (Role.ADDITIONAL_DATASTORE,),
        ("sql-database/elastic-pool-zones",),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Azure Database for PostgreSQL, flexible server",
        Manager.YOU,
        ByDefault.NO,
        "Without high availability there is one server in one zone.",
        "Add a standby in another zone, which needs a tier above Burstable, let storage grow, and choose "
        "geo-redundant backup when you create the server.",
        ("Microsoft.DBforPostgreSQL/flexibleServers",),
        (Role.ADDITIONAL_DATASTORE,),
        (
            "postgresql/zone-redundant-standby",
            "postgresql/tier-with-standby",
            "postgresql/standby-in-another-zone",
            "postgresql/geo-backup",
            "postgresql/storage-auto-grow",
            "postgresql/same-zone-standby",
        ),
        notes=(
            "A standby that is being created, copied to or failed over to protects nothing yet: that usually passes by "
            "itself; look at it when it lasts for more than an hour.",
        ),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Azure Database for PostgreSQL, single server",
        Manager.YOU,
        ByDefault.NO,
        "It was retired on 2025-03-28.",
        "Move to a flexible server.",
        ("Microsoft.DBforPostgreSQL/servers",),
        (Role.ADDITIONAL_DATASTORE,),
        ("postgresql/single-server-retired",),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Azure Database for MySQL, flexible server",
        Manager.YOU,
        ByDefault.NO,
        "Without high availability there is one server in one zone.",
        "Choose zone-redundant high availability when you create the server, or add a standby in the same zone later; "
        "both need a tier above Burstable. Let storage grow and keep backups in the paired region.",
        ("Microsoft.DBforMySQL/flexibleServers",),
        (Role.ADDITIONAL_DATASTORE,),
        (
            "mysql/zone-redundant-standby",
            "mysql/same-zone-standby",
            "mysql/tier-with-standby",
            "mysql/geo-backup",
            "mysql/storage-auto-grow",
        ),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Azure Database for MySQL, single server",
        Manager.YOU,
        ByDefault.NO,
        "It was retired on 2024-09-16.",
        "Move to a flexible server.",
        ("Microsoft.DBforMySQL/servers",),
        (Role.ADDITIONAL_DATASTORE,),
        ("mysql/single-server-retired",),
    ),
    Responsibility(
        Group.DATA_STORES,
        "Databricks file system",
        Manager.BOTH,
        ByDefault.NO,
        "The DBFS root lies in an account that Databricks manages, in one region and by default without zones, and is "
        "deleted with its workspace.",
        "Keep production data out of it, in a storage account of your own, and say so with the tag ha-bot-dbfs-root.",
        (DATABRICKS,),
        (Role.ADDITIONAL_DATASTORE, Role.ATTACHED_DATABRICKS),
        ("databricks/data-outside-dbfs", "databricks/root-storage"),
    ),
)

TABLE: Final = (*INFRASTRUCTURE, *COMPUTE, *DATA_STORES)
"""Every service, in the order of Microsoft's page."""
