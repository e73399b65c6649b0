"""`python -m local demo`: starts the stage, plays the story, prints the timeline, leaves the page up."""

import json
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from local.azurite import AzuriteFailed
from local.chat.inbox import StoryLine
from local.demo.play import Happened, Invite, by_itself, play, summary
from local.demo.stage import Stage, stage
from local.demo.story import STORY, Step, prepare
from local.demo.turn import decided, how_to_leave_it
from local.functions_host.process import HostFailed
from local.node import NodeFailed

console = Console(highlight=False, soft_wrap=True)


def main(*, once: bool, summary_file: Path | None) -> int:
    """Returns 0 when every step came out as told."""
    if summary_file is not None and not summary_file.absolute().parent.is_dir():
        console.print(f"{summary_file}: there is no such folder to write the summary to", style="red")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    try:
        with stage(lambda line: console.print(f"[dim]· {line}[/dim]")) as running:
            console.print(f"[dim]· ready after {time.monotonic() - started:.1f} s[/dim]\n")
            console.print(f"The messages, as Teams and Slack would show them: [bold]{running.chat.url}[/bold]\n")
            telling = Telling(running)
            status = telling.tell(by_itself if once else telling.invite, summary_file)
            if not once:
                _stay(running)
    except (NodeFailed, AzuriteFailed, HostFailed) as failed:
        console.print(f"[red]The demo cannot start:[/red] {failed}", markup=True)
        return 2
    except KeyboardInterrupt:
        console.print("\nstopped")
        return 130
    return status


@dataclass(frozen=True, slots=True)
class Telling:
    """The story as it is told, in the terminal and on the page."""

    running: Stage
    lines: list[StoryLine] = field(default_factory=list)

    def tell(self, invite: Invite, summary_file: Path | None) -> int:
        """Play it. Returns 0 when every step came out as told."""
        prepare(self.running)
        happened: list[Happened] = []
        for step in play(self.running, STORY, invite):
            happened.append(step)
            _print(len(happened), step)
            self.lines.append(StoryLine(step.at, f"{step.title} → {step.then}"))
            self.running.chat.timeline(self.lines)
        result = summary(self.running, happened)
        console.print(_total(result))
        if summary_file is not None:
            summary_file.write_text(f"{json.dumps(result, ensure_ascii=False, indent=2)}\n", encoding="utf-8")
            console.print(f"[dim]summary written to {summary_file}[/dim]")
        return 0 if result["ok"] else 1

    def invite(self, step: Step) -> str:
        """What a person has decided, once they have; empty where they press Enter instead."""
        turn = StoryLine(time.strftime("%H:%M:%S"), f"Your turn: {step.invites}.", turn=True)
        self.running.chat.timeline([*self.lines, turn])
        console.print(f"[bold yellow]▶ Your turn:[/bold yellow] {step.invites}")
        console.print(f"    on [bold]{self.running.chat.url}[/bold]; {how_to_leave_it()}")
        return decided(self.running.store, step.resource_id)


def _print(number: int, step: Happened) -> None:
    sign = "[red]✗[/red]" if step.problems else "[green]✓[/green]"
    console.print(f"{sign} [bold]{number}. {step.title}[/bold]")
    console.print(f"    → {step.then}")
    spent = f"{step.seconds:.2f} s" if step.messages else "no message"
    console.print(
        f"[dim]    {spent} · {_count(step.events, 'event')}, {_count(step.checks, 'check')}, "
        f"{_count(step.messages, 'message')} · Azure: {_count(step.arm_reads, 'read')}, "
        f"{_count(step.arm_writes, 'write')}[/dim]"
    )
    for problem in step.problems:
        console.print(f"    [red]{problem}[/red]")


def _total(result: dict[str, object]) -> str:
    words = ", ".join(f"{result[word]} {word}" for word in ("fixed", "asked", "told", "failed"))
    verdict = "[green]as told[/green]" if result["ok"] else "[red]not as told[/red]"
    return f"\nThe story came out {verdict}: {words}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _stay(running: Stage) -> None:
    console.print(
        f"\nThe page stays up: [bold]{running.chat.url}[/bold]. Its buttons go on working. Ctrl-C ends the demo."
    )
    while running.host.alive:
        time.sleep(0.5)
    console.print(f"[red]The functions host ended by itself; its log: {running.log}[/red]")
