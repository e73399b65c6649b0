"""What those who are not the app remember of a run: the simulated Azure, Azurite's tables and the chat sink."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, takewhile
from typing import Any, Final

from azure.data.tables import TableServiceClient

from local.azure import SimulatedAzure
from local.azure.messages import Exchange
from local.chaos.population import Member
from local.chaos.stage import Stage
from local.chat.inbox import Failure, Message
from remediation import topology
from remediation.adapters import slack, teams
from remediation.cases import Case, Entry, State
from remediation.notices import Notice
from remediation.plan import Plan
from rules import RULES_BY_TYPE, evaluate
from rules.model import Finding, Resource, Use
from rules.resource_id import ResourceId

ROUNDS: Final = 4
"""How far uses lead on: workspace, component, its store, and one more."""
RENDER: Final = {"Teams": teams.render, "Slack": slack.render}


@dataclass(frozen=True, slots=True)
class Records:
    """Everything that is left of a run, when nothing moves any more. `findings` are what the rules say of the resources
    as they are in the simulated Azure, with the roles that its own workspaces give them. `in_hand` are the ids of
    notices that were being posted when the host was killed, once for each kill."""

    findings: Sequence[Finding]
    exchanges: Sequence[Exchange]
    bot: str
    cases: Sequence[Case]
    journal: Sequence[Entry]
    notices: Mapping[str, Notice]
    messages: Sequence[Message]
    met: Sequence[tuple[Failure, Mapping[str, Any]]]
    waiting: Mapping[str, int]
    in_hand: Sequence[str]
    given_up: int

    def case(self, finding: Finding) -> Case | None:
        """The case of a finding."""
        key = (finding.resource.id.lower(), finding.rule.name)
        return next((case for case in self.cases if (case.resource_id.lower(), case.rule) == key), None)

    @property
    def bot_writes(self) -> list[Exchange]:
        """The app's own writes, whatever became of them."""
        return [each for each in self.exchanges if each.is_write and is_by(each, self.bot)]

    def plans(self) -> list[tuple[Entry, Plan]]:
        """Every plan that the journal says was begun."""
        begun = (entry for entry in self.journal if entry.what == "started")
        return [(entry, Plan.from_json(entry.detail["plan"])) for entry in begun]


def is_by(exchange: Exchange, oid: str) -> bool:
    """Whether this identity made the request."""
    return exchange.caller is not None and exchange.caller.oid == oid


def collect(stage: Stage, members: Sequence[Member], in_hand: Sequence[str]) -> Records:
    """Read all of it."""
    exchanges = list(stage.azure.log)  # before our own reads
    return Records(
        findings=_findings(stage.azure, members),
        exchanges=exchanges,
        bot=stage.azure.bot.oid,
        cases=[case for state in State for case in stage.services.store.cases_in(state)],
        journal=_journal(stage.tables),
        notices={notice.id: notice for notice in notices(stage.tables)},
        messages=stage.chat.messages,
        met=stage.chat.met,
        waiting=stage.waiting(),
        in_hand=in_hand,
        given_up=len(stage.events.given_up),
    )


def notices(tables: TableServiceClient) -> Iterable[Notice]:
    """Every notice as it stands now."""
    return (Notice.from_json(_whole(row, "data"), "") for row in tables.get_table_client("notices").list_entities())


def _journal(tables: TableServiceClient) -> list[Entry]:
    """Each line once, oldest first: those of the partitions of days."""
    rows = tables.get_table_client("journal").query_entities("PartitionKey ge 'day:' and PartitionKey lt 'day;'")
    return sorted((_entry(row) for row in rows), key=lambda entry: entry.at)


def _entry(row: Mapping[str, Any]) -> Entry:
    at = datetime.fromisoformat(row["at"])
    return Entry(row["resource_id"], row["rule"], at, row["what"], json.loads(_whole(row, "detail")))


def _whole(row: Mapping[str, Any], name: str) -> str:
    """A text that the app stores in pieces."""
    return "".join(row[key] for key in takewhile(row.__contains__, (f"{name}{number or ''}" for number in count())))


def rendered(notice: Notice) -> str:
    """The message of a notice as one text, to be compared with what the chat received."""
    return canonical(RENDER[notice.chat](notice.card))


def canonical(payload: Mapping[str, Any]) -> str:
    """JSON with one spelling."""
    return json.dumps(payload, sort_keys=True)


def _findings(azure: SimulatedAzure, members: Sequence[Member]) -> list[Finding]:
    ids = {str(member.resource): member.resource for member in members}
    bodies = {resource: body for name, resource in ids.items() if (body := azure.body(name)) is not None}
    uses = _uses(azure, bodies)
    found: list[Finding] = []
    for resource, body in bodies.items():
        paths = {path for rule in RULES_BY_TYPE[resource.type] for path in rule.reads}
        children = {path: _child(azure, resource, path) for path in paths}
        keys = topology.keys(resource, body)
        roles = tuple(dict.fromkeys(use for key in keys for use in uses.get(key, ())))
        known = {path: child for path, child in children.items() if child is not None}
        found += evaluate(Resource.of({**body, "id": str(resource)}, known, roles))
    return found


def _uses(azure: SimulatedAzure, bodies: Mapping[ResourceId, Mapping[str, Any]]) -> Mapping[str, tuple[Use, ...]]:
    """Which resource is what to which workspace, by its key: as the simulated Azure has it, not as the app does."""
    uses: dict[str, tuple[Use, ...]] = {}
    for _ in range(ROUNDS):
        for resource, body in bodies.items():
            if resource.type not in topology.FOLLOWED:
                continue
            paths = topology.FOLLOWED[resource.type]
            children = {path: child for path in paths if (child := _child(azure, resource, path)) is not None}
            own = tuple(use for key in topology.keys(resource, body) for use in uses.get(key, ()))
            whole = replace(Resource.of({**body, "id": str(resource)}, children), uses=own)
            for used in topology.uses(whole):
                uses[used.key] = tuple(dict.fromkeys((*uses.get(used.key, ()), *used.uses)))
    return uses


def _child(azure: SimulatedAzure, parent: ResourceId, path: str) -> Any:
    if path.count("/") % 2:
        return azure.body(f"{parent}/{path}")
    answer = azure.request("GET", f"{parent}/{path}")
    return answer.body["value"] if answer.status == 200 else None
