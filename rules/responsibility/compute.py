"""What jobs run on and models are served from: who sees to it, and which rules watch it. Pure data."""

from typing import Final

from rules.model import Role
from rules.responsibility.model import ByDefault, Group, Manager, Responsibility
from rules.responsibility.names import DATABRICKS, STORAGE, WORKSPACES

COMPUTES: Final = f"{WORKSPACES}/computes"
CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
AKS_RULES: Final = (
    "aks/standard-tier",
    "aks/zone-spanning-pools",
    "aks/system-pool-size",
    "aks/user-pool-size",
    "aks/autoscaler",
    "aks/second-region",
)

COMPUTE: Final = (
    Responsibility(
        Group.COMPUTE,
        "Compute instance",
        Manager.MICROSOFT,
        ByDefault.NO,
        "It is one virtual machine that Microsoft manages, without any setting for high availability.",
        "Keep notebooks in Git, and create the instance anew where it is needed. Never serve production from it.",
        (COMPUTES,),
        (Role.MANAGED_COMPUTE,),
        notes=("Nothing can be set, so no rule watches it.",),
    ),
    Responsibility(
        Group.COMPUTE,
        "Compute cluster",
        Manager.MICROSOFT,
        ByDefault.NO,
        "Microsoft manages its nodes in one region; jobs that an outage stops do not move and are not resumed.",
        "Use dedicated nodes in production and checkpoint long jobs. Create a cluster in the second region, with quota "
        "for it, and submit the jobs again there.",
        (COMPUTES,),
        (Role.MANAGED_COMPUTE,),
        ("compute/dedicated-cluster",),
        notes=("A cluster has no setting for high availability besides the priority of its nodes.",),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure Kubernetes Service, attached",
        Manager.YOU,
        ByDefault.NO,
        "By default a cluster is on the Free tier, which has no service level, and its nodes are in no zone of your "
        "choice.",
        "Use the Standard tier, node pools that span zones and enough nodes, attach it for production, and run a "
        "second cluster in another region.",
        (CLUSTERS, COMPUTES),
        (Role.ATTACHED_AKS,),
        (*AKS_RULES, "compute/production-aks", "compute/own-aks"),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure Kubernetes Service, created by Azure Machine Learning",
        Manager.YOU,
        ByDefault.NO,
        "High availability across regions is not supported for a cluster that Azure Machine Learning created.",
        "Attach a cluster of your own and redeploy the models there.",
        (CLUSTERS, COMPUTES),
        (Role.AML_PROVISIONED_AKS,),
        ("compute/own-aks", "compute/production-aks", *AKS_RULES),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure Databricks",
        Manager.YOU,
        ByDefault.PARTLY,
        "Control plane and cluster nodes are spread over zones by themselves where the region has zones; the storage "
        "behind the DBFS root is not, and a workspace lives in one region.",
        "Make the DBFS root zone-redundant and keep a second workspace in another region, with notebooks and jobs in "
        "Git and copied tables.",
        (DATABRICKS,),
        (Role.ATTACHED_DATABRICKS,),
        ("databricks/disaster-recovery", "databricks/root-storage"),
        notes=(
            "Nodes are spread as far as zones have capacity; nothing can be set. Microsoft's service level is 99.95 %.",
            "The Standard tier ended on 2026-10-01: Azure upgrades such workspaces to Premium, at another price.",
        ),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure Container Instances",
        Manager.YOU,
        ByDefault.NO,
        "Azure puts a container group that names no zone anywhere in the region, and moves it nowhere when it fails.",
        "Pin groups to zones and run at least two, in different zones behind a load balancer; better, serve models "
        "from managed online endpoints.",
        ("Microsoft.ContainerInstance/containerGroups",),
        (Role.ACI_ENDPOINT,),
        ("container-instances/zonal",),
        notes=(
            "Failover belongs to an orchestrator, such as AKS virtual nodes or NGroups. Spot and Confidential groups "
            "cannot be put in a zone.",
        ),
    ),
    Responsibility(
        Group.COMPUTE,
        "Azure HDInsight",
        Manager.YOU,
        ByDefault.NO,
        "Head nodes, gateways and ZooKeeper are doubled inside the cluster, but the cluster stops with its zone.",
        "Create it in a zone of your choice, keep a standby cluster elsewhere, and see to the storage accounts and SQL "
        "databases that it uses.",
        ("Microsoft.HDInsight/clusters", STORAGE),
        (Role.ATTACHED_HDINSIGHT, Role.HDINSIGHT_STORAGE),
        ("hdinsight/zonal", "storage/zone-redundant"),
        notes=(
            "Inside the cluster nothing is left to do. Microsoft's service level is 99.9 %.",
            "Its storage and its SQL databases are watched by the rules of those services.",
        ),
    ),
)
