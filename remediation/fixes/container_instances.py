"""Azure Container Instances.

A PATCH changes tags only (azure-mgmt-containerinstance 10.1.0, `container_groups.update`), and zones are chosen when a
group is created: nothing here can be put right by a write.
"""

from typing import Final

from remediation.azure_cli import in_group, names
from remediation.plan import Guidance, Remediation, remediates
from rules.container_instances import zonal
from rules.model import Resource, Role


@remediates(zonal)
def plan_zonal_groups(group: Resource) -> Guidance:
    """Zones cannot be given to an existing group: it is created anew, twice."""
    if Role.ACI_ENDPOINT in group.roles:
        return _managed_endpoint(group)
    which = names(group)
    return Guidance(
        why_no_plan="Zones cannot be given to an existing container group: it is deleted and created anew, with a new "
        "address.",
        steps=(
            f"Save its definition (az container export --file group.yaml {which}).",
            'Give the file another name for the group and the line zones: ["1"], and put back secure values and '
            "registry passwords: they are not exported.",
            f"Create it (az container create {in_group(group)} --file group.yaml), and a second one from the "
            'same file with another name and zones: ["2"].',
            "Route traffic to both through a load balancer or gateway with health probes, and test it with one of them "
            "stopped.",
            f"Delete the old group when nothing reaches it any more (az container delete {which}).",
        ),
        cost="none for zones; the second group costs as much as the first, and the gateway its own price (estimate)",
        effort="one to three days",
    )


def _managed_endpoint(group: Resource) -> Guidance:
    """What becomes of a web service that Azure Machine Learning deployed to a container instance."""
    return Guidance(
        why_no_plan="Azure Machine Learning deployed this container group and runs a single replica of the model in "
        "it: it cannot be put in zones by hand.",
        steps=(
            "Register the model and its environment in the workspace, if they are not there.",
            "Deploy the model to a managed online endpoint with at least three instances (az ml online-endpoint "
            "create --file endpoint.yml --resource-group <group> --workspace-name <workspace>; then az ml "
            "online-deployment create --file deployment.yml --resource-group <group> --workspace-name <workspace> "
            "--all-traffic).",
            "Switch the clients to the new scoring URI and key.",
            f"Delete the v1 web service behind {group.name}: support of SDK v1, which deploys to container instances, "
            "ended on 2026-06-30.",
        ),
        cost="the price of the endpoint's VMs, at least three, less that of the container group (estimate)",
        effort="two to five days for each model",
    )


REMEDIATIONS: Final[tuple[Remediation, ...]] = (plan_zonal_groups,)
