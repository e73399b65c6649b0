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


def storage_service(body: Json) -> Json:
    """Microsoft.Storage/storageAccounts/blobServices and fileServices: the account's SKU, and since when blobs can be
    restored to a point in time."""
    restore = (body.get("properties") or {}).get("restorePolicy") or {}
    since = {"lastEnabledTime": timestamp(), "minRestoreTime": timestamp()}
    own = {"sku": body["sku"]} if "sku" in body else {}
    return own | (_properties(restorePolicy=since) if restore.get("enabled") else {})


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
    domain = f"{body.get('location', 'westeurope')}.azmk8s.io"
    made = _properties(
        fqdn=f"{body['name']}-{_uuid(body)[:8]}.hcp.{domain}",
        azurePortalFQDN=f"{body['name']}-{_uuid(body)[:8]}.portal.hcp.{domain}",
        powerState={"code": "Running"},
        currentKubernetesVersion=(body.get("properties") or {}).get("kubernetesVersion", "1.33.2"),
        maxAgentPools=100,
        resourceUID=_uuid(body).replace("-", "")[:24],
    )
    own_identity = "SystemAssigned" in str((body.get("identity") or {}).get("type"))
    return made | ({"identity": {"principalId": _uuid(body), "tenantId": _uuid(body)}} if own_identity else {})


def agent_pool(body: Json) -> Json:
    """Microsoft.ContainerService/managedClusters/agentPools."""
    version = (body.get("properties") or {}).get("orchestratorVersion", "1.33.2")
    return _properties(currentOrchestratorVersion=version, nodeImageVersion="AKSUbuntu-2204gen2containerd-202611.02.0")


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


def sql_elastic_pool(_: Json) -> Json:
    """Microsoft.Sql/servers/elasticPools."""
    return _properties(creationDate=timestamp())


def postgresql_server(body: Json) -> Json:
    """Microsoft.DBforPostgreSQL/flexibleServers."""
    return _properties(fullyQualifiedDomainName=f"{body['name']}.postgres.database.azure.com")


def mysql_server(body: Json) -> Json:
    """Microsoft.DBforMySQL/flexibleServers."""
    return _properties(fullyQualifiedDomainName=f"{body['name']}.mysql.database.azure.com")


def secondary(body: Json) -> Json:
    """Storage accounts: what is shown of the copy in another region follows from the SKU. Not which region that is."""
    sku, properties = str((body.get("sku") or {}).get("name", "")), body.get("properties") or {}
    follow = ("secondaryEndpoints", "statusOfSecondary")
    kept = {name: value for name, value in properties.items() if name not in follow}
    if sku.endswith(("GRS", "GZRS")):
        kept["statusOfSecondary"] = "available"
    if sku.endswith(("RAGRS", "RAGZRS")):
        kept["secondaryEndpoints"] = {"blob": f"https://{body['name']}-secondary.blob.core.windows.net/"}
    return {**body, "properties": kept}


def unchanged(body: Json) -> Json:
    """Nothing follows from other fields."""
    return body


def standby(body: Json) -> Json:
    """PostgreSQL and MySQL servers: state and zone of the standby follow from the mode that is asked for."""
    properties = body.get("properties") or {}
    asked = properties.get("highAvailability") or {}
    mode, own = str(asked.get("mode", "")).lower(), properties.get("availabilityZone", "1")
    if mode == "disabled":
        shown = {name: value for name, value in asked.items() if name != "standbyAvailabilityZone"}
        return {**body, "properties": {**properties, "highAvailability": {**shown, "state": "NotEnabled"}}}
    if mode and asked.get("state", "NotEnabled") == "NotEnabled":
        zone = own if mode == "samezone" else next(each for each in "123" if each != own)
        shown = {**asked, "state": "Healthy", "standbyAvailabilityZone": zone}
        return {**body, "properties": {**properties, "highAvailability": shown}}
    return body


def regions(body: Json) -> Json:
    """Cosmos DB accounts: where each region is reached and which take writes; and only what its kind of backup has."""
    properties = {**(body.get("properties") or {})}
    if isinstance(places := properties.get("locations"), list):
        shown = [_region(body["name"], place) for place in places]
        several = properties.get("enableMultipleWriteLocations") is True
        properties |= {
            "locations": shown,
            "readLocations": shown,
            "writeLocations": [place for place in shown if several or place.get("failoverPriority") == 0],
            "failoverPolicies": [
                {name: place.get(name) for name in ("id", "locationName", "failoverPriority")} for place in shown
            ],
        }
    if isinstance(policy := properties.get("backupPolicy"), dict):
        other = "periodicModeProperties" if policy.get("type") == "Continuous" else "continuousModeProperties"
        properties["backupPolicy"] = {name: value for name, value in policy.items() if name != other}
    return {**body, "properties": properties}


def _region(account: str, place: Json) -> Json:
    host = f"{account}-{str(place.get('locationName')).lower().replace(' ', '')}"
    made = {
        "id": host,
        "documentEndpoint": f"https://{host}.documents.azure.com:443/",
        "provisioningState": "Succeeded",
    }
    return {**place, **made}
