"""Azure Container Instances. https://learn.microsoft.com/azure/reliability/reliability-container-instances"""

from typing import Final

from rules.model import References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown

GROUP: Final = "Microsoft.ContainerInstance/containerGroups"
OTHER_SKUS: Final = {"confidential": "Confidential", "dedicated": "Dedicated"}
SCRIPT: Final = "azscripts"
"""How the name ends that Azure gives to the container group of a deployment script, which it deletes afterwards."""


@rule(
    title="Container group is pinned to an availability zone",
    severity=Severity.HIGH,
    applies_to=GROUP,
    zonal=True,
    references=References(
        policy=("f58e8c0a-3c79-431a-abf8-cd1b895478e8",),
        learn=(
            "https://learn.microsoft.com/azure/reliability/reliability-container-instances",
            "https://learn.microsoft.com/azure/container-instances/container-instances-orchestrator-relationship",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def zonal(group: Resource) -> Verdict:
    """The container group is in an availability zone of its owner's choice.

    What it checks
        `zones` of container groups with the Standard SKU, in regions with availability zones. Where `zones` is not
        set, Azure's default is no zone. Spot groups and other SKUs cannot be put in a zone and are not judged, nor are
        groups that run once (`properties.restartPolicy` Never) and those of deployment scripts.

    Why it matters
        Azure puts a group without a zone anywhere in the region: the loss of any zone may stop the model that it
        serves, and a second group may have been in the same one. Groups with zones can be spread: two of them, in two
        zones behind a load balancer, go on through the loss of one.

    How it is fixed
        By people: zones cannot be given to an existing group. Create one with a zone, a second one in another zone,
        route traffic to both, then delete the old one. For models, managed online endpoints do all of this.

    References
        Azure Policy f58e8c0a, Learn: reliability-container-instances, container-instances-orchestrator-relationship.
    """
    if reason := _not_for_zones(group):
        return not_applicable(reason)
    match group.body.get("zones"):
        case None | [] if group.text("properties.sku") != "standard":
            return unknown("Azure did not say whether its SKU is Standard, the only one that can be put in a zone")
        case None | []:
            return failed("the container group has no zone, Azure's default: the loss of any zone may stop it")
        case [str(zone)] if zone:
            return passed("the container group is pinned to one availability zone")
    return unknown("Azure did not say clearly which zone the container group is in")


def _not_for_zones(group: Resource) -> str:
    """Why a group cannot or need not be in a zone; empty where it should be."""
    if group.text("properties.priority") == "spot":
        return "spot containers cannot be put in a zone"
    if sku := OTHER_SKUS.get(group.text("properties.sku") or ""):
        return f"container groups with the {sku} SKU cannot be put in a zone"
    if group.text("properties.restartPolicy") == "never":
        return "it runs once and is not restarted"
    return "it belongs to a deployment script" if group.name.lower().endswith(SCRIPT) else ""


RULES: Final = (zonal,)
