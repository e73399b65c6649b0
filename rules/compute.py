"""Computes and datastores of an Azure Machine Learning workspace. https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
