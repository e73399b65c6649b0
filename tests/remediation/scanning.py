"""Scans in tests: asked for, worked on until nothing is left to do, and looked at."""

from datetime import timedelta

from azure.storage.blob import ContainerClient

from local.azure.messages import GRAPH_PATH
from remediation import scan_start, scan_views, wiring
from remediation.results import Result
from remediation.scan_request import ScanRequest, parse
from remediation.scans import Scan
from rules import RULES_BY_NAME
from tests.builders import GROUP, registry
from tests.remediation.harness import Bot

ALL = RULES_BY_NAME.keys()
EVERYTHING = {"scope": "all"}


def put(bot: Bot, identity: str, sku: str = "Basic") -> None:
    """Let a registry be there."""
    bot.seed(registry(sku, id=identity, name=identity.rpartition("/")[2]))


def ask(bot: Bot, asked: object = EVERYTHING) -> ScanRequest:
    return parse(asked, bot.services.policy.subscriptions)


def run(bot: Bot, asked: object = EVERYTHING) -> Scan:
    """A scan, until nothing is left to do."""
    begun = scan_start.start(bot.services, ask(bot, asked))
    drain(bot)
    return now(bot, begun)


def drain(bot: Bot, times: int = 40) -> None:
    """Work on scans alone, and let time pass for what is put off."""
    for _ in range(times):
        bot.drain("scans")
        if not any(each.queue == "scans" for each in bot.delays.waiting):
            return
        bot.clock.move(timedelta(minutes=6))
        bot.delays.release()


def now(bot: Bot, begun: Scan) -> Scan:
    found = bot.services.scans.get(begun.id)
    assert found is not None
    return found


def results(bot: Bot, begun: Scan) -> list[Result]:
    return [*scan_views.results(bot.services, bot.services.scans.parts(begun.id))]


def delete_results(storage: str, begin: str = "") -> None:
    """What the lifecycle rule of the storage account does after 90 days; `storage` is a connection string, and the
    names of what is deleted begin with `begin`."""
    with ContainerClient.from_connection_string(storage, wiring.SCANS_CONTAINER) as container:
        for name in container.list_blob_names(name_starts_with=begin):
            container.delete_blob(name)


def queries(bot: Bot) -> int:
    """The answers of Resource Graph that were no refusals."""
    return sum(exchange.path.lower() == GRAPH_PATH and exchange.status == 200 for exchange in bot.azure.log)


def estate(bot: Bot, count: int = 30) -> list[str]:
    """Registries with replicas to read."""
    ids = [f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr{number:03}" for number in range(count)]
    for identity in ids:
        put(bot, identity, "Premium")
    return ids
