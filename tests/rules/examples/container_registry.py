"""Container registries, healthy and not."""

from rules.model import Resource
from tests.builders import registry

EXAMPLES = (
    Resource.of(registry("Basic")),
    Resource.of(registry("Standard")),
    Resource.of(registry("Premium")),
)
