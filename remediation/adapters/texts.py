"""Azure Blob storage: the texts of scans, in one container."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient


class TextBlobs:
    """The port `Texts` over one container, which is created when first used. `make` gives its client then: only scans
    need it, and its library takes longer to load than an event to be taken in."""

    def __init__(self, make: Callable[[], "ContainerClient"]) -> None:
        self._container = cache(make)

    def put(self, name: str, text: str) -> None:
        """One PUT."""
        content = text.encode(errors="replace")
        try:
            self._container().upload_blob(name, content, overwrite=True)
        except ResourceNotFoundError:
            self._create()
            self._container().upload_blob(name, content, overwrite=True)

    def get(self, name: str) -> str | None:
        """One GET."""
        try:
            return self._container().download_blob(name).readall().decode()
        except ResourceNotFoundError:
            return None

    def _create(self) -> None:
        with suppress(ResourceExistsError):  # another worker was faster
            self._container().create_container()
