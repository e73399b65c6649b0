"""The pricing tier: whether the API server has an SLA."""

from typing import Final

from rules.aks.cluster import CLUSTER
from rules.model import References, Resource, Severity, Verdict, failed, passed, rule, unknown

TIERS: Final = {"free": "Free", "standard": "Standard", "paid": "Standard", "premium": "Premium"}
"""Standard was called Paid by api-versions before 2023."""


@rule(
    title="AKS cluster is in the Standard or Premium tier",
    severity=Severity.HIGH,
    applies_to=CLUSTER,
    production=True,
    references=References(
        aprl=("0611251f-e70f-4243-8ddd-cfe894bec2e7",),
        psrule=("Azure.AKS.UptimeSLA",),
        learn=(
            "https://learn.microsoft.com/azure/aks/free-standard-pricing-tiers",
            "https://learn.microsoft.com/azure/reliability/reliability-aks",
        ),
    ),
)
def standard_tier(cluster: Resource) -> Verdict:
    """The cluster's API server has an SLA and room to grow.

    What it checks
        `sku.tier`: Standard (called Paid before 2023) or Premium. Without one, Azure's default is Free.

    Why it matters
        In the Free tier the API server has no SLA and little capacity. While it is down or overloaded, no node or pod
        that failed is replaced and no model can be deployed: an inference endpoint shrinks with every failure.

    How it is fixed
        After approval: the tier becomes Standard, without downtime, and can be set back.

    References
        APRL 0611251f, PSRule Azure.AKS.UptimeSLA (which refuses Premium), Learn: free-standard-pricing-tiers.
    """
    if not cluster.holds("sku" if cluster.get("sku") is not None else "properties"):
        return unknown("Azure did not say in which pricing tier the cluster is")
    tier = cluster.get("sku.tier")
    if tier is None:
        return failed("no pricing tier is set, and Azure's default is Free: its API server has no SLA")
    known = TIERS.get(tier.lower()) if isinstance(tier, str) else None
    if known is None:
        return unknown("the cluster's pricing tier is not one of Azure's")
    if known == "Free":
        return failed("it is in the Free tier: its API server has no SLA, and while that is down nothing is replaced")
    return passed(f"it is in the {known} tier")


RULES: Final = (standard_tier,)
