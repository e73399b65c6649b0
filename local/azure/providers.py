"""How each resource type answers: success codes, long-running style, states and server-made fields.

The codes are those Microsoft declares in azure-rest-api-specs; a code outside them breaks the typed clients.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag
from typing import Final

from local.azure import server_made
from local.azure.bodies import Path, fill, leaves, look, with_value, without
from local.azure.ids import Address
from local.azure.messages import Json


class Poll(Flag):
    """Which headers point at the operation."""

    NONE = 0
    STATUS = 1
    LOCATION = 2
    BOTH = 3


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb's answers: `done` when final at once (`created` for a new resource), `running` while it runs on."""

    done: int = 200
    created: int = 201
    running: int = 0
    poll: Poll = Poll.NONE


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Where a type shows its state, and the words it uses."""

    path: Path = ("properties", "provisioningState")
    ready: str = "Succeeded"
    creating: str = "Creating"
    updating: str = "Updating"
    deleting: str = "Deleting"
    failed: str = "Failed"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One resource type. A verb that is None is not offered: 405. `repeats` are read-only fields, each with the field
    whose value it takes; `follows` sets what else the service derives from the body."""

    type: str
    put: Verb = Verb()
    patch: Verb | None = Verb()
    delete: Verb = Verb()
    life: Lifecycle | None = Lifecycle()
    made: server_made.Made = server_made.nothing
    tier: Callable[[str], str] | None = None
    repeats: tuple[tuple[Path, Path], ...] = ()
    follows: server_made.Made = server_made.unchanged
    etag: Path = ()
    needs_location: bool = True

    def complete(self, body: Json) -> Json:
        """The body with absent server-made fields and the ready state filled in, and the tier that follows the sku."""
        filled = self.follows(fill(body, self.made(body)))
        if self.life and look(filled, self.life.path) is None:
            filled = with_value(filled, self.life.path, self.life.ready)
        for path, source in self.repeats:
            if (value := look(filled, source)) is not None:
                filled = with_value(filled, path, value)
        name = look(filled, ("sku", "name"))
        return with_value(filled, ("sku", "tier"), self.tier(name)) if self.tier and name else filled

    def in_state(self, body: Json, state: str) -> Json:
        """The body showing a state; unchanged for types that show none."""
        return with_value(body, self.life.path, state) if self.life else body

    def ready(self, body: Json) -> Json:
        """The body after a successful write: in the ready state, also when an earlier one had failed."""
        return self.in_state(body, self.life.ready) if self.life else body

    def etag_header(self, body: Json) -> dict[str, str]:
        """The ETag header, for types that have etags."""
        etag = look(body, self.etag) if self.etag else None
        return {"ETag": str(etag)} if etag else {}

    def sent(self, body: Json, like: Json) -> Json:
        """A client's body without what only the server may set."""
        for path in self._server_paths(like):
            body = without(body, path)
        return body

    def keep(self, body: Json, before: Json) -> Json:
        """A replacing body that keeps what the server had set."""
        for path in self._server_paths(before):
            if (value := look(before, path)) is not None:
                body = with_value(body, path, value)
        return body

    def _server_paths(self, like: Json) -> list[Path]:
        repeated = (path for path, _ in self.repeats)
        paths = [("id",), ("name",), ("type",), *leaves(self.made(like)), *repeated, self.etag]
        return [path for path in [*paths, self.life.path if self.life else ()] if path]

    def is_busy(self, body: Json) -> bool:
        """Whether a change is running, so that the service refuses another."""
        state = look(body, self.life.path) if self.life else None
        return str(state).lower() in _TRANSITIONAL


_TRANSITIONAL: Final = frozenset(
    {"accepted", "creating", "updating", "deleting", "provisioning", "inprogress"}
    | {"scaling", "upgrading", "dropping", "starting", "stopping"}
)
_SERVER_STATE: Final = Lifecycle(("properties", "state"), "Ready", "Updating", "Updating", "Dropping", "Disabled")
_DATABASE_STATE: Final = Lifecycle(("properties", "status"), "Online", "Creating", "Scaling", "Offline", "Offline")
_POOL_STATE: Final = Lifecycle(("properties", "state"), "Ready", "Creating", "Ready", "Disabled", "Disabled")

_SYNC: Final = Verb()
_ALWAYS_200: Final = Verb(created=200)
_201_STATUS: Final = Verb(running=201, poll=Poll.STATUS)
_200_LOCATION: Final = Verb(running=200, created=200, poll=Poll.LOCATION)
_202_LOCATION: Final = Verb(running=202, poll=Poll.LOCATION)
_202_BOTH: Final = Verb(running=202, poll=Poll.BOTH)
_DELETED_204: Final = Verb(done=204, running=202, poll=Poll.BOTH)

_GENERIC: Final = Behaviour("", put=_201_STATUS, patch=_202_LOCATION, delete=_202_LOCATION)

