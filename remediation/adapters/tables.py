"""Azure Table storage: cases, journal, topology, notices and the marks of pending checks.

Keys are hashes of lower-case resource ids, because ids hold characters that table keys refuse. Every replacement is
conditional on the ETag of the version it was made from.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableClient, TableServiceClient, UpdateMode

from remediation.cases import Case, Entry
from remediation.notices import Notice
from remediation.ports import Conflict
from remediation.topology import Used
from rules.model import Role, Use
from rules.resource_id import ResourceId

TABLES: Final = ("cases", "checks", "journal", "notices", "topology")
PENDING_LIMIT: Final = timedelta(minutes=15)
"""A mark of a pending check older than this no longer holds events back, should its message have been lost."""

type Entity = Mapping[str, Any]


class Tables:
    """The port `Store` over Table storage. Missing tables are created when first used."""

    def __init__(self, service: TableServiceClient, clock: Callable[[], datetime]) -> None:
        self._service, self._clock = service, clock
        self._cases, self._checks, self._journal, self._notices, self._topology = (
            service.get_table_client(name) for name in TABLES
        )

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
        return {row["rule"]: Case.from_json(row["data"], _etag(row)) for row in rows}

    def put_case(self, case: Case) -> Case:
        """Insert or conditional replace."""
        row = {
            "PartitionKey": _key(case.resource_id),
            "RowKey": case.rule.replace("/", ":"),
            "resource_id": case.resource_id,
            "rule": case.rule,
            "state": case.state.value,
            "opened": case.opened.isoformat(),
            "data": case.to_json(),
        }
        return Case.from_json(case.to_json(), self._put(self._cases, row, case.etag))

    def append(self, entry: Entry) -> None:
        """Insert under the time of the entry, so that a partition reads in order."""
        row = {
            "PartitionKey": _key(entry.resource_id),
            "RowKey": f"{entry.at.isoformat()}~{uuid.uuid4().hex[:8]}",
            "resource_id": entry.resource_id,
            "rule": entry.rule,
            "at": entry.at.isoformat(),
            "what": entry.what,
            "detail": json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
        }
        self._insert(self._journal, row)

    def journal(self, resource_id: str) -> Sequence[Entry]:
        """One query of one partition."""
        return [
            Entry(
                row["resource_id"],
                row["rule"],
                datetime.fromisoformat(row["at"]),
                row["what"],
                json.loads(row["detail"]),
            )
            for row in self._query(self._journal, _key(resource_id))
        ]

    def uses(self, keys: Sequence[str]) -> tuple[Use, ...]:
        """One query for each key: the rows that those who use it left in its partition."""
        rows = [
            row for key in keys for row in self._query(self._topology, _key(key), "RowKey ge 'by:' and RowKey lt 'by;'")
        ]
        return tuple(dict.fromkeys(use for row in rows for use in _uses(row["uses"])))

    def put_uses(self, owner: ResourceId, used: Sequence[Used], *, all_seen: bool) -> Sequence[Used]:
        """Two rows for each: who uses it in its own partition, and what is used in the owner's. Only what is new or
        different is written; the owner's row comes last, so that what a crash leaves half done is done again."""
        known = {
            row["key"]: row
            for row in self._query(self._topology, _key(owner.key), "RowKey ge 'of:' and RowKey lt 'of;'")
        }
        for each in used:
            text = json.dumps([(use.role.value, use.workspace_id) for use in each.uses])
            if each.key not in known or known[each.key]["uses"] != text:
                by = {"PartitionKey": _key(each.key), "RowKey": f"by:{_key(owner.key)}", "uses": text}
                of = {"PartitionKey": _key(owner.key), "RowKey": f"of:{_key(each.key)}", "uses": text}
                self._upsert(self._topology, by)
                self._upsert(self._topology, of | {"key": each.key, "id": str(each.id or "")})
        now = {each.key for each in used}
        gone = [row for key, row in known.items() if key not in now] if all_seen else []
        for row in gone:
            self._topology.delete_entity(_key(row["key"]), f"by:{_key(owner.key)}")
        return [Used(row["key"], ResourceId.parse(row["id"]), tuple(_uses(row["uses"]))) for row in gone]

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
        return Notice.from_json(row["data"], _etag(row)) if row else None

    def put_notice(self, notice: Notice) -> Notice:
        """Insert or conditional replace."""
        row = {
            "PartitionKey": _key(notice.id),
            "RowKey": "notice",
            "chat": notice.chat,
            "state": notice.state.value,
            "data": notice.to_json(),
        }
        return Notice.from_json(notice.to_json(), self._put(self._notices, row, notice.etag))

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
        query = f"PartitionKey eq '{partition}'" + (f" and {also}" if also else "")
        try:
            return list(table.query_entities(query))
        except ResourceNotFoundError:
            return []  # the table is created by its first row


def _with_table[T](table: TableClient, write: Callable[[], T]) -> T:
    """Run an insert or upsert. Its only 404 is a missing table: create that, and run it again."""
    try:
        return write()
    except ResourceNotFoundError:
        with suppress(ResourceExistsError):  # another worker was faster
            table.create_table()
    return write()


def _uses(text: str) -> list[Use]:
    return [Use(Role(role), workspace) for role, workspace in json.loads(text)]


def _key(text: str) -> str:
    return hashlib.sha256(text.lower().encode()).hexdigest()[:40]


def _etag(row: Any) -> str:
    return str(row.metadata["etag"])
