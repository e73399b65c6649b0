"""The guide's table for one workspace: who manages each service it stands on, how that stands today, and what to do.

`rules.responsibility` says who manages what; the results of a scan say the rest. Pure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from remediation.results import Result
from rules.model import Role, Severity, Status
from rules.responsibility import TABLE, ByDefault, Group, Manager, Responsibility

JOINED: Final = " · "
TYPES: Final[Mapping[str, frozenset[str]]] = {
    each.service: frozenset(kind.lower() for kind in each.types) for each in TABLE
}


@dataclass(frozen=True, slots=True)
class Row:
    """One service, or several that the same resources are about. `results` are the verdicts on those resources."""

    group: Group
    service: str
    managed_by: Manager
    by_default: ByDefault
    because: str
    yours: str
    results: tuple[Result, ...]

    @property
    def failing(self) -> tuple[Result, ...]:
        """What is to be done about, in the order of the rules."""
        return self._of(Status.FAIL)

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst failure, None where nothing failed."""
        return min((each.severity for each in self.failing), key=[*Severity].index, default=None)

    @property
    def unknown(self) -> tuple[Result, ...]:
        """What could not be judged."""
        return self._of(Status.UNKNOWN)

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return len(self._of(Status.PASS))

    @property
    def judged(self) -> int:
        """How many checks passed or failed."""
        return self.passed + len(self.failing)

    def _of(self, status: Status) -> tuple[Result, ...]:
        return tuple(each for each in self.results if each.status is status)


def rows(results: Sequence[Result], workspace_id: str) -> tuple[Row, ...]:
    """The services that anything was found about for a workspace, in the order of Microsoft's page.

    A compute or datastore does not say which of several services it is about: what plays a role does.
    """
    workspace = workspace_id.lower()
    found = [_row(service, results, workspace) for service in TABLE]
    settled = {each for row in found if _is_settled(row, workspace) for each in row.results}
    clear = [row if _is_settled(row, workspace) else _without(row, settled) for row in found]
    merged = (_merged(list(same)) for _, same in groupby((row for row in clear if row.results), key=_about))
    return tuple(merged)


def unseen(shown: Iterable[Row]) -> tuple[str, ...]:
    """The services of the page that nothing was found about."""
    seen = {name for row in shown for name in row.service.split(JOINED)}
    return tuple(each.service for each in TABLE if each.service not in seen)


def _row(service: Responsibility, results: Sequence[Result], workspace: str) -> Row:
    about = tuple(each for each in results if _is_about(service, each, workspace))
    return Row(
        service.group, service.service, service.managed_by, service.by_default, service.because, service.yours, about
    )


def _is_about(service: Responsibility, each: Result, workspace: str) -> bool:
    judged = each.status is not Status.NOT_APPLICABLE and each.rule in service.rules
    if not judged or each.type not in TYPES[service.service]:
        return False
    own = each.resource_id.lower() == workspace or _is_child(each, workspace)
    return own or not service.roles or bool(_roles(each, workspace) & {*service.roles})


def _is_child(each: Result, workspace: str) -> bool:
    return bool(workspace) and each.resource_id.lower().startswith(f"{workspace}/")


def _roles(each: Result, workspace: str) -> set[Role]:
    return {use.role for use in each.uses if use.workspace_id.lower() == workspace}


def _is_settled(row: Row, workspace: str) -> bool:
    """Whether it is clear that this service is used, and not another one of the same types."""
    return any(not _is_child(each, workspace) for each in row.results)


def _without(row: Row, settled: Collection[Result]) -> Row:
    return replace(row, results=tuple(each for each in row.results if each not in settled))


def _about(row: Row) -> tuple[Group, frozenset[str]]:
    """Datastores of several kinds lie on one storage account: those rows are about the same."""
    return row.group, frozenset(each.resource_id for each in row.results)


def _merged(same: Sequence[Row]) -> Row:
    first = same[0]
    names = JOINED.join(row.service for row in same)
    return replace(first, service=names, results=tuple(dict.fromkeys(each for row in same for each in row.results)))
