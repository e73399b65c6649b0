"""What names what, and as what: read from workspaces and from what they lead to."""

from typing import Any

import pytest
from hypothesis import given

from remediation.topology import FOLLOWED, MOST_USES, is_name, is_whole, key_of, keys, uses
from rules.model import Children, Resource, Role, Use
from rules.resource_id import ResourceId
from tests.builders import (
    DATABRICKS_ID,
    GROUP,
    OTHER_SUBSCRIPTION,
    REGISTRY_ID,
    STORAGE_ID,
    SUBSCRIPTION,
    VAULT_ID,
    WORKSPACE_ID,
    Json,
    azure,
    ml_workspace,
)
from tests.rules.spoiling import spoiled

INSIGHTS_ID = f"{GROUP}/providers/Microsoft.Insights/components/appi-ml"
CLUSTER_ID = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-ml"
HDINSIGHT_ID = f"{GROUP}/providers/Microsoft.HDInsight/clusters/hdi-ml"
LOGS_ID = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log-ml"
POOL_ID = f"{GROUP}/providers/Microsoft.Sql/servers/sqlml/elasticPools/pool"
STORAGE = "microsoft.storage/storageaccounts/stml"
VAULT = "microsoft.keyvault/vaults/kvml"
REGISTRY = "microsoft.containerregistry/registries/crml"
DATA = "microsoft.storage/storageaccounts/stdata"
MANAGED = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-managed"
OWN = {STORAGE: [Role.DEFAULT_STORAGE], VAULT: [Role.WORKSPACE_VAULT], REGISTRY: [Role.WORKSPACE_REGISTRY]}
"""What the workspace of the tests uses in any case."""


def parsed(text: str) -> ResourceId:
    found = ResourceId.parse(text)
    assert found is not None
    return found


def used(children: Children | None = None, **properties: Any) -> dict[str, list[Role]]:
    """Roles by key, of a workspace."""
    found = uses(Resource.of(ml_workspace(**properties), children))
    assert {use.workspace_id for each in found for use in each.uses} <= {WORKSPACE_ID}
    return {each.key: [use.role for use in each.uses] for each in found}


def test_a_workspace_uses_what_it_names() -> None:
    assert used(applicationInsights=INSIGHTS_ID) == OWN | {INSIGHTS_ID.lower(): [Role.WORKSPACE_APPINSIGHTS]}


def test_what_a_workspace_names_by_id_is_known_by_id() -> None:
    found = uses(Resource.of(ml_workspace()))
    assert [str(each.id) for each in found] == [STORAGE_ID, VAULT_ID, REGISTRY_ID]


NO_REGISTRY = {"not built yet": None, "empty": "", "no id": "crml", "no text": 7, "a list": [REGISTRY_ID]}


@pytest.mark.parametrize("value", NO_REGISTRY.values(), ids=NO_REGISTRY)
def test_what_is_no_id_is_left_out(value: object) -> None:
    assert list(used(containerRegistry=value)) == [STORAGE, VAULT]


NOTHING: dict[str, Json] = {
    "no properties": {"id": WORKSPACE_ID, "properties": None},
    "no id": {"type": "Microsoft.MachineLearningServices/workspaces"},
    "a type that names nothing": {"id": VAULT_ID},
}


@pytest.mark.parametrize("body", NOTHING.values(), ids=NOTHING)
def test_what_names_nothing_uses_nothing(body: Json) -> None:
    assert uses(Resource.of(body)) == []


def test_one_resource_may_play_two_roles() -> None:
    assert used(keyVault=STORAGE_ID)[STORAGE] == [Role.DEFAULT_STORAGE, Role.WORKSPACE_VAULT]


def key(**properties: Any) -> Json:
    return {"encryption": {"status": "Enabled", "keyVaultProperties": properties}}


