"""PUT, PATCH and DELETE of one resource: checked, applied at once or as a long-running operation, announced."""

from local.azure import service_rules
from local.azure.bodies import look, merge_patch
from local.azure.calls import Call, not_found, operation_base, require_container
from local.azure.children import keep_implicit_children
from local.azure.happenings import Happening
from local.azure.ids import Address
from local.azure.messages import ArmError, Json, Response, unsupported
from local.azure.operations import Operation
from local.azure.providers import Behaviour, Verb, behaviour_of, body_type
from local.azure.service_rules import Change
from local.azure.world import World


def put(world: World, call: Call) -> Response:
    """Create a resource or replace its whole body; server-made fields stay."""
    at = call.at
    behaviour = behaviour_of(at.type)
    require_container(world, at)
    before = world.get(at.id)
    _check_location(at, behaviour, before, call.body)
    resource_id = before["id"] if before else world.stored_id(at)
    identity = {"id": resource_id, "name": before["name"] if before else at.name, "type": body_type(at)}
    sent = behaviour.sent(call.body, {**call.body, **identity})
    body = {**identity, **sent}
    after = behaviour.complete(behaviour.keep(body, before) if before else body)
    return _apply(world, call, Change("PUT", at, before, sent, after), behaviour.put)


def patch(world: World, call: Call) -> Response:
    """Merge a patch into a resource; null deletes, read-only fields are ignored."""
    at = call.at
    behaviour = behaviour_of(at.type)
    require_container(world, at)
    before = world.get(at.id)
    if behaviour.patch is None:
        raise ArmError(405, "MethodNotAllowed", f"The type {at.type} has no PATCH.")
    if before is None:
        raise not_found(at)
    sent = behaviour.sent(call.body, before)
    after = behaviour.complete(merge_patch(before, sent))
    return _apply(world, call, Change("PATCH", at, before, sent, after), behaviour.patch)


def delete(world: World, call: Call) -> Response:
    """Remove a resource and all below it; 204 when there is nothing to remove."""
    at = call.at
    require_container(world, at)
    before = world.get(at.id)
    if before is None:
        if at.is_group:
            raise not_found(at)
        return Response(204)
    behaviour = behaviour_of(at.type)
    _check_preconditions(call, behaviour, before)
    happened = call.happening(before["id"], existed=True)
    if _is_immediate(world, call, behaviour.delete):
        if not call.changes_nothing:
            world.remove(at.id)
        world.happenings.append(happened)
        return Response(behaviour.delete.done)
    if behaviour.life:
        world.put(behaviour.in_state(before, behaviour.life.deleting))
    operation = Operation(
        base=operation_base(at, before),
        seconds=world.seconds(at.type),
        announces=happened,
        succeed=lambda: world.remove(at.id),
        fail=lambda: _restore(world, before),
        result=lambda: None,
        error=call.failure,
    )
    world.begin(operation)
    return Response(behaviour.delete.running, None, operation.headers(call.request, behaviour.delete.poll))


def _apply(world: World, call: Call, change: Change, verb: Verb) -> Response:
    """Store what a PUT or PATCH makes of a resource, now or in time."""
    behaviour = behaviour_of(change.at.type)
    _check_preconditions(call, behaviour, change.before)
    service_rules.check(world, change)
    run = _apply_now if _is_immediate(world, call, verb) else _apply_in_time
    return run(world, call, change, verb)


def _apply_now(world: World, call: Call, change: Change, verb: Verb) -> Response:
    behaviour = behaviour_of(change.at.type)
    body = change.before or change.after
    if not call.changes_nothing:
        body = _store(world, behaviour.ready(change.after))
    world.happenings.append(_happening(call, change))
    return Response(verb.done if change.before else verb.created, body, behaviour.etag_header(body))


def _apply_in_time(world: World, call: Call, change: Change, verb: Verb) -> Response:
    behaviour = behaviour_of(change.at.type)
    running = world.put(_running_body(behaviour, change))
    operation = Operation(
        base=operation_base(change.at, change.after),
        seconds=world.seconds(change.at.type),
        announces=_happening(call, change),
        succeed=lambda: _finish(world, behaviour, change),
        fail=lambda: _restore(world, change.before or _failed_body(behaviour, change.after)),
        result=lambda: world.get(change.at.id),
        error=call.failure,
    )
    world.begin(operation)
    body = None if verb.running == 202 else running
    return Response(verb.running, body, operation.headers(call.request, verb.poll))


def _is_immediate(world: World, call: Call, verb: Verb) -> bool:
    """Whether the first answer is the last. Raises 501 when an operation shall fail where there is none."""
    if call.failure and not verb.running:
        raise unsupported(f"a failing operation of {call.request.method} {call.at.type}, which is synchronous")
    takes_time = verb.running and (world.seconds(call.at.type) or call.failure)
    return call.changes_nothing or not takes_time


def _store(world: World, body: Json) -> Json:
    stored = world.put(body)
    keep_implicit_children(world, stored)
    return stored


def _restore(world: World, body: Json) -> None:
    if world.get(body["id"]) is not None:
        _store(world, body)


def _finish(world: World, behaviour: Behaviour, change: Change) -> None:
    current = world.get(change.at.id)
    if current is not None:
        _store(world, behaviour.ready(current))


def _happening(call: Call, change: Change) -> Happening:
    return call.happening(change.after["id"], existed=change.before is not None)


def _running_body(behaviour: Behaviour, change: Change) -> Json:
    if behaviour.life is None:
        return change.after
    state = behaviour.life.updating if change.before else behaviour.life.creating
    return behaviour.in_state(change.after, state)


def _failed_body(behaviour: Behaviour, body: Json) -> Json:
    return behaviour.in_state(body, behaviour.life.failed) if behaviour.life else body


def _check_location(at: Address, behaviour: Behaviour, before: Json | None, sent: Json) -> None:
    if at.parent or not behaviour.needs_location:
        return
    location = sent.get("location")
    if not location:
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if before and _plain(before.get("location")) != _plain(location):
        raise ArmError(
            409,
            "InvalidResourceLocation",
            f"The resource '{at.name}' already exists in location '{before.get('location')}' in resource group "
            f"'{at.group}'. A resource with the same name cannot be created in location '{location}'.",
        )


def _check_preconditions(call: Call, behaviour: Behaviour, before: Json | None) -> None:
    headers = call.request.headers
    etag = look(before, behaviour.etag) if before and behaviour.etag else None
    if_match = headers.get("if-match")
    stale = if_match not in (None, "*") and etag is not None and if_match != etag
    missing = if_match is not None and before is None
    if stale or missing or (before and headers.get("if-none-match") == "*"):
        raise ArmError(412, "PreconditionFailed", "The condition of the request's If-Match header was not met.")
    if before and behaviour.is_busy(before):
        raise ArmError(409, "Conflict", f"Another operation on '{before['id']}' is in progress.")


def _plain(location: object) -> str:
    return str(location).lower().replace(" ", "")
