"""Resources with their children and roles, healthy and not: a file for each service, as everywhere.

Every rule needs one that it fails and one that it passes; properties over the whole catalogue start from them.
"""

from tests.rules.examples import (
    aks,
    app_insights,
    compute,
    container_instances,
    container_registry,
    cosmos_db,
    data_lake,
    databricks,
    hdinsight,
    key_vault,
    mysql,
    postgresql,
    sql_database,
    storage,
    workspace,
)

EXAMPLES = (
    *workspace.EXAMPLES,
    *compute.EXAMPLES,
    *storage.EXAMPLES,
    *key_vault.EXAMPLES,
    *container_registry.EXAMPLES,
    *app_insights.EXAMPLES,
    *cosmos_db.EXAMPLES,
    *aks.EXAMPLES,
    *databricks.EXAMPLES,
    *container_instances.EXAMPLES,
    *hdinsight.EXAMPLES,
    *data_lake.EXAMPLES,
    *sql_database.EXAMPLES,
    *postgresql.EXAMPLES,
    *mysql.EXAMPLES,
)
