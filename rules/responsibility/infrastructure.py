"""The infrastructure of a workspace: who sees to it, and which rules watch it. Pure data."""

from typing import Final

from rules.model import Role
from rules.responsibility.model import ByDefault, Group, Manager, Responsibility
from rules.responsibility.names import CONVERTING, DELETED_BLOBS, STORAGE, WORKSPACES, ZONES_OF_STORAGE

VAULTS: Final = "Microsoft.KeyVault/vaults"
COSMOS_DB_RULES: Final = (
    "cosmos-db/automatic-failover",
    "cosmos-db/second-region",
    "cosmos-db/zone-redundant",
    "cosmos-db/continuous-backup",
    "cosmos-db/multi-region-writes",
)

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
