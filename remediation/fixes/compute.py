"""Computes and datastores of an Azure Machine Learning workspace."""

from typing import Final

from remediation.plan import Remediation

REMEDIATIONS: Final[tuple[Remediation, ...]] = ()
