"""Which workspace uses which resource, and as what: read from what names others, remembered under what it names.

A workspace names what it stands on by id, its datastores storage accounts by name, its connections databases by host
name. Names of those types are unique in a cloud, so a resource is found under its name whatever group it lies in, and
also when it is made after the datastore that names it. What is used leads on: a component to its Log Analytics
workspace, a database to its elastic pool, a cluster to its storage. Pure.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from remediation.connections import named_in, storage_in
from rules.model import Body, Resource, Role, Use
from rules.resource_id import ResourceId
from rules.values import flag_at, text_at, value_at

WORKSPACE: Final = "microsoft.machinelearningservices/workspaces"
COMPUTE: Final = f"{WORKSPACE}/computes"
DATASTORE: Final = f"{WORKSPACE}/datastores"
COMPONENT: Final = "microsoft.insights/components"
CLUSTER: Final = "microsoft.containerservice/managedclusters"
DATABRICKS: Final = "microsoft.databricks/workspaces"
HDINSIGHT: Final = "microsoft.hdinsight/clusters"
DATABASE: Final = "microsoft.sql/servers/databases"
STORAGE: Final = "microsoft.storage/storageaccounts"
VAULT: Final = "microsoft.keyvault/vaults"
GEN1: Final = "microsoft.datalakestore/accounts"

GLOBALLY_NAMED: Final = frozenset(
    {STORAGE, VAULT, GEN1, HDINSIGHT, DATABASE, "microsoft.sql/servers/elasticpools"}
    | {"microsoft.containerregistry/registries", "microsoft.documentdb/databaseaccounts"}
    | {"microsoft.dbforpostgresql/flexibleservers", "microsoft.dbforpostgresql/servers"}
    | {"microsoft.dbformysql/flexibleservers", "microsoft.dbformysql/servers"}
)
"""Types whose names (for children: together with their parents') no two resources of a cloud share."""

DEPENDENCIES: Final = {
    "properties.storageAccount": Role.DEFAULT_STORAGE,
    "properties.keyVault": Role.WORKSPACE_VAULT,
    "properties.containerRegistry": Role.WORKSPACE_REGISTRY,
    "properties.applicationInsights": Role.WORKSPACE_APPINSIGHTS,
}
"""Properties of a workspace that hold a resource id. `containerRegistry` is null until the first image build."""

ENCRYPTION: Final = {
    "properties.encryption.keyVaultProperties.keyVaultArmId": Role.CMK_VAULT,
    "properties.encryption.cosmosDbResourceId": Role.CMK_BYO,
    "properties.encryption.storageAccountResourceId": Role.CMK_BYO,
    "properties.encryption.searchAccountResourceId": Role.CMK_BYO,
}
"""The same, of a workspace that is encrypted with a key of its own."""

STORES: Final = {
    "azureblob": (STORAGE, "properties.accountName"),
    "azurefile": (STORAGE, "properties.accountName"),
    "azuredatalakegen2": (STORAGE, "properties.accountName"),
    "azuredatalakegen1": (GEN1, "properties.storeName"),
}
"""What a datastore of each type names: the resource type, and where the name stands."""

SYSTEM_STORES: Final = frozenset(
    {"workspaceblobstore", "workspacefilestore", "workspaceartifactstore", "workspaceworkingdirectory"}
)
"""Datastores that every workspace has on its default storage; a project may show that storage in no other way."""

ATTACHED: Final = {
    "databricks": (DATABRICKS, Role.ATTACHED_DATABRICKS),
    "hdinsight": (HDINSIGHT, Role.ATTACHED_HDINSIGHT),
}
NAME: Final = re.compile(r"[\w.() -]{1,128}")
"""What can be a name at all: people write names into datastores and connections."""
MOST_USES: Final = 2000
MANAGED_COMPUTES: Final = ("computeinstance", "amlcompute")
AKS_COMPUTES: Final = ("aks", "kubernetes")


@dataclass(frozen=True, slots=True)
class Used:
    """Something that is used: the key it is found under, its id where that is known, and as what it is used.

    No uses: it belongs to what uses it (a datastore to its workspace), and is looked at together with it.
    """

    key: str
    id: ResourceId | None
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What one resource uses now and did not, or not so, and what it used and does not any more."""

    new: Sequence[Used]
    dropped: Sequence[Used]


FOLLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    WORKSPACE: ("computes", "connections", "datastores"),
    COMPONENT: (),
    CLUSTER: (),
    DATABRICKS: (),
    HDINSIGHT: (),
    DATABASE: (),
}
"""Types that name others, with the child collections that hold the names."""


def key_of(resource: ResourceId) -> str:
    """Where the uses of a resource are remembered."""
    if resource.type in GLOBALLY_NAMED:
        return _name_key(resource.type, *(name for _, name in resource.segments))
    return resource.key


def keys(resource: ResourceId, body: Body) -> tuple[str, ...]:
    """All keys that the uses of a resource may be remembered under: its own, its host name's, its group's."""
    return (key_of(resource), *_other_names(resource, body), _group_key(resource.subscription, resource.group))


def _other_names(resource: ResourceId, body: Body) -> Iterable[str]:
    """Databricks may be named by its URL, a database by its server alone or by the failover group it is in."""
    if resource.type == DATABRICKS and (url := text_at(body, "properties.workspaceUrl")):
        yield _name_key(DATABRICKS, url)
    if resource.type == DATABASE:
        server, database = (name for _, name in resource.segments)
        yield _name_key(DATABASE, server, "*")
        if group := text_at(body, "properties.failoverGroupId"):
            listener = group.rpartition("/")[2]
            yield from (_name_key(DATABASE, listener, database), _name_key(DATABASE, listener, "*"))


def is_whole(resource: Resource) -> bool:
    """Whether a body shows what it names. One that does not takes nothing back that was known."""
    if not isinstance(resource.get("properties"), dict):
        return False
    if resource.type != WORKSPACE or resource.text("kind") == "project":
        return True
    return ResourceId.parse(resource.get("properties.storageAccount")) is not None


def is_name(key: str) -> bool:
    """Whether a key is a type and a name, not the id of a resource or a resource group."""
    return not key.startswith("/")


def uses(resource: Resource) -> list[Used]:
    """Everything that a resource names. Its child collections, where it has any, stand in `children`; what cannot be
    understood is left out."""
    parsed = ResourceId.parse(resource.id)
    if parsed is None or resource.type not in FOLLOWED:
        return []
    found: dict[str, Used] = {}
    for used in _READERS[resource.type](resource, parsed):
        if len(found) == MOST_USES and used.key not in found:
            break
        before = found.get(used.key, used)
        together = tuple(dict.fromkeys((*before.uses, *used.uses)))
        found[used.key] = Used(used.key, before.id or used.id, together)
    return list(found.values())


def _workspace(workspace: Resource, identity: ResourceId) -> Iterable[Used]:
    for path, role in DEPENDENCIES.items():
        yield from _by_id(workspace.get(path), Use(role, workspace.id))
    yield from _encryption(workspace)
    yield from _managed_group(identity, workspace.get("properties.serviceProvisionedResourceGroup"))
    for account in _texts(workspace.get("properties.workspaceHubConfig.additionalWorkspaceStorageAccounts")):
        yield from _by_id(account, Use(Role.ADDITIONAL_DATASTORE, workspace.id))
    default = ResourceId.parse(workspace.get("properties.storageAccount"))
    own = key_of(default) if default else ""
    named = (*_datastores(workspace, identity), *_connections(workspace))
    yield from (used for used in named if used.key != own)  # its datastores on its default storage add no role
    yield from _computes(workspace, identity)


def _encryption(workspace: Resource) -> Iterable[Used]:
    """The vault of the customer-managed key, also by the key's URL: the property that holds its id is optional."""
    if workspace.text("properties.encryption.status") == "disabled":
        return
    for path, role in ENCRYPTION.items():
        yield from _by_id(workspace.get(path), Use(role, workspace.id))
    url = workspace.text("properties.encryption.keyVaultProperties.keyIdentifier") or ""
    scheme, _, host = url.partition("//")
    name, _, kind = host.partition(".")
    if scheme == "https:" and kind.startswith("vault."):  # not that of a managed HSM
        yield from _by_name(VAULT, name, use=Use(Role.CMK_VAULT, workspace.id))


def _datastores(workspace: Resource, identity: ResourceId) -> Iterable[Used]:
    for datastore in workspace.collection("datastores") or ():
        yield from _own(identity, "datastores", datastore)
        kind, path = STORES.get(text_at(datastore, "properties.datastoreType") or "", ("", ""))
        if kind and (name := text_at(datastore, path)):
            system = text_at(datastore, "name") in SYSTEM_STORES
            use = Use(Role.DEFAULT_STORAGE if system else Role.ADDITIONAL_DATASTORE, workspace.id)
            subscription = value_at(datastore, "properties.subscriptionId")
            group = value_at(datastore, "properties.resourceGroup")
            yield from _by_name(kind, name, use=use, scope=(subscription, group))


def _connections(workspace: Resource) -> Iterable[Used]:
    use = Use(Role.ADDITIONAL_DATASTORE, workspace.id)
    for connection in workspace.collection("connections") or ():
        yield from _by_id(value_at(connection, "properties.metadata.ResourceId"), use)
        for kind, *names in named_in(connection):
            yield from _by_name(kind, *names, use=use)


def _computes(workspace: Resource, identity: ResourceId) -> Iterable[Used]:
    for compute in workspace.collection("computes") or ():
        kind = text_at(compute, "properties.computeType") or ""
        own = [Use(Role.MANAGED_COMPUTE, workspace.id)] if kind in MANAGED_COMPUTES else []
        yield from _own(identity, "computes", compute, *own)
        yield from _attached(workspace, compute, kind)


def _attached(workspace: Resource, compute: Body, kind: str) -> Iterable[Used]:
    attached = value_at(compute, "properties.resourceId")
    if kind in AKS_COMPUTES:
        made_here = flag_at(compute, "properties.isAttachedCompute") is False
        role = Role.AML_PROVISIONED_AKS if made_here else Role.ATTACHED_AKS
        yield from _by_id(attached, Use(role, workspace.id))
    elif kind in ATTACHED:
        target, role = ATTACHED[kind]
        use = Use(role, workspace.id)
        yield from _by_id(attached, use)
        name = _attached_name(kind, compute)
        if name and not attached:
            yield from _by_name(target, name, use=use)


def _attached_name(kind: str, compute: Body) -> str:
    """What stands for the id where that is null: the host name, which has the cluster's name in it."""
    if kind == "databricks":
        return text_at(compute, "properties.properties.workspaceUrl") or ""
    host = text_at(compute, "properties.properties.address") or ""
    return host.partition(".")[0].removesuffix("-ssh")


def _component(component: Resource, _: ResourceId) -> Iterable[Used]:
    for use in component.uses:
        if use.role is Role.WORKSPACE_APPINSIGHTS:
            store = component.get("properties.WorkspaceResourceId")
            yield from _by_id(store, Use(Role.TELEMETRY_STORE, use.workspace_id))


def _database(database: Resource, _: ResourceId) -> Iterable[Used]:
    for use in database.uses:
        yield from _by_id(database.get("properties.elasticPoolId"), use)


def _hdinsight(cluster: Resource, _: ResourceId) -> Iterable[Used]:
    for use in cluster.uses:
        if use.role is Role.ATTACHED_HDINSIGHT:
            for account in cluster.objects("properties.storageProfile.storageaccounts") or ():
                storage = Use(Role.HDINSIGHT_STORAGE, use.workspace_id)
                yield from _by_id(value_at(account, "resourceId"), storage)
                for kind, *names in storage_in(text_at(account, "name") or ""):
                    yield from _by_name(kind, *names, use=storage)


def _databricks(databricks: Resource, identity: ResourceId) -> Iterable[Used]:
    group = ResourceId.parse_group(databricks.get("properties.managedResourceGroupId"))
    if group is not None:
        yield Used(_group_key(*group), None, (Use(Role.MANAGED_RG, str(identity)),))


def _cluster(cluster: Resource, identity: ResourceId) -> Iterable[Used]:
    yield from _managed_group(identity, cluster.get("properties.nodeResourceGroup"))


_READERS: Final[Mapping[str, Callable[[Resource, ResourceId], Iterable[Used]]]] = {
    WORKSPACE: _workspace,
    COMPONENT: _component,
    CLUSTER: _cluster,
    DATABRICKS: _databricks,
    HDINSIGHT: _hdinsight,
    DATABASE: _database,
}


def _by_id(identity: object, use: Use) -> Iterable[Used]:
    if resource := ResourceId.parse(identity):
        yield Used(key_of(resource), resource, (use,))


def _by_name(kind: str, *names: str, use: Use, scope: tuple[object, object] = (None, None)) -> Iterable[Used]:
    """Something known by name; `scope` is its subscription and resource group where they are known. Nothing for what no
    resource can be called; the last of two names may be `*`, for any."""
    known = names[:-1] if len(names) > 1 and names[-1] == "*" else names
    if not all(NAME.fullmatch(name) for name in known):
        return
    provider, *types = kind.split("/")
    pairs = "/".join(part for pair in zip(types, names, strict=False) for part in pair)
    subscription, group = scope
    where = f"/subscriptions/{subscription}/resourceGroups/{group}" if subscription and group else ""
    yield Used(_name_key(kind, *names), ResourceId.parse(f"{where}/providers/{provider}/{pairs}"), (use,))


def _own(workspace: ResourceId, collection: str, child: Body, *own: Use) -> Iterable[Used]:
    """A child of the workspace, by its name: it is looked at together with it."""
    name = value_at(child, "name")
    resource = ResourceId.parse(f"{workspace}/{collection}/{name}") if isinstance(name, str) else None
    if resource is not None:
        yield Used(key_of(resource), resource, own)


def _managed_group(owner: ResourceId, group: object) -> Iterable[Used]:
    """A group that was made for its owner, by name or id; never the one that the owner itself lies in."""
    name = group.rpartition("/")[2] if isinstance(group, str) else ""
    if NAME.fullmatch(name) and name.lower() != owner.group.lower():
        yield Used(_group_key(owner.subscription, name), None, (Use(Role.MANAGED_RG, str(owner)),))


def _group_key(subscription: str, group: str) -> str:
    return f"/subscriptions/{subscription}/resourcegroups/{group}".lower()


def _name_key(kind: str, *names: str) -> str:
    return "/".join((kind, *names)).lower()


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
