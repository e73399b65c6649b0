"""Examples, healthy and not."""

from rules.model import Resource

EXAMPLES: tuple[Resource, ...] = ()
