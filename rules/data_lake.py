"""Azure Data Lake Storage Gen1. https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-introduction

Retired on 2024-02-29: its accounts can no longer be reached, so whatever points at one is broken.
"""

from typing import Final

from rules.model import References, Resource, Role, Severity, Verdict, failed, passed, rule, unknown

ACCOUNT: Final = "Microsoft.DataLakeStore/accounts"
DATASTORE: Final = "Microsoft.MachineLearningServices/workspaces/datastores"
LEARN: Final = (
    "https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-introduction",
    "https://learn.microsoft.com/lifecycle/products/azure-data-lake-storage-gen1",
)

_RETIRED: Final = failed("Data Lake Storage Gen1 was retired on 2024-02-29: nobody can read the data in this account")


@rule(
    title="No data is in Data Lake Storage Gen1, which is retired",
    severity=Severity.HIGH,
    applies_to=ACCOUNT,
    roles=(Role.ADDITIONAL_DATASTORE,),
    references=References(learn=LEARN),
)
def gen1_retired(_: Resource) -> Verdict:
    """No Data Lake Storage Gen1 account is used.

    What it checks
        That there is no such account, as a workspace's datastore: its existence is the failure.

    Why it matters
        Microsoft retired the service on 2024-02-29. Jobs and pipelines of the workspace that read from the account
        fail, and no setting brings the data back.

    How it is fixed
        By people: ask Azure Support what can be recovered, load the data from its source into a storage account with
        a hierarchical namespace (Data Lake Storage Gen2), and point the workspace there.

    References
        Learn: data-lake-storage-introduction, the lifecycle of Azure Data Lake Storage Gen1.
    """
    return _RETIRED


GEN1: Final = "azuredatalakegen1"
_NOT_SAID: Final = unknown("Azure did not say what kind of storage the datastore points at")
_ON_GEN1: Final = failed(
    "the datastore points at Data Lake Storage Gen1, which was retired on 2024-02-29: jobs that read from it fail"
)
_NOT_ON_GEN1: Final = passed("the datastore does not point at Data Lake Storage Gen1")


@rule(
    title="Datastore points at storage that still exists",
    severity=Severity.HIGH,
    applies_to=DATASTORE,
    references=References(
        learn=(*LEARN, "https://learn.microsoft.com/azure/machine-learning/reference-yaml-datastore-data-lake-gen2")
    ),
)
def datastore_type(datastore: Resource) -> Verdict:
    """A datastore does not point at Data Lake Storage Gen1.

    What it checks
        `properties.datastoreType`: AzureDataLakeGen1 fails, every other type passes.

    Why it matters
        Microsoft retired the service on 2024-02-29. Every job, pipeline and data asset that uses the datastore fails
        when it opens its data, often only after compute was started and paid for.

    How it is fixed
        By people: create a datastore of type AzureDataLakeGen2, let data assets and jobs use that one, then delete the
        old one. The type of a datastore that exists cannot be changed.

    References
        Learn: data-lake-storage-introduction, reference-yaml-datastore-data-lake-gen2.
    """
    kind = datastore.text("properties.datastoreType")
    if kind is None:
        return _NOT_SAID
    return _ON_GEN1 if kind == GEN1 else _NOT_ON_GEN1


RULES: Final = (gen1_retired, datastore_type)
