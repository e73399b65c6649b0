"""A port `Cloud` that passes everything on: tests that put themselves between the bot and Azure change one method."""

from collections.abc import Sequence

from remediation.plan import Write
from remediation.ports import Answer, Cloud, Operation
from rules.model import Body
from rules.resource_id import ResourceId


class PassingOn:
    """The port `Cloud` over another one."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def read(self, resource_id: ResourceId, api_version: str) -> Body:
        """One GET."""
        return self._cloud.read(resource_id, api_version)

    def list(self, resource_id: ResourceId, collection: str, api_version: str) -> Sequence[Body]:
        """One list."""
        return self._cloud.list(resource_id, collection, api_version)

    def group_owner(self, resource_id: ResourceId) -> str:
        """One look at its group."""
        return self._cloud.group_owner(resource_id)

    def send(self, write: Write) -> Answer:
        """One write."""
        return self._cloud.send(write)

    def operation(self, url: str) -> Operation:
        """One look at an operation."""
        return self._cloud.operation(url)

    def progress(self, write: Write) -> Operation:
        """One look at what shows how far a write is."""
        return self._cloud.progress(write)
