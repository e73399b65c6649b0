"""All that the page shows, made of the results of a scan and of what the store remembers. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final

from remediation import availability
from remediation.cases import Case, Entry
from remediation.plan import UNDO
from remediation.report import services
from remediation.report.score import Score, score
from remediation.report.services import Row
from remediation.results import Result
from remediation.topology import WORKSPACE
from rules.model import Severity, Status

NOT_NAMED: Final = ""
"""Stands for the workspace where only a role is known."""
MOST_FINDINGS: Final = 2000
"""What the page lists: a browser stays quick, and nobody reads more. The exports have all."""
MOST_WORKSPACES: Final = 100
MOST_ACTIONS: Final = 50
DONE: Final = ("fixed", "failed", "undone")
"""Words of the journal for what the bot did to Azure, as it ended."""

type Trend = Sequence[tuple[date, int]]
"""Scores in percent by the day of the scan, oldest first."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace and all it stands on."""

    id: str
    location: str
    score: Score
    rows: tuple[Row, ...]
    unseen: tuple[str, ...]
    estimate: availability.Estimate

    @property
    def name(self) -> str:
        """Its own name."""
        return self.id.rpartition("/")[2] or "A workspace that the input does not name"


@dataclass(frozen=True, slots=True)
class Listed:
    """One finding with what the store remembers of it."""

    result: Result
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something the bot did, as it ended. `approved_by` is empty where it ran by itself."""

    entry: Entry
    approved_by: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the store holds: open approvals, exemptions, and the newest lines of the journal, oldest first, since a
    time."""

    asked: Sequence[Case] = ()
    exempt: Sequence[Case] = ()
    journal: Sequence[Entry] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows. `scanned_at` is None where the results are from no scan."""

    scanned_at: datetime | None
    score: Score
    resources: int
    workspaces: tuple[Workspace, ...]
    findings: tuple[Listed, ...]
    unlisted: int
    unused: int
    remembered: Remembered
    actions: tuple[Action, ...]
    trend: Trend

    def ended(self, what: str, *, unattended: bool | None = None) -> int:
        """How many actions ended so; of those only what ran by itself, or only what was approved."""
        return sum(each.entry.what == what and unattended in (None, not each.approved_by) for each in self.actions)


def report(
    results: Iterable[Result],
    remembered: Remembered = Remembered(),
    trend: Trend = (),
    scanned_at: datetime | None = None,
) -> Report:
    """The report on all results."""
    found = list(results)
    findings = sorted((each for each in found if each.status in (Status.FAIL, Status.UNKNOWN)), key=_order)
    cases = {(case.resource_id.lower(), case.rule): case for case in (*remembered.asked, *remembered.exempt)}
    listed = (Listed(each, cases.get((each.resource_id.lower(), each.rule))) for each in findings)
    return Report(
        scanned_at,
        score(found),
        len({each.resource_id.lower() for each in found}),
        _workspaces(found),
        tuple(islice(listed, MOST_FINDINGS)),
        max(0, len(findings) - MOST_FINDINGS),
        len({each.resource_id.lower() for each in found if not each.uses and not is_of_workspace(each)}),
        remembered,
        _actions(remembered.journal),
        trend,
    )


def _order(each: Result) -> tuple[object, ...]:
    """What could not be judged comes last."""
    return each.status is not Status.FAIL, [*Severity].index(each.severity), each.rule, each.resource_id


def is_of_workspace(each: Result) -> bool:
    """Whether it is about a workspace, or a compute or datastore in one."""
    return each.type == WORKSPACE or each.type.startswith(f"{WORKSPACE}/")


def _workspaces(results: Sequence[Result]) -> tuple[Workspace, ...]:
    """The worst come first; last what nothing could be judged of, and roles for nobody in particular."""
    found = [_workspace(own) for own in _by_workspace(results).items()]
    return tuple(sorted(found, key=_rank))


def _rank(each: Workspace) -> tuple[bool, bool, int, str]:
    percent = each.score.percent
    return each.id == NOT_NAMED, percent is None, percent or 0, each.id


def _by_workspace(results: Sequence[Result]) -> Mapping[str, list[Result]]:
    """The results about each workspace and what it stands on, by its id as it is first seen."""
    names: dict[str, str] = {}
    found: dict[str, list[Result]] = defaultdict(list)
    for each in results:
        for identity in dict.fromkeys(_owners(each)):
            found[names.setdefault(identity.lower(), identity)].append(each)
    return found


def _owners(each: Result) -> Iterable[str]:
    """The workspaces that a result is about. What Azure manages may belong to something else than a workspace."""
    if is_of_workspace(each):
        yield each.resource_id if each.type == WORKSPACE else each.resource_id.rsplit("/", 2)[0]
    yield from (use.workspace_id for use in each.uses if not use.workspace_id or _is_workspace(use.workspace_id))


def _is_workspace(identity: str) -> bool:
    return f"/providers/{WORKSPACE}/" in identity.lower()


def _workspace(own: tuple[str, Sequence[Result]]) -> Workspace:
    identity, results = own
    rows = services.rows(results, identity)
    location = next((each.location for each in results if each.resource_id.lower() == identity.lower()), "")
    return Workspace(identity, location, score(results), rows, services.unseen(rows), _estimate(results))


def _estimate(results: Sequence[Result]) -> availability.Estimate:
    """Every resource once, with all that the rules say of it."""
    statuses: dict[tuple[str, str], dict[str, Status]] = defaultdict(dict)
    for each in results:
        statuses[each.resource_id, each.type][each.rule] = each.status
    return availability.estimate([availability.part(*resource, said) for resource, said in statuses.items()])


def _actions(journal: Sequence[Entry]) -> tuple[Action, ...]:
    """What the bot did, newest first. Who approved it stands where it began."""
    approved: dict[tuple[str, str], str] = {}
    found = []
    for entry in journal:
        key = entry.resource_id.lower(), entry.rule
        if entry.what == "started":
            approved[key] = str(entry.detail.get("approved_by") or "")
        if entry.what in DONE and not (entry.what == "fixed" and entry.rule.endswith(UNDO)):
            found.append(Action(entry, approved.get(key, "")))
    return tuple(reversed(found))
