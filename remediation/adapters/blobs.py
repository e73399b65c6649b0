"""Azure Blob storage: the container that Event Grid writes dead letters to."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError

from remediation.ports import UNREADABLE, Blob

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


class DeadLetterBlobs:
    """The port `DeadLetters` over one container. `make` gives its client when it is first used: only a timer needs it,
    and its library takes longer to load than an event to be taken in."""

    def __init__(self, make: Callable[[], "ContainerClient"]) -> None:
        self._container = cache(make)

    def names(self, most: int) -> Sequence[str]:
        """One list call a page; nothing where there is no container."""
        try:
            found = self._container().list_blob_names()
            return [*islice((name for name in found if not name.startswith(UNREADABLE)), most)]
        except ResourceNotFoundError:
            return []

    def read(self, name: str) -> Blob | None:
        """One GET; None for a blob that is gone, or was written to while it was read."""
        try:
            download = self._container().download_blob(name)
            return Blob(name, download.readall(), str(download.properties.etag))
        except (ResourceNotFoundError, ResourceModifiedError):
            return None

    def delete(self, blob: Blob) -> None:
        """Delete in the version that was read: what was written since is read by the next run."""
        with suppress(ResourceNotFoundError, ResourceModifiedError):
            self._container().delete_blob(blob.name, etag=blob.etag, match_condition=MatchConditions.IfNotModified)

    def set_aside(self, blob: Blob) -> None:
        """Write it to its new name, then delete the old one."""
        self._container().upload_blob(f"{UNREADABLE}{blob.name}", blob.content, overwrite=True)
        self.delete(blob)
