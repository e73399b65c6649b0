"""python -m local: the product on your desk."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    match options.command:
        case "demo":
            from local.demo import run as demo

            return demo.main(once=options.once, summary_file=options.json)
        case "serve":
            from local import serve

            return serve.main(options.settings, port=options.port)
        case "docs":
            from local import docs

            return docs.main(check=options.check)
        case _:
            from local import evaluate

            return evaluate.main(options.file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The HA Remediation Bot on your desk.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser("demo", help="play a story on a simulated Azure and show the messages it leads to")
    demo.add_argument(
        "--once", action="store_true", help="end after the story; exit status 0 only if all came out well"
    )
    demo.add_argument("--json", type=Path, metavar="FILE", help="write a summary of what happened")
    evaluate = commands.add_parser(
        "evaluate",
        help="judge resources given as JSON Lines, without any network",
        description="Reads JSON Lines, one resource a line: an ARM resource, or {id, resource, children, roles}. "
        "Writes JSON Lines, the verdicts of every rule for it. Exit status 1 if a line could not be judged.",
    )
    evaluate.add_argument("file", nargs="?", default="-", metavar="FILE", help="input file; - is standard input")
    docs = commands.add_parser("docs", help="write the pages of the rules from their docstrings")
    docs.add_argument(
        "--check", action="store_true", help="only say which pages are not up to date; status 1 if any is"
    )
    serve = commands.add_parser("serve", help="run the function app on this machine against a real Azure")
    serve.add_argument(
        "--settings", type=Path, default=Path("local.settings.json"), metavar="FILE", help="app settings"
    )
    serve.add_argument("--port", type=int, default=7071, help="port of the functions host")
    return parser


if __name__ == "__main__":
    sys.exit(main())