CMK_VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kvcmk"
CMK: dict[str, tuple[Json, dict[str, list[Role]]]] = {
    "the vault's id": (key(keyVaultArmId=CMK_VAULT), {"microsoft.keyvault/vaults/kvcmk": [Role.CMK_VAULT]}),
    "the key's URL": (key(keyIdentifier="https://KvCmk.vault.azure.net/keys/k/1"),
                      {"microsoft.keyvault/vaults/kvcmk": [Role.CMK_VAULT]}),
    "both": (key(keyVaultArmId=CMK_VAULT, keyIdentifier="https://kvcmk.vault.azure.net/keys/k"),
             {"microsoft.keyvault/vaults/kvcmk": [Role.CMK_VAULT]}),
    "its own vault": (key(keyVaultArmId=VAULT_ID), {VAULT: [Role.WORKSPACE_VAULT, Role.CMK_VAULT]}),
    "no URL": (key(keyIdentifier="kvcmk"), {}),
    "a managed HSM": (key(keyIdentifier="https://hsm.managedhsm.azure.net/keys/k"), {}),
    "a key that is not in use": (
        {"encryption": {"status": "Disabled", "keyVaultProperties": {"keyVaultArmId": CMK_VAULT,
                                                                     "keyIdentifier": "https://kvcmk.vault.azure.net/"}}},
        {}),
    "a group by its id": ({"serviceProvisionedResourceGroup": MANAGED}, {MANAGED: [Role.MANAGED_RG]}),
    "the group it lies in itself": ({"serviceProvisionedResourceGroup": "RG-ML"}, {}),
    "a group that no group can be called": ({"serviceProvisionedResourceGroup": "x" * 200}, {}),
    "its own stores": (
        {"encryption": {"cosmosDbResourceId": f"{GROUP}/providers/Microsoft.DocumentDB/databaseAccounts/cosmos",
                        "storageAccountResourceId": STORAGE_ID}},
        {"microsoft.documentdb/databaseaccounts/cosmos": [Role.CMK_BYO],
         STORAGE: [Role.DEFAULT_STORAGE, Role.CMK_BYO]},
    ),
    "a group that Microsoft manages": ({"serviceProvisionedResourceGroup": "RG-managed"}, {MANAGED: [Role.MANAGED_RG]}),
    "no group": ({"serviceProvisionedResourceGroup": ""}, {}),
    "a hub's further accounts": (
        {"workspaceHubConfig": {"additionalWorkspaceStorageAccounts": [STORAGE_ID.replace("stml", "stdata"), 7]}},
        {DATA: [Role.ADDITIONAL_DATASTORE]},
    ),
    "a hub's further accounts that are no list": (
        {"workspaceHubConfig": {"additionalWorkspaceStorageAccounts": STORAGE_ID}}, {}),
}  # fmt: skip


@pytest.mark.parametrize(("properties", "more"), CMK.values(), ids=CMK)
def test_a_workspace_names_in_its_properties(properties: Json, more: dict[str, list[Role]]) -> None:
    assert used(**properties) == OWN | more


def datastore(kind: object = "AzureBlob", **properties: Any) -> Json:
    return {"name": "ds", "properties": {"datastoreType": kind, **properties}}


DATASTORE: dict[str, list[Role]] = {f"{WORKSPACE_ID}/datastores/ds".lower(): []}
DATASTORES: dict[str, tuple[Json, dict[str, list[Role]]]] = {
    "blobs": (datastore(accountName="StData"), {DATA: [Role.ADDITIONAL_DATASTORE]}),
    "files": (datastore("AzureFile", accountName="stdata"), {DATA: [Role.ADDITIONAL_DATASTORE]}),
    "a lake": (datastore("azuredatalakegen2", accountName="stdata"), {DATA: [Role.ADDITIONAL_DATASTORE]}),
    "the old lake": (datastore("AzureDataLakeGen1", storeName="adls"),
                     {"microsoft.datalakestore/accounts/adls": [Role.ADDITIONAL_DATASTORE]}),
    "its default storage": (datastore(accountName="stml"), {}),
    "what no account can be called": (datastore(accountName="*"), {}),
    "a path": (datastore(accountName="a/providers/microsoft.keyvault/vaults/kv"), {}),
    "a name without end": (datastore(accountName="a" * 200), {}),
    "half a character": (datastore(accountName="a\ud800"), {}),
    "OneLake": (datastore("OneLake", oneLakeWorkspaceName="w"), {}),
    "no account": (datastore(accountName=None), {}),
    "no type": (datastore(None, accountName="stdata"), {}),
}  # fmt: skip


