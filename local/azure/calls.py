"""One authorised request on its way to the state, and what every kind of write shares."""

from dataclasses import dataclass

from local.azure.callers import Caller
from local.azure.faults import Fault
from local.azure.happenings import Happening, happening
from local.azure.ids import Address
from local.azure.messages import ArmError, Json, Request
from local.azure.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """A request, where it points, who sent it, the RBAC action it needed, and what is to go wrong with it."""

    request: Request
    at: Address
    caller: Caller
    action: str
    fault: Fault | None = None

    @property
    def changes_nothing(self) -> bool:
        """The write is to be accepted and forgotten."""
        return self.fault is not None and self.fault.effect == "accept_without_change"

    @property
    def failure(self) -> ArmError | None:
        """The error the write's operation is to end with."""
        return self.fault.error(409) if self.fault and self.fault.effect == "fail_operation" else None

    @property
    def body(self) -> Json:
        """The request's JSON object. Raises ArmError 400 for anything else."""
        if not isinstance(self.request.body, dict):
            raise ArmError(400, "InvalidRequestContent", "The request content is not a JSON object.")
        return self.request.body

    def happening(self, resource_id: str, *, existed: bool) -> Happening:
        """The write as Event Grid will tell it."""
        return happening(self.request, self.caller, resource_id, self.action, existed=existed)


def not_found(at: Address) -> ArmError:
    """404 for a group or a resource."""
    if at.is_group:
        return ArmError(404, "ResourceGroupNotFound", f"Resource group '{at.group}' could not be found.")
    name = "/".join((at.type, *at.names)) if len(at.names) == 1 else at.id
    return ArmError(404, "ResourceNotFound", f"The Resource '{name}' under resource group '{at.group}' was not found.")


def require_container(world: World, at: Address) -> None:
    """Raise the 404 of a missing group or parent."""
    if at.group and not at.is_group and world.get(at.group_id) is None:
        raise ArmError(404, "ResourceGroupNotFound", f"Resource group '{at.group}' could not be found.")
    parent = at.id if at.tail and at.names else at.parent
    if parent and world.get(parent) is None:
        raise ArmError(
            404,
            "ParentResourceNotFound",
            f"Failed to perform the operation on resource(s) of type '{at.type}', because the parent resource "
            f"'{parent}' could not be found.",
        )


def operation_base(at: Address, body: Json) -> str:
    """Where a provider keeps the operations of a resource's region."""
    location = str(body.get("location") or "global").lower().replace(" ", "")
    provider = at.provider or "Microsoft.Resources"
    return f"/subscriptions/{at.subscription}/providers/{provider}/locations/{location}"
