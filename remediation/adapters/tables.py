"""Azure Table storage: cases, journal, topology, notices, memos and the marks of pending checks.

Keys are hashes of lower-case resource ids, because ids hold characters that table keys refuse. Every replacement is
conditional on the ETag of the version it was made from. Texts are cut to what a property may hold: plans that send a
whole resource are long.
"""

import hashlib
import json
import uuid
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice, takewhile
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableClient, TableServiceClient, UpdateMode

from remediation import telemetry
from remediation.cases import Case, Entry, State
from remediation.notices import Notice
from remediation.policy import Exemption
from remediation.ports import MOST_ENTRIES, Conflict, Memo
from remediation.topology import Changes, Used
from rules.model import Role, Use
from rules.resource_id import ResourceId

TABLES: Final = ("cases", "checks", "exemptions", "journal", "memos", "notices", "topology")
USES_KEPT: Final = timedelta(minutes=1)
IN_CHAT: Final = "a person's decision"
"""Where an exemption stands that is in no file and no tag."""
PENDING_LIMIT: Final = timedelta(minutes=15)
"""A mark of a pending check older than this no longer holds events back, should its message have been lost."""

BETWEEN_EVENTS: Final = timedelta(minutes=5)
LONGEST_TEXT: Final = 16_000
"""A property holds 64 KiB of UTF-16, so this many characters whatever they are."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

type Entity = Mapping[str, Any]


class Tables:
    """The port `Store` over Table storage. Missing tables are created when first used."""

    def __init__(self, service: TableServiceClient, clock: Callable[[], datetime]) -> None:
        self._service, self._clock = service, clock
        self._seen: dict[str, datetime] = {}
        clients = [service.get_table_client(name) for name in TABLES]
        self._cases, self._checks, self._exemptions, self._journal, *others = clients
        self._memos, self._notices, self._topology = others
        self._kept: tuple[datetime, Mapping[str, tuple[Use, ...]]] | None = None

    def claim_pending(self, resource: ResourceId, event_id: str) -> bool:
        """Insert the mark; where one is, it is this event's own, has run out, or holds."""
        key = _key(resource.key)
        mark = {"PartitionKey": key, "RowKey": "pending", "event_id": event_id, "at": self._clock().isoformat()}
        try:
            self._insert(self._checks, mark)
        except ResourceExistsError:
            found = self._get(self._checks, key, "pending")
            if found is None or (event_id and found["event_id"] == event_id):
                return True
            if self._clock() - datetime.fromisoformat(found["at"]) < PENDING_LIMIT:
                return False
            self._checks.upsert_entity(mark, mode=UpdateMode.REPLACE)
        return True

    def clear_pending(self, resource: ResourceId) -> None:
        """Delete the mark, if there is one."""
        self._checks.delete_entity(_key(resource.key), "pending")  # the client passes over a missing row or table

    def cases(self, resource_id: str) -> Mapping[str, Case]:
        """One query of one partition."""
        rows = self._query(self._cases, _key(resource_id))
        return {row["rule"]: Case.from_json(_whole(row, "data"), _etag(row)) for row in rows}

    def put_case(self, case: Case) -> Case:
        """Insert or conditional replace."""
        row = {
            "PartitionKey": _key(case.resource_id),
            "RowKey": case.rule.replace("/", ":"),
            "resource_id": case.resource_id,
            "rule": case.rule,
            "state": case.state.value,
            "opened": case.opened.isoformat(),
            **_cut("data", case.to_json()),
        }
        return Case.from_json(case.to_json(), self._put(self._cases, row, case.etag))

    def open_cases(self) -> Mapping[State, int]:
        """One query over all partitions, a page at a time."""
        closed = [f"state ne '{state}'" for state in State if not state.is_open]
        return Counter(State(row["state"]) for row in self._find(self._cases, closed, select=["state"]))

    def append(self, entry: Entry) -> None:
        """Insert twice, each under its time: in the partition of its resource, oldest first, and in that of its day,
        newest first, with the newest day before all others. What a crash in between has left out is put there when the
        same entry comes again."""
        at, is_new = self._first(entry)
        row = {
            "resource_id": entry.resource_id,
            "rule": entry.rule,
            "at": at.isoformat(),
            "what": entry.what,
            **_cut("detail", json.dumps(entry.detail, ensure_ascii=False, sort_keys=True)),
        }
        unique = entry.key[:16] or uuid.uuid4().hex[:8]
        of_resource = {"PartitionKey": _key(entry.resource_id), "RowKey": f"{at.isoformat()}~{unique}"}
        of_day = {"PartitionKey": _day(at), "RowKey": f"{_from_newest(at)}~{unique}"}
        for place in (of_resource, of_day):
            with suppress(ResourceExistsError):
                self._insert(self._journal, row | place)
        if is_new:
            telemetry.metric("journal", what=entry.what, rule=entry.rule)

    def _first(self, entry: Entry) -> tuple[datetime, bool]:
        """When the same entry was first recorded, and whether that is now. A row of its own says so: it is there once,
        however many workers insert it at a time."""
        at = entry.at.astimezone(UTC)
        if not entry.key:
            return at, True
        place = f"same:{entry.key}"
        try:
            self._insert(self._journal, {"PartitionKey": place, "RowKey": "first", "at": at.isoformat()})
        except ResourceExistsError:
            return datetime.fromisoformat(self._get(self._journal, place, "first")["at"]), False
        return at, True

    def journal(
        self, resource_id: str = "", *, rule: str = "", since: datetime | None = None, limit: int = MOST_ENTRIES
    ) -> Sequence[Entry]:
        """One query: of the resource's partition, or over those of the days, which ends with the last entry wanted."""
        wanted = {"rule": rule, "since": since.astimezone(UTC).isoformat() if since else ""}
        also = [*(["rule eq @rule"] if rule else []), *(["at ge @since"] if since else [])]
        if resource_id:
            where = [f"PartitionKey eq '{_key(resource_id)}'", *also]
            return [*map(_entry, deque(self._find(self._journal, where, wanted), maxlen=limit))]
        oldest = f"le '{_day(since.astimezone(UTC))}'" if since else "lt 'day;'"
        where = ["PartitionKey ge 'day:'", f"PartitionKey {oldest}", *also]
        found = self._find(self._journal, where, wanted, results_per_page=min(limit, MOST_ENTRIES))
        return [*map(_entry, islice(found, limit))][::-1]

    def cases_in(self, state: State) -> Iterable[Case]:
        """One query of the whole table, a page at a time."""
        for row in self._find(self._cases, ["state eq @state"], {"state": state.value}):
            yield Case.from_json(_whole(row, "data"), _etag(row))

    def exemptions(self, resource_id: str) -> Mapping[str, Exemption]:
        """One query of one partition."""
        rows = self._query(self._exemptions, _key(resource_id))
        return {
            row["rule"]: Exemption(datetime.fromisoformat(row["until"]), row["reason"], row["by"], IN_CHAT)
            for row in rows
        }

    def put_exemption(self, resource_id: str, rule: str, exemption: Exemption) -> None:
        """Insert or replace."""
        row = {"PartitionKey": _key(resource_id), "RowKey": rule.replace("/", ":"), "resource_id": resource_id}
        said = {"reason": exemption.reason, "by": exemption.by, "until": exemption.until.isoformat()}
        self._upsert(self._exemptions, row | {"rule": rule} | said)

    def uses(self, keys: Sequence[str]) -> tuple[Use, ...]:
        """One query for each key: the rows that those who use it left in its partition."""
        rows = [
            row for key in keys for row in self._query(self._topology, _key(key), "RowKey ge 'by:' and RowKey lt 'by;'")
        ]
        return tuple(dict.fromkeys(use for row in rows for use in _uses(row["uses"])))

    def uses_of(self, keys: Collection[str]) -> Mapping[str, tuple[Use, ...]]:
        """One query for each thousand uses that there are, not for each key: what is used is a small part of all. Kept
        for a minute."""
        known = self._all_uses()
        return {key: known[hashed] for key in keys if (hashed := _key(key)) in known} if known else {}

    def _all_uses(self) -> Mapping[str, tuple[Use, ...]]:
        """By the hashes of keys."""
        now = self._clock()
        if self._kept is None or now - self._kept[0] >= USES_KEPT:
            found: dict[str, tuple[Use, ...]] = {}
            for row in self._find(self._topology, ["RowKey ge 'by:'", "RowKey lt 'by;'"]):
                found[row["PartitionKey"]] = (*found.get(row["PartitionKey"], ()), *_uses(row["uses"]))
            self._kept = now, found
        return self._kept[1]

    def used(self, owner: ResourceId) -> Sequence[Used]:
        """One query of one partition."""
        return [*map(_of_row, self._used(owner))]

    def _used(self, owner: ResourceId) -> Iterable[Any]:
        return self._query(self._topology, _key(owner.key), "RowKey ge 'of:' and RowKey lt 'of;'")

    def put_uses(self, owner: ResourceId, used: Sequence[Used], *, all_seen: bool) -> Changes:
        """Two rows for each: who uses it in its own partition, and what is used in the owner's. Only what is new or
        different is written. The owner's row comes first, without the uses, and last with them: what a crash leaves
        half done is known to be there, and done again."""
        known = {row["key"]: row for row in self._used(owner)}
        new = [each for each in used if each.key not in known or known[each.key]["uses"] != _text(each)]
        for each in new:
            of = {"PartitionKey": _key(owner.key), "RowKey": f"of:{_key(each.key)}", "key": each.key}
            by = {"PartitionKey": _key(each.key), "RowKey": f"by:{_key(owner.key)}", "uses": _text(each)}
            self._upsert(self._topology, of | {"id": str(each.id or ""), "uses": ""})
            self._upsert(self._topology, by)
            self._upsert(self._topology, of | {"id": str(each.id or ""), "uses": _text(each)})
        now = {each.key for each in used}
        gone = [row for key, row in known.items() if key not in now] if all_seen else []
        for row in gone:
            self._topology.delete_entity(_key(row["key"]), f"by:{_key(owner.key)}")
        return Changes(new, [*map(_of_row, gone)])

    def forget_uses(self, owner: ResourceId, dropped: Sequence[Used]) -> None:
        """Delete the owner's rows."""
        for each in dropped:
            self._topology.delete_entity(_key(owner.key), f"of:{_key(each.key)}")

    def add_notice(self, notice: Notice) -> Notice:
        """Insert; where its id is known, the remembered one."""
        try:
            return self.put_notice(notice)
        except Conflict:
            return self.notice(notice.id) or notice

    def notice(self, notice_id: str) -> Notice | None:
        """One row."""
        row = self._get(self._notices, _key(notice_id), "notice")
        return Notice.from_json(_whole(row, "data"), _etag(row)) if row else None

    def put_notice(self, notice: Notice) -> Notice:
        """Insert or conditional replace."""
        row = {
            "PartitionKey": _key(notice.id),
            "RowKey": "notice",
            "chat": notice.chat,
            "state": notice.state.value,
            **_cut("data", notice.to_json()),
        }
        return Notice.from_json(notice.to_json(), self._put(self._notices, row, notice.etag))

    def saw_event(self, subscription: str) -> None:
        """One memo for each subscription, written by this process every BETWEEN_EVENTS at most."""
        now = self._clock()
        if now - self._seen.get(subscription, EPOCH) < BETWEEN_EVENTS:
            return
        with suppress(Conflict):  # another worker has just seen one
            self.put_memo(replace(self.memo(f"event {subscription}"), data={"at": now.isoformat()}))
        self._seen[subscription] = now

    def last_event(self, subscription: str) -> datetime | None:
        """One row."""
        data = self.memo(f"event {subscription}").data
        return datetime.fromisoformat(data["at"]) if data else None

    def memo(self, name: str) -> Memo:
        """One row."""
        row = self._get(self._memos, _key(name), "memo")
        return Memo(name, json.loads(_whole(row, "data")), _etag(row)) if row else Memo(name, {})

    def put_memo(self, memo: Memo) -> Memo:
        """Insert or conditional replace."""
        data = _cut("data", json.dumps(memo.data, ensure_ascii=False, sort_keys=True))
        row = {"PartitionKey": _key(memo.name), "RowKey": "memo", "name": memo.name, **data}
        return replace(memo, etag=self._put(self._memos, row, memo.etag))

    def _put(self, table: TableClient, row: Entity, etag: str) -> str:
        """Insert without etag, replace that version with one. Returns the new etag; raises Conflict."""
        try:
            if not etag:
                return self._insert(table, row)
            answer = table.update_entity(
                row, mode=UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified
            )
        except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError):
            raise Conflict from None
        return str(answer["etag"])

    def _insert(self, table: TableClient, row: Entity) -> str:
        return str(_with_table(table, lambda: table.create_entity(row))["etag"])

    def _upsert(self, table: TableClient, row: Entity) -> None:
        _with_table(table, lambda: table.upsert_entity(row, mode=UpdateMode.REPLACE))

    def _get(self, table: TableClient, partition: str, row: str) -> Any:
        try:
            return table.get_entity(partition, row)
        except ResourceNotFoundError:
            return None

    def _query(self, table: TableClient, partition: str, also: str = "") -> Iterable[Any]:
        return list(self._find(table, [f"PartitionKey eq '{partition}'", *([also] if also else [])]))

    def _find(
        self, table: TableClient, where: Iterable[str], parameters: Mapping[str, str] | None = None, **options: Any
    ) -> Iterable[Any]:
        """The rows of a query, a page at a time."""
        try:
            yield from table.query_entities(" and ".join(where), parameters=dict(parameters or {}), **options)
        except ResourceNotFoundError:
            return  # the table is created by its first row


