"""`python -m local chaos`: one run, its figures, and whether every promise held."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.azurite import AzuriteFailed
from local.chaos.play import Played, Run
from local.chaos.population import population, prepare
from local.chaos.promises import Promise, promises
from local.chaos.records import Records, collect
from local.chaos.stage import stage
from local.chaos.weather import Storm
from local.demo.stage import PROJECT
from local.functions_host.process import HostFailed
from local.node import NodeFailed

SHARE: Final = 0.2
LONGEST_QUIET: Final = 240.0
MOST_SHOWN: Final = 10
LOG: Final = PROJECT / ".local" / f"chaos-{os.getpid()}.log"

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Size:
    """How much happens in a run. The same seed makes the same resources and writes; when what fails is up to chance."""

    writes: int
    resources: int
    kills: int
    seed: int


def main(size: Size, file: Path | None, *, log: Path = LOG) -> int:
    """Returns 0 when every promise held, 1 when one is broken, 2 when the run cannot start."""
    if file is not None and not file.absolute().parent.is_dir():
        console.print(f"{file}: there is no such folder to write the figures to", style="red")
        return 2
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    try:
        result = run(size, log)
    except (NodeFailed, AzuriteFailed, HostFailed) as failed:
        console.print(f"[red]The run cannot start:[/red] {failed}")
        return 2
    except KeyboardInterrupt:
        console.print("\nstopped")
        return 130
    _show(result)
    console.print(f"[dim]what the host printed: {log}[/dim]")
    if file is not None:
        file.write_text(f"{json.dumps(result.as_json(), ensure_ascii=False, indent=2)}\n", encoding="utf-8")
    return 0 if result.ok else 1


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run."""

    size: Size
    figures: Mapping[str, object]
    promises: tuple[Promise, ...]

    @property
    def ok(self) -> bool:
        """Whether every promise held."""
        return all(promise.kept for promise in self.promises)

    def as_json(self) -> dict[str, Any]:
        """What `--json` writes."""
        kept = [asdict(promise) | {"kept": promise.kept} for promise in self.promises]
        return {"size": asdict(self.size), "figures": dict(self.figures), "promises": kept, "ok": self.ok}


def run(size: Size, log: Path) -> Result:
    """One run on a stage of its own, with progress on the terminal."""
    random, started = Random(size.seed), time.monotonic()  # noqa: S311 - a run is to be repeated, nothing is secret
    storm, members = Storm(Random(random.getrandbits(32)), SHARE), population(size.resources, random)  # noqa: S311
    columns = (TextColumn("{task.description:9}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=1.0)
        with stage(storm, size.seed, log) as running:
            prepare(running.azure, members)
            played = Run(
                running,
                members,
                random,
                lambda what, share: progress.update(task, description=what, completed=share),
            )
            played.storm(size.writes, size.kills)
            played.quiet(LONGEST_QUIET)
            records = collect(running, members, played.played.in_hand)
    figures = _figures(storm, played.played, records, time.monotonic() - started)
    return Result(size, figures, promises(records))


def _figures(storm: Storm, played: Played, records: Records, seconds: float) -> dict[str, object]:
    return {
        "writes by callers": played.writes,
        "plans approved by a person": played.approved,
        "host killed": played.kills,
        "requests of the app to Azure while it stormed": storm.requests,
        "faults of Azure": dict(sorted(storm.azure.items())),
        "posts while it stormed": storm.posts,
        "failures of the chat": dict(sorted(storm.chat.items())),
        "lines in the journal": len(records.journal),
        "seconds until the last message was dealt with": round(played.quiet_seconds, 1),
        "seconds in all": round(seconds, 1),
    }


def _show(result: Result) -> None:
    table = Table(show_header=False, box=None)
    for name, value in result.figures.items():
        table.add_row(name, _text(value))
    console.print(table)
    for promise in result.promises:
        sign = "[green]✓[/green]" if promise.kept else "[red]✗[/red]"
        console.print(f"{sign} {promise.text}" + (f" [dim]({promise.counted})[/dim]" if promise.counted else ""))
        for line in promise.broken[:MOST_SHOWN]:
            console.print(f"    {line}", style="red", markup=False)
        if len(promise.broken) > MOST_SHOWN:
            console.print(f"    and {len(promise.broken) - MOST_SHOWN} more", style="red")
    console.print("[green]Every promise held.[/green]" if result.ok else "[red]A promise was broken.[/red]")


def _text(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    return f"{sum(value.values())}: " + ", ".join(f"{name} {number}" for name, number in value.items())
