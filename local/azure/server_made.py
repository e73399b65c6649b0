"""Fields that Azure makes and no client can set, per resource type: end points, ids, dates."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.azure.messages import Json

type Made = Callable[[Json], Json]
"""From a body with id, name and location to the fields the service adds to it."""


def timestamp() -> str:
    """The present time as ARM writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _properties(**properties: Any) -> Json:
    return {"properties": properties}


def _uuid(body: Json) -> str:
    """The same id for the same resource in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, body["id"].lower()))


def nothing(_: Json) -> Json:
    """The service adds no fields."""
    return {}


def registry(body: Json) -> Json:
    """Microsoft.ContainerRegistry/registries."""
    return _properties(loginServer=f"{body['name'].lower()}.azurecr.io", creationDate=timestamp())


def replication(_: Json) -> Json:
    """Microsoft.ContainerRegistry/registries/replications."""
    return _properties(status={"displayStatus": "Ready", "timestamp": timestamp()})


def storage_account(body: Json) -> Json:
    """Microsoft.Storage/storageAccounts."""
    endpoints = {
        kind: f"https://{body['name']}.{kind}.core.windows.net/" for kind in ("blob", "file", "queue", "table")
    }
    return _properties(
        primaryEndpoints=endpoints,
        primaryLocation=body.get("location", ""),
        statusOfPrimary="available",
        creationTime=timestamp(),
    )


def key_vault(body: Json) -> Json:
    """Microsoft.KeyVault/vaults."""
    return _properties(vaultUri=f"https://{body['name']}.vault.azure.net/")


def ml_workspace(body: Json) -> Json:
    """Microsoft.MachineLearningServices/workspaces."""
    url = f"https://{body.get('location', 'westeurope')}.api.azureml.ms/discovery"
    return _properties(workspaceId=_uuid(body), discoveryUrl=url)


def databricks_workspace(body: Json) -> Json:
    """Microsoft.Databricks/workspaces."""
    number = str(uuid.UUID(_uuid(body)).int % 10**16)
    url = f"adb-{number}.{number[-1]}.azuredatabricks.net"
    return _properties(workspaceId=number, workspaceUrl=url, createdDateTime=timestamp())


def cosmos_account(body: Json) -> Json:
    """Microsoft.DocumentDB/databaseAccounts."""
    endpoint = f"https://{body['name']}.documents.azure.com:443/"
    return _properties(documentEndpoint=endpoint, instanceId=_uuid(body))


def managed_cluster(body: Json) -> Json:
    """Microsoft.ContainerService/managedClusters."""
    fqdn = f"{body['name']}-{_uuid(body)[:8]}.hcp.{body.get('location', 'westeurope')}.azmk8s.io"
    return _properties(fqdn=fqdn, powerState={"code": "Running"})


def component(body: Json) -> Json:
    """Microsoft.Insights/components."""
    return _properties(AppId=_uuid(body), InstrumentationKey=_uuid(body), CreationDate=timestamp())


def log_workspace(body: Json) -> Json:
    """Microsoft.OperationalInsights/workspaces."""
    return _properties(customerId=_uuid(body), createdDate=timestamp())


def hdinsight_cluster(_: Json) -> Json:
    """Microsoft.HDInsight/clusters."""
    return _properties(clusterState="Running", createdDate=timestamp())


def sql_server(body: Json) -> Json:
    """Microsoft.Sql/servers."""
    return _properties(fullyQualifiedDomainName=f"{body['name']}.database.windows.net")


def sql_database(body: Json) -> Json:
    """Microsoft.Sql/servers/databases."""
    return _properties(databaseId=_uuid(body), creationDate=timestamp())


def postgresql_server(body: Json) -> Json:
    """Microsoft.DBforPostgreSQL/flexibleServers."""
    return _properties(fullyQualifiedDomainName=f"{body['name']}.postgres.database.azure.com")


def mysql_server(body: Json) -> Json:
    """Microsoft.DBforMySQL/flexibleServers."""
    return _properties(fullyQualifiedDomainName=f"{body['name']}.mysql.database.azure.com")
