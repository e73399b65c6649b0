"""Who may do what: roles, locks and policies, with the words Azure refuses in."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from local.azure.callers import Caller
from local.azure.ids import LOCKS, Address, encloses
from local.azure.messages import ArmError, Json, Request

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_START_MIGRATION = "microsoft.storage/storageaccounts/startaccountmigration"
_WRITE_MIGRATION = "Microsoft.Storage/storageAccounts/accountMigrations/write"


@dataclass(slots=True)
class Access:
    """Permissions in the order they were given, the last matching one counts; without any, everything is allowed."""

    permissions: list[tuple[str, str, bool]] = field(default_factory=list)
    denials: list[tuple[str, str]] = field(default_factory=list)

    def allows(self, caller: Caller, action: str) -> bool:
        """Whether an identity may do an action, such as `Microsoft.Storage/storageAccounts/write`."""
        allowed = True
        for oid, pattern, verdict in self.permissions:
            if oid == caller.oid and fnmatchcase(action.lower(), pattern.lower()):
                allowed = verdict
        return allowed

    def permissions_of(self, caller: Caller) -> Json:
        """What an identity may do, as Azure lists it: everything, but for what was forbidden it."""
        said = {pattern.lower(): pattern for oid, pattern, _ in self.permissions if oid == caller.oid}
        forbidden = [pattern for pattern in said.values() if not self.allows(caller, pattern)]
        return {"actions": ["*"], "notActions": forbidden, "dataActions": [], "notDataActions": []}

    def denied_by(self, at: Address) -> str | None:
        """The name of the policy that denies writes to a resource: it names the type or encloses the id."""
        for target, policy in self.denials:
            if target.lower() == at.type.lower() or encloses(target, at.id):
                return policy
        return None


def action_of(request: Request, at: Address) -> str:
    """The RBAC action a request needs."""
    if request.method == "POST":
        name = f"{at.type}/{at.tail}"
        # Azure's list of operations has no action of this name: the conversion needs the right to write migrations.
        return _WRITE_MIGRATION if name.lower() == _START_MIGRATION else f"{name}/action"
    if at.tail and not at.provider:
        return f"Microsoft.Resources/subscriptions/{at.tail}/read"
    resource_type = at.collection_type if at.tail else at.type
    if not (at.provider or at.group):
        resource_type = "Microsoft.Resources/subscriptions"
    return f"{resource_type}/{_VERBS[request.method]}"


def forbidden(caller: Caller, action: str, scope: str) -> ArmError:
    """403, with the text operators know: it names the missing action."""
    return ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{caller.upn or caller.appid}' with object id '{caller.oid}' does not have authorization to "
        f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials.",
    )


def locked(request: Request, at: Address, locks: list[Json]) -> ArmError | None:
    """409 when a lock at an enclosing scope forbids the write: ReadOnly every write, CanNotDelete only deletes."""
    if at.type.lower() == LOCKS:
        return None
    scopes = [
        scope
        for lock in locks
        if encloses(scope := lock_scope(lock), at.id)
        and (lock["properties"]["level"] == "ReadOnly" or request.method == "DELETE")
    ]
    if not scopes:
        return None
    verb = "delete" if request.method == "DELETE" else "write"
    return ArmError(
        409,
        "ScopeLocked",
        f"The scope '{at.id}' cannot perform {verb} operation because following scope(s) are locked: "
        f"'{','.join(scopes)}'. Please remove the lock and try again.",
    )


def lock_scope(lock: Json) -> str:
    """What a lock is on."""
    return str(lock["id"])[: str(lock["id"]).lower().rindex("/providers/microsoft.authorization/locks/")]


def disallowed(at: Address, policy: str) -> ArmError:
    """403 RequestDisallowedByPolicy, with the violation in additionalInfo as Azure Policy writes it."""
    scope = f"/subscriptions/{at.subscription}"
    definition = f"{scope}/providers/Microsoft.Authorization/policyDefinitions/{policy}"
    assignment = f"{scope}/providers/Microsoft.Authorization/policyAssignments/{policy}"
    info = {
        "policyDefinitionDisplayName": policy,
        "policyDefinitionId": definition,
        "policyDefinitionName": policy,
        "policyDefinitionEffect": "deny",
        "policyAssignmentDisplayName": policy,
        "policyAssignmentId": assignment,
        "policyAssignmentName": policy,
        "policyAssignmentScope": scope,
    }
    return ArmError(
        403,
        "RequestDisallowedByPolicy",
        f"Resource '{at.name}' was disallowed by policy. Policy identifiers: "
        f'\'[{{"policyAssignment":{{"name":"{policy}","id":"{assignment}"}},'
        f'"policyDefinition":{{"name":"{policy}","id":"{definition}"}}}}]\'.',
        target=at.name,
        additionalInfo=[{"type": "PolicyViolation", "info": info}],
    )