@pytest.mark.parametrize(("body", "more"), DATASTORES.values(), ids=DATASTORES)
def test_a_datastore_names_an_account(body: Json, more: dict[str, list[Role]]) -> None:
    assert used({"datastores": [body]}) == OWN | DATASTORE | more


IDS = {
    "subscription and group": ({"subscriptionId": OTHER_SUBSCRIPTION, "resourceGroup": "rg"}, True),
    "no group": ({"subscriptionId": SUBSCRIPTION, "resourceGroup": None}, False),
    "no subscription": ({"resourceGroup": "rg"}, False),
    "a group that steps up": ({"subscriptionId": SUBSCRIPTION, "resourceGroup": ".."}, False),
}


@pytest.mark.parametrize(("scope", "known"), IDS.values(), ids=IDS)
def test_a_datastores_account_has_an_id_where_its_scope_is_told(scope: Json, known: bool) -> None:
    found = uses(Resource.of(ml_workspace(), {"datastores": [datastore(accountName="stdata", **scope)]}))
    (data,) = (each for each in found if each.key == DATA)
    group = f"/subscriptions/{scope.get('subscriptionId')}/resourceGroups/rg"
    assert (str(data.id) == f"{group}/providers/microsoft.storage/storageaccounts/stdata") is known
    assert (data.id is not None) is known


def connection(target: object, **properties: Any) -> Json:
    return {"name": "c", "properties": {"category": "AzureSqlDb", "target": target, **properties}}


STORE = [Role.ADDITIONAL_DATASTORE]
CONNECTIONS: dict[str, tuple[object, list[str]]] = {
    "a connection string": ("Server=tcp:SqlMl.database.windows.net,1433;Database=Db One;Encrypt=True",
                            ["microsoft.sql/servers/databases/sqlml/db one"]),
    "the catalog's other name": ("Server=sqlml.database.windows.net;Initial Catalog=db",
                                 ["microsoft.sql/servers/databases/sqlml/db"]),
    "a server alone": ("sqlml.database.windows.net", ["microsoft.sql/servers/databases/sqlml/*"]),
    "another cloud": ("Server=sqlml.database.chinacloudapi.cn;database=db",
                      ["microsoft.sql/servers/databases/sqlml/db"]),
    "PostgreSQL": ("Server=pgml.postgres.database.azure.com;Database=db;Port=5432",
                   ["microsoft.dbforpostgresql/flexibleservers/pgml", "microsoft.dbforpostgresql/servers/pgml"]),
    "MySQL": ("mysqlml.mysql.database.azure.com",
              ["microsoft.dbformysql/flexibleservers/mysqlml", "microsoft.dbformysql/servers/mysqlml"]),
    "a lake": ("https://stdata.dfs.core.windows.net/fs", [DATA]),
    "blobs": ("https://stdata.blob.core.windows.net/", [DATA]),
    "its default storage": ("https://stml.blob.core.windows.net/", []),
    "Cosmos DB": ("https://cosmosml.documents.azure.com:443/", ["microsoft.documentdb/databaseaccounts/cosmosml"]),
    "Databricks": ("https://adb-1.2.azuredatabricks.net/",
                   ["microsoft.databricks/workspaces/adb-1.2.azuredatabricks.net"]),
    "something else": ("https://example.com/database.windows.net", []),
    "a host that goes on": ("https://sqlml.database.windows.net.example.com", []),
    "a host that begins before": ("https://a.sqlml.database.windows.net", []),
    "a private link": ("sqlml.privatelink.database.windows.net", ["microsoft.sql/servers/databases/sqlml/*"]),
    "the readable secondary": ("group.secondary.database.windows.net", ["microsoft.sql/servers/databases/group/*"]),
    "a secondary end point": ("https://stdata-secondary.blob.core.windows.net", [DATA]),
    "a DNS zone": ("https://stdata.z01.blob.storage.azure.net/", [DATA]),
    "a database without end": (f"Server=sqlml.database.windows.net;Database={'x' * 3000}", []),
    "a target without end": (f"{' ' * 5000}sqlml.database.windows.net", []),
    "a database of half a character": ("Server=sqlml.database.windows.net;Database=\ud800", []),
    "a port behind it": ("tcp:sqlml.database.windows.net,1433", ["microsoft.sql/servers/databases/sqlml/*"]),
    "nothing": (None, []),
    "no text": (7, []),
}  # fmt: skip


