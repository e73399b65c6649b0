"""The tags of a resource or group as an extension resource: `…/providers/Microsoft.Resources/tags/default`."""

from local.azure.bodies import look
from local.azure.calls import Call
from local.azure.ids import Address
from local.azure.messages import ArmError, Json, Response, unsupported
from local.azure.world import World

type Tags = dict[str, str]


def tags(world: World, call: Call) -> Response:
    """Read or change the tags of what the address is under."""
    target = world.get(call.at.scope)
    if target is None:
        scope = Address.parse(call.at.scope)
        raise ArmError(404, "ResourceNotFound", f"The resource '{scope.id if scope else call.at.scope}' was not found.")
    before: Tags = target.get("tags") or {}
    after = _after(call, before)
    if call.request.method != "GET":
        if not call.changes_nothing:
            world.put({**target, "tags": after})
        world.happenings.append(call.happening(call.at.id, existed=bool(before)))
    return Response(200, None if call.request.method == "DELETE" else _answer(target, after))


def _after(call: Call, before: Tags) -> Tags:
    match call.request.method:
        case "GET":
            return before
        case "DELETE":
            return {}
        case "PUT":
            return _sent(call)
        case "PATCH":
            return _patched(call.body.get("operation"), before, _sent(call))
        case method:
            raise unsupported(f"{method} of tags")


def _patched(operation: object, before: Tags, sent: Tags) -> Tags:
    match operation:
        case "Merge":
            return {**before, **sent}
        case "Replace":
            return sent
        case "Delete":
            return {name: value for name, value in before.items() if name not in sent}
        case _:
            raise ArmError(400, "InvalidRequestContent", "The operation is one of Merge, Replace, Delete.")


def _sent(call: Call) -> Tags:
    sent = look(call.body, ("properties", "tags"))
    if not isinstance(sent, dict):
        raise ArmError(400, "InvalidRequestContent", "The property tags is required.")
    return sent


def _answer(target: Json, present: Tags) -> Json:
    return {
        "id": f"{target['id']}/providers/Microsoft.Resources/tags/default",
        "name": "default",
        "type": "Microsoft.Resources/tags",
        "properties": {"tags": present},
    }
