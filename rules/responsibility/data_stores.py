"""Where data lies: who sees to it, and which rules watch it. Pure data."""

from typing import Final

from rules.model import Role
from rules.responsibility.model import ByDefault, Group, Manager, Responsibility
from rules.responsibility.names import CONVERTING, DATABRICKS, DELETED_BLOBS, STORAGE, WORKSPACES, ZONES_OF_STORAGE

DATASTORES: Final = f"{WORKSPACES}/datastores"
REGIONS_OF_STORAGE: Final = ("storage/geo-redundant", "storage/geo-beside-zones", "storage/paired-region")

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