@pytest.mark.parametrize(("target", "names"), CONNECTIONS.values(), ids=CONNECTIONS)
def test_a_connection_names_by_host(target: object, names: list[str]) -> None:
    assert used({"connections": [connection(target)]}) == OWN | dict.fromkeys(names, STORE)


def test_a_connection_may_name_by_id() -> None:
    told = connection("https://example.com", metadata={"ResourceId": STORAGE_ID.replace("stml", "stdata")})
    assert used({"connections": [told]}) == OWN | {DATA: STORE}


def compute(kind: object, resource_id: object = None, **properties: Any) -> Json:
    return {"name": "c1", "properties": {"computeType": kind, "resourceId": resource_id, **properties}}


COMPUTE = f"{WORKSPACE_ID}/computes/c1".lower()
COMPUTES: dict[str, tuple[Json, dict[str, list[Role]]]] = {
    "an instance": (compute("ComputeInstance"), {COMPUTE: [Role.MANAGED_COMPUTE]}),
    "a cluster": (compute("AmlCompute"), {COMPUTE: [Role.MANAGED_COMPUTE]}),
    "attached AKS": (compute("AKS", CLUSTER_ID, isAttachedCompute=True),
                     {COMPUTE: [], CLUSTER_ID.lower(): [Role.ATTACHED_AKS]}),
    "attached Kubernetes": (compute("Kubernetes", CLUSTER_ID), {COMPUTE: [], CLUSTER_ID.lower(): [Role.ATTACHED_AKS]}),
    "AKS made here": (compute("AKS", CLUSTER_ID, isAttachedCompute=False),
                      {COMPUTE: [], CLUSTER_ID.lower(): [Role.AML_PROVISIONED_AKS]}),
    "Databricks": (compute("Databricks", DATABRICKS_ID),
                   {COMPUTE: [], DATABRICKS_ID.lower(): [Role.ATTACHED_DATABRICKS]}),
    "Databricks by its URL": (compute("Databricks", properties={"workspaceUrl": "adb-1.2.azuredatabricks.net"}),
                              {COMPUTE: [], "microsoft.databricks/workspaces/adb-1.2.azuredatabricks.net":
                                            [Role.ATTACHED_DATABRICKS]}),
    "HDInsight": (compute("HDInsight", HDINSIGHT_ID),
                  {COMPUTE: [], "microsoft.hdinsight/clusters/hdi-ml": [Role.ATTACHED_HDINSIGHT]}),
    "HDInsight by its host": (compute("HDInsight", properties={"address": "hdi-ml-ssh.azurehdinsight.net"}),
                              {COMPUTE: [], "microsoft.hdinsight/clusters/hdi-ml": [Role.ATTACHED_HDINSIGHT]}),
    "HDInsight without any name": (compute("HDInsight"), {COMPUTE: []}),
    "a virtual machine": (compute("VirtualMachine", f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm"),
                          {COMPUTE: []}),
    "no type": (compute(None), {COMPUTE: []}),
    "no name": ({"properties": {"computeType": "AKS"}}, {}),
}  # fmt: skip


@pytest.mark.parametrize(("body", "more"), COMPUTES.values(), ids=COMPUTES)
def test_a_compute_names_what_is_attached(body: Json, more: dict[str, list[Role]]) -> None:
    assert used({"computes": [body]}) == OWN | more


def led_to(body: Json, *given_uses: Use) -> dict[str, tuple[Use, ...]]:
    return {each.key: each.uses for each in uses(Resource.of(body, uses=given_uses))}


def role(role: Role, owner: str = WORKSPACE_ID) -> Use:
    return Use(role, owner)


ACCOUNTS = [{"name": "stdata.blob.core.windows.net", "resourceId": None}, {"resourceId": STORAGE_ID}, {"name": 7}]
LEADS: dict[str, tuple[Json, Use, dict[str, Use]]] = {
    "a component to its logs": (azure("Microsoft.Insights/components/a", properties={"WorkspaceResourceId": LOGS_ID}),
                                role(Role.WORKSPACE_APPINSIGHTS), {LOGS_ID.lower(): role(Role.TELEMETRY_STORE)}),
    "a component of no workspace": (
        azure("Microsoft.Insights/components/a", properties={"WorkspaceResourceId": LOGS_ID}),
        role(Role.MANAGED_RG), {}),
    "a database to its pool": (azure("Microsoft.Sql/servers/s/databases/d", properties={"elasticPoolId": POOL_ID}),
                               role(Role.ADDITIONAL_DATASTORE),
                               {"microsoft.sql/servers/elasticpools/sqlml/pool": role(Role.ADDITIONAL_DATASTORE)}),
    "a cluster to its storage": (
        azure("Microsoft.HDInsight/clusters/h", properties={"storageProfile": {"storageaccounts": ACCOUNTS}}),
        role(Role.ATTACHED_HDINSIGHT),
        {DATA: role(Role.HDINSIGHT_STORAGE), STORAGE: role(Role.HDINSIGHT_STORAGE)}),
    "a cluster of no workspace": (
        azure("Microsoft.HDInsight/clusters/h", properties={"storageProfile": {"storageaccounts": ACCOUNTS}}),
        role(Role.MANAGED_RG), {}),
    "Databricks to its group": (
        azure("Microsoft.Databricks/workspaces/d", properties={"managedResourceGroupId": MANAGED.upper()}),
        role(Role.ATTACHED_DATABRICKS),
        {MANAGED: role(Role.MANAGED_RG, f"{GROUP}/providers/Microsoft.Databricks/workspaces/d")}),
    "Databricks without a group": (
        azure("Microsoft.Databricks/workspaces/d", properties={"managedResourceGroupId": "rg"}),
        role(Role.ATTACHED_DATABRICKS), {}),
    "AKS to the group of its nodes": (
        azure("Microsoft.ContainerService/managedClusters/c", properties={"nodeResourceGroup": "rg-managed"}),
        role(Role.ATTACHED_AKS),
        {MANAGED: role(Role.MANAGED_RG, f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/c")}),
}  # fmt: skip


@pytest.mark.parametrize(("body", "use", "found"), LEADS.values(), ids=LEADS)
def test_what_is_used_leads_on(body: Json, use: Use, found: dict[str, Use]) -> None:
    assert led_to(body, use) == {name: (led,) for name, led in found.items()}


def test_a_resource_is_remembered_under_a_name_that_is_its_own_in_the_whole_cloud() -> None:
    elsewhere = STORAGE_ID.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION).replace("rg-ml", "rg-two").upper()
    assert key_of(parsed(STORAGE_ID)) == key_of(parsed(elsewhere)) == STORAGE


def test_a_resource_whose_name_others_may_have_is_remembered_under_its_id() -> None:
    assert key_of(parsed(INSIGHTS_ID)) == INSIGHTS_ID.lower()


GROUP_KEY = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-ml"
DATABASE_ID = f"{GROUP}/providers/Microsoft.Sql/servers/SqlMl/databases/Db"
KEYS: dict[str, tuple[str, Json, tuple[str, ...]]] = {
    "an account": (STORAGE_ID, {}, (STORAGE, GROUP_KEY)),
    "a component": (INSIGHTS_ID, {}, (INSIGHTS_ID.lower(), GROUP_KEY)),
    "a database, named or all of its server's": (
        DATABASE_ID, {},
        ("microsoft.sql/servers/databases/sqlml/db", "microsoft.sql/servers/databases/sqlml/*", GROUP_KEY)),
    "Databricks, by id or URL": (
        DATABRICKS_ID, {"properties": {"workspaceUrl": "adb-1.2.azuredatabricks.net"}},
        (DATABRICKS_ID.lower(), "microsoft.databricks/workspaces/adb-1.2.azuredatabricks.net", GROUP_KEY)),
    "a database in a failover group": (
        DATABASE_ID,
        {"properties": {"failoverGroupId": f"{DATABASE_ID.partition('/databases')[0]}/failoverGroups/FgMl"}},
        ("microsoft.sql/servers/databases/sqlml/db", "microsoft.sql/servers/databases/sqlml/*",
         "microsoft.sql/servers/databases/fgml/db", "microsoft.sql/servers/databases/fgml/*", GROUP_KEY)),
    "Databricks without a URL": (DATABRICKS_ID, {}, (DATABRICKS_ID.lower(), GROUP_KEY)),
}  # fmt: skip


@pytest.mark.parametrize(("identity", "body", "expected"), KEYS.values(), ids=KEYS)
def test_the_uses_of_a_resource_are_found_under(identity: str, body: Json, expected: tuple[str, ...]) -> None:
    assert keys(parsed(identity), body) == expected


@pytest.mark.parametrize("name", ["workspaceblobstore", "workspacefilestore", "WorkspaceArtifactStore"])
def test_a_project_shows_its_default_storage_by_the_datastores_that_azure_made(name: str) -> None:
    """Its body may not name it; what protects it from geo-redundancy must not hang on that."""
    project = ml_workspace(storageAccount=None, keyVault=None, containerRegistry=None) | {"kind": "Project"}
    found = uses(Resource.of(project, {"datastores": [datastore(accountName="stml") | {"name": name}]}))
    assert {each.key: [use.role for use in each.uses] for each in found if each.uses} == {
        STORAGE: [Role.DEFAULT_STORAGE]
    }


def test_very_many_names_are_followed_up_to_a_number() -> None:
    stores = [datastore(accountName=f"st{number}") | {"name": f"d{number}"} for number in range(MOST_USES)]
    assert len(uses(Resource.of(ml_workspace(), {"datastores": stores}))) <= MOST_USES


WHOLE: dict[str, tuple[Json, bool]] = {
    "a workspace": (ml_workspace(), True),
    "without its storage": (ml_workspace(storageAccount=None), False),
    "a project without its storage": (ml_workspace(storageAccount=None) | {"kind": "Project"}, True),
    "without properties": ({"id": WORKSPACE_ID}, False),
    "a component": ({"id": INSIGHTS_ID, "properties": {}}, True),
}


@pytest.mark.parametrize(("body", "whole"), WHOLE.values(), ids=WHOLE)
def test_a_body_shows_what_it_names_or_not(body: Json, whole: bool) -> None:
    assert is_whole(Resource.of(body)) is whole


def test_a_key_is_a_name_or_an_id() -> None:
    assert is_name(STORAGE)
    assert not is_name(INSIGHTS_ID.lower())
    assert not is_name(GROUP_KEY)


@given(spoiled())
def test_reading_what_a_resource_names_never_raises(resource: Resource) -> None:
    assert isinstance(uses(resource), list)
    assert resource.type in FOLLOWED or uses(resource) == []