BEHAVIOURS: Final = (
    Behaviour("Microsoft.Resources/subscriptions/resourceGroups", delete=_202_LOCATION),
    Behaviour("Microsoft.Authorization/locks", patch=None, life=None, needs_location=False),
    Behaviour(
        "Microsoft.ContainerRegistry/registries",
        *(_201_STATUS, _201_STATUS, _202_LOCATION),
        made=server_made.registry,
        tier=str,
    ),
    Behaviour(
        "Microsoft.ContainerRegistry/registries/replications",
        *(_201_STATUS, _201_STATUS, _202_LOCATION),
        made=server_made.replication,
    ),
    Behaviour(
        "Microsoft.Storage/storageAccounts",
        *(Verb(created=200, running=202, poll=Poll.LOCATION), _SYNC, _SYNC),
        made=server_made.storage_account,
        tier=lambda name: name.split("_")[0],
        follows=server_made.secondary,
    ),
    Behaviour(
        "Microsoft.Storage/storageAccounts/blobServices",
        _ALWAYS_200,
        patch=None,
        life=None,
        made=server_made.storage_service,
    ),
    Behaviour(
        "Microsoft.Storage/storageAccounts/fileServices",
        _ALWAYS_200,
        patch=None,
        life=None,
        made=server_made.storage_service,
    ),
    Behaviour("Microsoft.Storage/storageAccounts/accountMigrations", patch=None, life=None),
    Behaviour("Microsoft.KeyVault/vaults", made=server_made.key_vault),
    Behaviour(
        "Microsoft.MachineLearningServices/workspaces",
        *(Verb(created=200, running=202, poll=Poll.LOCATION), _202_LOCATION, _202_LOCATION),
        made=server_made.ml_workspace,
    ),
    Behaviour("Microsoft.MachineLearningServices/workspaces/computes", _201_STATUS, _SYNC, _202_BOTH),
    Behaviour("Microsoft.MachineLearningServices/workspaces/datastores", patch=None, life=None),
    Behaviour("Microsoft.MachineLearningServices/workspaces/connections", life=None),
    Behaviour(
        "Microsoft.Databricks/workspaces",
        *(_201_STATUS, _202_LOCATION, _202_LOCATION),
        made=server_made.databricks_workspace,
    ),
    Behaviour(
        "Microsoft.DocumentDB/databaseAccounts",
        *(_200_LOCATION, _200_LOCATION, _DELETED_204),
        made=server_made.cosmos_account,
        follows=server_made.regions,
    ),
    Behaviour(
        "Microsoft.ContainerService/managedClusters",
        *(_201_STATUS, _SYNC, Verb(done=204, running=202, poll=Poll.LOCATION)),
        made=server_made.managed_cluster,
        etag=("eTag",),
    ),
    Behaviour(
        "Microsoft.ContainerService/managedClusters/agentPools",
        *(_201_STATUS, None, Verb(done=204, running=202, poll=Poll.LOCATION)),
        made=server_made.agent_pool,
        etag=("properties", "eTag"),
    ),
    Behaviour("Microsoft.Insights/components", _ALWAYS_200, made=server_made.component, etag=("etag",)),
    Behaviour(
        "Microsoft.OperationalInsights/workspaces",
        *(_201_STATUS, _SYNC, _202_LOCATION),
        made=server_made.log_workspace,
    ),
    Behaviour("Microsoft.ContainerInstance/containerGroups", _201_STATUS, _SYNC, _202_LOCATION),
    Behaviour(
        "Microsoft.HDInsight/clusters",
        *(_200_LOCATION, _SYNC, _202_LOCATION),
        made=server_made.hdinsight_cluster,
    ),
    Behaviour(
        "Microsoft.Sql/servers",
        *(_202_LOCATION, _202_LOCATION, _202_LOCATION),
        life=_SERVER_STATE,
        made=server_made.sql_server,
    ),
    Behaviour(
        "Microsoft.Sql/servers/databases",
        *(_202_LOCATION, _202_LOCATION, _202_LOCATION),
        life=_DATABASE_STATE,
        made=server_made.sql_database,
        repeats=(
            (("properties", "currentBackupStorageRedundancy"), ("properties", "requestedBackupStorageRedundancy")),
        ),
    ),
    Behaviour(
        "Microsoft.Sql/servers/elasticPools",
        *(_202_LOCATION, _202_LOCATION, _202_LOCATION),
        life=_POOL_STATE,
        made=server_made.sql_elastic_pool,
    ),
    Behaviour(
        "Microsoft.DBforPostgreSQL/flexibleServers",
        *(_202_BOTH, _202_BOTH, _202_BOTH),
        life=_SERVER_STATE,
        made=server_made.postgresql_server,
        follows=server_made.standby,
    ),
    Behaviour(
        "Microsoft.DBforMySQL/flexibleServers",
        *(_202_BOTH, _202_BOTH, _202_BOTH),
        life=_SERVER_STATE,
        made=server_made.mysql_server,
        follows=server_made.standby,
    ),
)
_BY_TYPE: Final = {behaviour.type.lower(): behaviour for behaviour in BEHAVIOURS}


def behaviour_of(resource_type: str) -> Behaviour:
    """How a type answers; types not listed answer in the most common way."""
    return _BY_TYPE.get(resource_type.lower(), _GENERIC)


def body_type(at: Address) -> str:
    """The `type` in a resource's body, in Azure's own casing where the type is known."""
    return "Microsoft.Resources/resourceGroups" if at.is_group else behaviour_of(at.type).type or at.type
