"""Which workspace uses what, learned from Azure each time: for a scan without the app's store."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from remediation import reader, scan_judging, topology
from remediation.policy import Policy
from remediation.ports import Cloud, Page, Query
from rules.model import Children, Resource, Use
from rules.resource_id import ResourceId

type Pages = Callable[[Query], Iterable[Page]]
type Patiently = Callable[[Callable[[], Children]], Children]


@dataclass(slots=True)
class Uses:
    """Uses by the keys that they are remembered under."""

    by_key: dict[str, tuple[Use, ...]] = field(default_factory=dict)

    def add(self, resource: Resource) -> None:
        """Remember what a resource names."""
        for used in topology.uses(resource):
            self.by_key[used.key] = tuple(dict.fromkeys((*self.by_key.get(used.key, ()), *used.uses)))

    def of(self, keys: Collection[str]) -> Mapping[str, tuple[Use, ...]]:
        """The uses under many keys."""
        return {key: self.by_key[key] for key in keys if self.by_key.get(key)}


def learn(uses: Uses, pages: Pages, cloud: Cloud, subscriptions: tuple[str, ...], patiently: Patiently) -> None:
    """Workspaces first, whatever their group, with what they hold; then what they use and what that leads on to."""
    for resource in _resources(pages, Query(subscriptions, (topology.WORKSPACE,)), uses):
        if (at := ResourceId.parse(resource.id)) is not None:
            read = partial(reader.children, cloud, at, topology.FOLLOWED[topology.WORKSPACE])
            uses.add(replace(resource, children=patiently(read)))
    others = tuple(sorted(topology.FOLLOWED.keys() - {topology.WORKSPACE}))
    for resource in _resources(pages, Query(subscriptions, others), uses):
        uses.add(resource)


def _resources(pages: Pages, query: Query, uses: Uses) -> Iterable[Resource]:
    for page in pages(query):
        yield from scan_judging.resources(Policy(frozenset(query.subscriptions)), page.rows, uses.of)
