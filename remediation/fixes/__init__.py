"""Every remediation, by the name of the rule it answers.

To add one: write its planner in the file named as its rule's, and name it in REMEDIATIONS at the end of that file.
"""

from typing import Final

from remediation.fixes import (
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
from remediation.plan import Remediation

REMEDIATIONS: Final[dict[str, Remediation]] = {
    remediation.rule.name: remediation
    for service in (
        workspace,
        compute,
        storage,
        key_vault,
        container_registry,
        app_insights,
        cosmos_db,
        aks,
        databricks,
        container_instances,
        hdinsight,
        data_lake,
        sql_database,
        postgresql,
        mysql,
    )
    for remediation in service.REMEDIATIONS
}
