"""From a workspace to all that it stands on, on real parts: roles by id, by name and by host, and what follows them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from remediation import topology
from rules.model import Role
from rules.resource_id import ResourceId
from tests.builders import (
    GROUP,
    REGISTRY_ID,
    STORAGE_ID,
    VAULT_ID,
    WORKSPACE_ID,
    Json,
    azure,
    event,
    ml_workspace,
    registry,
    storage_account,
)
from tests.remediation.harness import Bot

DATA_ID = STORAGE_ID.replace("stml", "stdata").replace("rg-ml", "rg-data")
DATASTORE_ID = f"{WORKSPACE_ID}/datastores/training"
CONNECTION_ID = f"{WORKSPACE_ID}/connections/sql"
COMPUTE_ID = f"{WORKSPACE_ID}/computes/cpu"
DATABASE_ID = f"{GROUP}/providers/Microsoft.Sql/servers/sqlml/databases/features"
POOL_ID = f"{GROUP}/providers/Microsoft.Sql/servers/sqlml/elasticPools/pool"
INSIGHTS_ID = f"{GROUP}/providers/Microsoft.Insights/components/appi-ml"
LOGS_ID = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log-ml"
ZONES = "storage/zone-redundant"
MANAGED_GROUP = GROUP.replace("rg-ml", "rg-nodes")


def roles(bot: Bot, resource_id: str) -> set[Role]:
    resource = ResourceId.parse(resource_id)
    assert resource is not None
    return {use.role for use in bot.services.store.uses(topology.keys(resource, bot.azure.body(resource_id) or {}))}


def datastore(**properties: Any) -> Json:
    return {"properties": {"datastoreType": "AzureBlob", "accountName": "stdata", **properties}}


def connection(target: str) -> Json:
    return {"properties": {"category": "AzureSqlDb", "target": target}}


def read(bot: Bot) -> set[str]:
    """The ids of all that was read."""
    return {line.path.lower() for line in bot.azure.reads()}


def test_a_datastore_gives_its_account_a_role_by_name_and_has_it_looked_at(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.azure.seed(DATA_ID, {**storage_account("Standard_LRS"), "id": DATA_ID, "name": "stdata"})
    bot.azure.seed(DATASTORE_ID, datastore())
    bot.see(event(DATASTORE_ID))
    assert roles(bot, DATA_ID) == {Role.ADDITIONAL_DATASTORE}
    assert DATA_ID.lower() in read(bot), "Resource Graph told where it is"
    assert ZONES in bot.services.store.cases(DATA_ID)


def test_an_account_made_after_the_datastore_that_names_it_has_its_role_from_the_start(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.azure.seed(DATASTORE_ID, datastore())
    bot.see(event(WORKSPACE_ID))
    bot.azure.seed(DATA_ID, {**storage_account("Standard_LRS"), "id": DATA_ID, "name": "stdata"})
    bot.see(event(DATA_ID, "event-2"))
    assert ZONES in bot.services.store.cases(DATA_ID)


def test_a_datastore_that_goes_takes_the_role_with_it(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.azure.seed(DATA_ID, {**storage_account("Standard_LRS"), "id": DATA_ID, "name": "stdata"})
    bot.azure.seed(DATASTORE_ID, datastore(subscriptionId=DATA_ID.split("/")[2], resourceGroup="rg-data"))
    bot.see(event(DATASTORE_ID))
    bot.azure.request("DELETE", DATASTORE_ID)
    bot.see(event(DATASTORE_ID, "event-2", eventType="Microsoft.Resources.ResourceDeleteSuccess"))
    assert roles(bot, DATA_ID) == set()
    assert not bot.case(DATA_ID, ZONES).state.is_open


def test_a_connection_leads_to_a_database_and_on_to_its_pool(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.azure.seed(
        DATABASE_ID, azure("Microsoft.Sql/servers/sqlml/databases/features", properties={"elasticPoolId": POOL_ID})
    )
    bot.azure.seed(DATABASE_ID.partition("/databases")[0], {"location": "westeurope"})
    bot.azure.seed(POOL_ID, azure("Microsoft.Sql/servers/sqlml/elasticPools/pool"))
    bot.azure.seed(CONNECTION_ID, connection("Server=tcp:sqlml.database.windows.net,1433;Database=features"))
    bot.see(event(CONNECTION_ID))
    assert roles(bot, DATABASE_ID) == roles(bot, POOL_ID) == {Role.ADDITIONAL_DATASTORE}
    assert {DATABASE_ID.lower(), POOL_ID.lower()} <= read(bot)


def test_a_component_leads_to_its_log_analytics_workspace(bot: Bot) -> None:
    bot.seed(ml_workspace(applicationInsights=INSIGHTS_ID), storage_account("Standard_ZRS"), registry("Premium"))
    bot.azure.seed(
        INSIGHTS_ID, azure("Microsoft.Insights/components/appi-ml", properties={"WorkspaceResourceId": LOGS_ID})
    )
    bot.azure.seed(LOGS_ID, azure("Microsoft.OperationalInsights/workspaces/log-ml"))
    bot.see(event(WORKSPACE_ID))
    assert roles(bot, LOGS_ID) == {Role.TELEMETRY_STORE}
    assert LOGS_ID.lower() in read(bot)


def test_a_registry_that_the_first_image_build_makes_is_picked_up(bot: Bot) -> None:
    bot.seed(ml_workspace(containerRegistry=None), storage_account("Standard_ZRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    assert roles(bot, REGISTRY_ID) == set()
    bot.seed(ml_workspace())
    bot.see(event(WORKSPACE_ID, "event-2"))
    assert roles(bot, REGISTRY_ID) == {Role.WORKSPACE_REGISTRY}


def test_what_lies_in_a_group_that_azure_manages_is_left_alone(bot: Bot) -> None:
    bot.seed(
        ml_workspace(serviceProvisionedResourceGroup="rg-data"), storage_account("Standard_ZRS"), registry("Premium")
    )
    bot.see(event(WORKSPACE_ID))
    managed = REGISTRY_ID.replace("rg-ml", "rg-data")
    bot.azure.seed(managed, {**registry("Basic"), "id": managed})
    bot.see(event(managed, "event-2"))
    assert bot.azure.writes() == []
    assert bot.services.store.cases(managed) == {}


def test_a_group_that_another_resource_manages_is_left_alone_before_that_was_seen(bot: Bot) -> None:
    bot.azure.seed(MANAGED_GROUP, {"location": "westeurope", "managedBy": f"{GROUP}/providers/Microsoft.X/ys/y"})
    managed = REGISTRY_ID.replace("rg-ml", "rg-nodes")
    bot.azure.seed(managed, {**registry("Basic"), "id": managed})
    bot.see(event(managed))
    assert (bot.azure.writes(), bot.told(), bot.services.store.cases(managed)) == ([], [], {})


def test_a_group_is_asked_about_once(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_LRS"), registry("Basic"))
    bot.see(event(WORKSPACE_ID))
    assert [line.path for line in bot.azure.reads()].count(GROUP) == 1


@pytest.mark.parametrize("status", [403, 404])
def test_nothing_is_done_where_the_group_cannot_be_read(bot: Bot, status: int) -> None:
    bot.seed(registry("Basic"))
    bot.azure.fault(method="GET", path="/resourceGroups/rg-ml$", status=status, code="AuthorizationFailed", times=None)
    bot.see(event(REGISTRY_ID))
    assert bot.azure.writes() == []


def test_a_part_of_a_workspace_brings_up_only_what_is_new(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    before = len(bot.azure.reads())
    bot.azure.seed(DATASTORE_ID, datastore())
    bot.azure.seed(DATA_ID, {**storage_account("Standard_ZRS"), "id": DATA_ID, "name": "stdata"})
    bot.see(event(DATASTORE_ID, "event-2"))
    seen = [line.path.lower() for line in bot.azure.reads()[before:]]
    assert STORAGE_ID.lower() not in seen
    assert seen.count(DATA_ID.lower()) == 1


def test_a_workspace_that_is_being_changed_is_followed_when_azure_has_finished(start: Callable[..., Bot]) -> None:
    bot = start(rules=("workspace/zonal-region",))
    bot.seed(ml_workspace(provisioningState="Updating"), storage_account("Standard_ZRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    assert read(bot) == {WORKSPACE_ID.lower()}
    bot.seed(ml_workspace())
    bot.later(timedelta(minutes=1))
    assert roles(bot, STORAGE_ID) == {Role.DEFAULT_STORAGE}


def test_a_body_without_properties_takes_nothing_back(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    bot.seed({"id": WORKSPACE_ID, "location": "westeurope"})
    bot.see(event(WORKSPACE_ID, "event-2"))
    assert roles(bot, STORAGE_ID) == {Role.DEFAULT_STORAGE}


def test_names_without_end_do_not_stop_the_checks_of_a_workspace(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_LRS"), registry("Premium"))
    bot.azure.seed(CONNECTION_ID, connection(f"Server=tcp:sqlml.database.windows.net;Database={'x' * 70_000}"))
    bot.azure.seed(DATASTORE_ID, datastore(accountName="a\ud800"))
    bot.see(event(WORKSPACE_ID))
    assert ZONES in bot.services.store.cases(STORAGE_ID)


@pytest.mark.parametrize("collection", ["computes", "connections", "datastores"])
def test_what_is_known_of_a_collection_stays_while_it_cannot_be_read(
    bot: Bot, caplog: pytest.LogCaptureFixture, collection: str
) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.azure.seed(DATASTORE_ID, datastore())
    bot.see(event(WORKSPACE_ID))
    bot.azure.forbid(bot.azure.bot, f"Microsoft.MachineLearningServices/workspaces/{collection}/read")
    bot.seed(ml_workspace(keyVault=None))
    bot.see(event(WORKSPACE_ID, "event-2"))
    assert roles(bot, DATA_ID) == {Role.ADDITIONAL_DATASTORE}
    assert roles(bot, VAULT_ID) == {Role.WORKSPACE_VAULT}, "not all was seen, so nothing is taken back"
    assert f"{collection} cannot be read" in caplog.text


def test_a_workspace_is_checked_without_resource_graph(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_LRS"), registry("Premium"))
    bot.azure.seed(DATASTORE_ID, datastore())
    bot.azure.fault(method="POST", path="/providers/Microsoft.ResourceGraph", status=503, times=None)
    bot.see(event(WORKSPACE_ID))
    assert "cannot be looked up" in caplog.text
    assert ZONES in bot.services.store.cases(STORAGE_ID), "what it names by id is checked all the same"


def test_the_computes_of_a_workspace_are_looked_at_with_it(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.azure.seed(COMPUTE_ID, {"location": "westeurope", "properties": {"computeType": "AmlCompute"}})
    bot.see(event(WORKSPACE_ID))
    assert roles(bot, COMPUTE_ID) == {Role.MANAGED_COMPUTE}
    assert COMPUTE_ID.lower() in read(bot)


def test_a_crash_before_the_dropped_are_checked_loses_no_check(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_LRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    bot.seed(ml_workspace(storageAccount=DATA_ID))
    with monkeypatch.context() as patch:
        patch.setattr(bot.services.store, "forget_uses", _die)
        with pytest.raises(KeyboardInterrupt):
            bot.see(event(WORKSPACE_ID, "event-2"))
    bot.work()
    assert not bot.case(STORAGE_ID, ZONES).state.is_open


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_more_names_than_are_followed_are_said_and_take_nothing_back(
    bot: Bot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    monkeypatch.setattr("remediation.topology.MOST_USES", 2)
    bot.see(event(WORKSPACE_ID, "event-2"))
    assert "names 2 resources or more" in caplog.text
    assert roles(bot, REGISTRY_ID) == {Role.WORKSPACE_REGISTRY}
