"""Scans in Azure Table storage: a row for each, the newest first, and a row for each of their parts, in order."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.data.tables import TableClient, TableServiceClient, UpdateMode

from remediation.ports import Conflict
from remediation.scans import Part, Scan, moment

SCANS: Final = "scans"
PARTS: Final = "scanparts"
LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)


class ScanTables:
    """The port `Scans`. Its tables are created when first used."""

    def __init__(self, service: TableServiceClient) -> None:
        @cache
        def table(name: str) -> TableClient:
            return service.create_table_if_not_exists(name)

        self._table = table

    def put(self, scan: Scan) -> Scan:
        """Insert or conditional replace."""
        row = {"PartitionKey": SCANS, "RowKey": _place(scan.id), "data": scan.to_json()}
        try:
            if scan.etag:
                answer = self._table(SCANS).update_entity(
                    row, mode=UpdateMode.REPLACE, etag=scan.etag, match_condition=MatchConditions.IfNotModified
                )
            else:
                answer = self._table(SCANS).create_entity(row)
        except (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError):
            raise Conflict from None
        return replace(scan, etag=str(answer["etag"]))

    def get(self, scan_id: str) -> Scan | None:
        """One row."""
        if moment(scan_id) is None:
            return None
        try:
            return _scan(self._table(SCANS).get_entity(SCANS, _place(scan_id)))
        except ResourceNotFoundError:
            return None

    def newest(self, most: int) -> Sequence[Scan]:
        """One query."""
        found = self._table(SCANS).query_entities(f"PartitionKey eq '{SCANS}'", results_per_page=most)
        return [*map(_scan, islice(found, most))]

    def part(self, scan_id: str, key: str) -> Part | None:
        """One row."""
        try:
            return _part(self._table(PARTS).get_entity(scan_id, key))
        except ResourceNotFoundError:
            return None

    def add_part(self, part: Part) -> Part:
        """Insert; where one is, that one."""
        with suppress(ResourceExistsError):
            self._table(PARTS).create_entity(_row(part))
            return part
        return self.part(part.step.scan, part.step.key) or part

    def followed(self, part: Part) -> None:
        """Replace."""
        self._table(PARTS).upsert_entity(_row(replace(part, followed=True)), mode=UpdateMode.REPLACE)

    def parts(self, scan_id: str) -> Iterable[Part]:
        """One query for a thousand."""
        return map(_part, self._table(PARTS).query_entities("PartitionKey eq @scan", parameters={"scan": scan_id}))


def _place(scan_id: str) -> str:
    """The newest comes first."""
    return f"{(LATEST - (moment(scan_id) or LATEST)) // timedelta(microseconds=1):018d}~{scan_id}"


def _row(part: Part) -> dict[str, Any]:
    return {"PartitionKey": part.step.scan, "RowKey": part.step.key, "data": part.to_json()}


def _scan(row: Any) -> Scan:
    return Scan.from_json(row["data"], str(row.metadata["etag"]))


def _part(row: Any) -> Part:
    return Part.from_json(row["data"])