def _with_table[T](table: TableClient, write: Callable[[], T]) -> T:
    """Run an insert or upsert. Its only 404 is a missing table: create that, and run it again."""
    try:
        return write()
    except ResourceNotFoundError:
        with suppress(ResourceExistsError):  # another worker was faster
            table.create_table()
    return write()


def _entry(row: Entity) -> Entry:
    at = datetime.fromisoformat(row["at"])
    return Entry(row["resource_id"], row["rule"], at, row["what"], json.loads(_whole(row, "detail")))


def _day(at: datetime) -> str:
    """The partition of a day: the newest is the first."""
    return f"day:{99999999 - int(at.strftime('%Y%m%d')):08d}"


def _from_newest(at: datetime) -> str:
    """A time as text that sorts the newest first."""
    return f"{10**17 - (at - EPOCH) // timedelta(microseconds=1):017d}"


def _cut(name: str, text: str) -> Entity:
    """A text as properties `name`, `name1`, `name2` …, each no longer than a property may be."""
    starts = range(0, max(len(text), 1), LONGEST_TEXT)
    return {f"{name}{number or ''}": text[start : start + LONGEST_TEXT] for number, start in enumerate(starts)}


def _whole(row: Entity, name: str) -> str:
    """The text that `_cut` made properties of."""
    return "".join(row[key] for key in takewhile(row.__contains__, (f"{name}{number or ''}" for number in count())))


def _of_row(row: Entity) -> Used:
    return Used(row["key"], ResourceId.parse(row["id"]), tuple(_uses(row["uses"])))


def _uses(text: str) -> list[Use]:
    return [Use(Role(role), workspace) for role, workspace in json.loads(text or "[]")]


def _text(used: Used) -> str:
    return json.dumps([(use.role.value, use.workspace_id) for use in used.uses])


def _key(text: str) -> str:
    return hashlib.sha256(text.lower().encode()).hexdigest()[:40]


def _etag(row: Any) -> str:
    return str(row.metadata["etag"])
