"""What is common to the plans: what only Azure sets, what is never sent, and the rights on what is linked.

A cluster's PATCH changes tags only, and node pools have none: plans PUT what was read, less what is read-only. PUT
answers 200 or 201 and runs on behind Azure-AsyncOperation (azure-mgmt-containerservice 41.8.0); If-Match takes the
eTag (Learn, aks/use-etags).
"""

import re
import shlex
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, Final

from remediation.azure_cli import in_group
from remediation.plan import Precondition
from rules.model import Body, Resource

JOIN: Final = "Microsoft.Network/virtualNetworks/subnets/join/action"
ASSIGN: Final = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"

POOL_READ_ONLY: Final = (
    "eTag",
    "provisioningState",
    "currentOrchestratorVersion",
    "nodeImageVersion",  # settable since 2026, to roll back to a former image: left out, it stays as it is
    "status",
    "localDNSProfile.state",
)
READ_ONLY: Final = (
    "id",
    "name",
    "type",
    "eTag",
    "systemData",
    "identity.principalId",
    "identity.tenantId",
    "identity.userAssignedIdentities.*.principalId",
    "identity.userAssignedIdentities.*.clientId",
    "properties.provisioningState",
    "properties.powerState",
    "properties.maxAgentPools",
    "properties.currentKubernetesVersion",
    "properties.fqdn",
    "properties.privateFQDN",
    "properties.azurePortalFQDN",
    "properties.resourceUID",
    "properties.status",
    "properties.addonProfiles.*.identity",
    "properties.podIdentityProfile.userAssignedIdentities.provisioningState",
    "properties.podIdentityProfile.userAssignedIdentities.provisioningInfo",
    "properties.oidcIssuerProfile.issuerURL",
    "properties.networkProfile.loadBalancerProfile.effectiveOutboundIPs",
    "properties.networkProfile.natGatewayProfile.effectiveOutboundIPs",
    "properties.privateLinkResources.privateLinkServiceID",
    "properties.ingressProfile.webAppRouting.identity",
    *(f"properties.agentPoolProfiles.{path}" for path in POOL_READ_ONLY),
)
"""What only Azure sets in a cluster (`*`: every member; lists: every item), after Azure/bicep-types-az 2026-05-01."""

LOGIN: Final = re.compile(r"://\S*@")
NAMES_USER: Final = "a URL in it names a user, perhaps with a password, which the bot neither stores nor sends"


def clean_cluster(body: Body) -> Body:
    """A cluster as read, less what is read-only."""
    return _without(body, READ_ONLY)


def clean_pool(body: Body) -> Body:
    """A pool as read, less what is read-only."""
    properties = body.get("properties")
    return {"properties": _without(properties if isinstance(properties, dict) else {}, POOL_READ_ONLY)}


def _without(body: Body, paths: Iterable[str]) -> dict[str, Any]:
    """The body less the values at these paths."""
    return reduce(lambda left, path: _drop(left, path.split(".")), paths, {**body})


def _drop(value: Any, steps: Sequence[str]) -> Any:
    if isinstance(value, list):
        return [_drop(item, steps) for item in value]
    if not isinstance(value, dict):
        return value
    step, *rest = steps
    if not rest:
        return {name: inner for name, inner in value.items() if name != step}
    return {name: _drop(inner, rest) if step in ("*", name) else inner for name, inner in value.items()}


def holds_login(value: Any) -> bool:
    """Whether any text of a body has a URL that names a user, as that of a proxy may (`http://user:secret@proxy`).

    What is sent is stored and journaled: a body with a secret in it must be neither.
    """
    if isinstance(value, dict):
        return any(holds_login(inner) for pair in value.items() for inner in pair)
    if isinstance(value, list):
        return any(holds_login(item) for item in value)
    return isinstance(value, str) and LOGIN.search(value) is not None


def linked(identities: object, *pools: Body) -> Sequence[Precondition]:
    """Rights on other resources that Azure asks for when they are named in what is sent."""
    found = []
    if any(pool.get("vnetSubnetID") or pool.get("podSubnetID") for pool in pools):
        found.append(Precondition(f"the bot may join the pools' subnets ({JOIN}: role remediator --linked)"))
    if identities:
        found.append(Precondition(f"the bot may assign its identities ({ASSIGN}: role remediator --linked)"))
    return found


def options_of(cluster: Resource) -> str:
    """The options that say which cluster a node pool belongs to."""
    return f"{in_group(cluster)} --cluster-name {shlex.quote(cluster.name)}"
