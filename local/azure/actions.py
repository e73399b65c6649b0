"""POST actions: the few that rules and their neighbours use. Any other is answered 501."""

from collections.abc import Callable, Mapping
from typing import Final

from local.azure.bodies import look, with_value, without
from local.azure.calls import Call, not_found, operation_base, require_container
from local.azure.ids import Address
from local.azure.messages import ArmError, Json, Response, unsupported
from local.azure.operations import Operation
from local.azure.providers import Poll
from local.azure.world import World, new_body

type Action = Callable[[World, Call, Json], Response]


def act(world: World, call: Call) -> Response:
    """Run an action on an existing resource."""
    require_container(world, call.at)
    body = world.get(call.at.id)
    if body is None:
        raise not_found(call.at)
    action = _ACTIONS.get(f"{call.at.type}/{call.at.tail}".lower())
    if action is None:
        raise unsupported(f"the action {call.at.type}/{call.at.tail}")
    return action(world, call, body)


def _start_account_migration(world: World, call: Call, account: Json) -> Response:
    """Convert the redundancy of a storage account; accountMigrations/default shows how far it is."""
    target = look(call.body, ("properties", "targetSkuName"))
    if not isinstance(target, str):
        raise ArmError(400, "InvalidRequestContent", "The property targetSkuName is required.")
    if look(account, ("properties", "accountMigrationInProgress")):
        raise ArmError(409, "Conflict", "A conversion of this account is in progress.")
    if target == look(account, ("sku", "name")):
        raise ArmError(400, "InvalidSkuConversion", f"The account already is {target}.")
    happened = call.happening(account["id"], existed=True)
    if call.changes_nothing:
        world.happenings.append(happened)
        return Response(202)
    _show(world, account["id"], target, "SubmittedForConversion")
    world.put(with_value(account, ("properties", "accountMigrationInProgress"), value=True))
    operation = Operation(
        base=operation_base(call.at, account),
        seconds=world.seconds(call.at.type),
        announces=happened,
        succeed=lambda: _end_migration(world, account["id"], target, "Complete"),
        fail=lambda: _end_migration(world, account["id"], target, "Failed"),
        halfway=lambda: _show(world, account["id"], target, "InProgress"),
        result=lambda: world.get(f"{account['id']}/accountMigrations/default"),
        error=call.failure,
    )
    world.begin(operation)
    world.settle()
    if not operation.is_running and not operation.error:
        return Response(200)
    return Response(202, None, operation.headers(call.request, Poll.LOCATION))


def _show(world: World, account_id: str, target: str, status: str) -> None:
    migration_id = f"{account_id}/accountMigrations/default"
    at = Address.parse(migration_id)
    if at and world.get(account_id):
        properties = {"targetSkuName": target, "migrationStatus": status}
        if status == "Failed":
            properties["migrationFailedReason"] = "ConversionFailed"
        world.put(new_body(at, migration_id, {"properties": properties}))


def _end_migration(world: World, account_id: str, target: str, status: str) -> None:
    _show(world, account_id, target, status)
    account = world.get(account_id)
    if account is None:
        return
    account = without(account, ("properties", "accountMigrationInProgress"))  # Azure shows true, or nothing
    if status == "Complete":
        account = {**account, "sku": {"name": target, "tier": target.split("_")[0]}}
    world.put(account)


def _change_failover_priority(world: World, call: Call, account: Json) -> Response:
    """Set the order of a Cosmos DB account's regions."""
    policies = call.body.get("failoverPolicies")
    if not isinstance(policies, list):
        raise ArmError(400, "BadRequest", "The property failoverPolicies is required.")
    priorities = {policy["locationName"].lower(): policy["failoverPriority"] for policy in policies}
    locations = [
        {**place, "failoverPriority": priorities.get(str(place["locationName"]).lower(), place["failoverPriority"])}
        for place in look(account, ("properties", "locations")) or []
    ]
    if not call.changes_nothing:
        world.put(with_value(account, ("properties", "locations"), locations))
    world.happenings.append(call.happening(account["id"], existed=True))
    return Response(204)


def _list_keys(world: World, call: Call, body: Json) -> Response:
    """The shape of an answer without any secret: an action that changes nothing and still raises an event."""
    world.happenings.append(call.happening(body["id"], existed=True))
    return Response(200, {"keys": []})


def _diagnose(world: World, call: Call, body: Json) -> Response:
    """A workspace's self-test that finds nothing."""
    world.happenings.append(call.happening(body["id"], existed=True))
    return Response(200, {"value": {}})


_ACTIONS: Final[Mapping[str, Action]] = {
    "microsoft.storage/storageaccounts/startaccountmigration": _start_account_migration,
    "microsoft.storage/storageaccounts/listkeys": _list_keys,
    "microsoft.documentdb/databaseaccounts/failoverprioritychange": _change_failover_priority,
    "microsoft.machinelearningservices/workspaces/diagnose": _diagnose,
}
