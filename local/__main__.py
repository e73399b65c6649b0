"""python -m local: the product on your desk."""

import sys
from argparse import Namespace

from local.options import parse


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = parse(arguments)
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
        case "new-rule":
            from local import new_rule

            return new_rule.main(options.service, options.name, options.type)
        case "role" | "infra" | "onboard":
            return _deployment(options)
        case "sample" | "evaluate" | "policy" | "report" | "scan":
            return _judging(options)
        case "chaos" | "sabotage":
            return _proof(options)
        case _:
            return _with_storage(options)


def _deployment(options: Namespace) -> int:
    """A command about what the bot may do and is told in Azure."""
    match options.command:
        case "role":
            from local import role

            more = {name: getattr(options, name) for name in ("safety", "linked") if hasattr(options, name)}
            return role.main(options.kind, options.subscription, **more)
        case "infra":
            from local import infra

            return infra.main(check=options.check)
        case _:
            from local import onboard

            ways = (options.subscription, options.mode, options.delivery, options.location)
            return onboard.main(onboard.Wish(*ways, extension=options.extension, apply=options.apply))


def _with_storage(options: Namespace) -> int:
    """A command that reads or writes the app's own storage."""
    from local import decisions, journal

    match options.command:
        case "approve":
            return decisions.approve(options.settings, options.resource, options.rule, options.digest, options.by)
        case "undo":
            return decisions.undo(options.settings, options.resource, options.rule, options.by)
        case "exempt" if options.end:
            return decisions.end_exemption(options.settings, options.resource, options.rule, options.by)
        case "exempt":
            given = options.until, options.reason, options.by
            return decisions.exempt(options.settings, options.resource, options.rule, *given)
        case _:
            asked = {name: getattr(options, name) for name in ("resource", "rule", "since", "limit")}
            return journal.main(options.settings, asked, as_json=options.json)


def _proof(options: Namespace) -> int:
    """A command that tries the app hard, and says whether it kept what it promises."""
    if options.command == "sabotage":
        from local.sabotage import run as sabotage

        return sabotage.main(options.words)
    from local.chaos import run as chaos

    return chaos.main(chaos.Size(options.writes, options.resources, options.kills, options.seed), options.json)


def _judging(options: Namespace) -> int:
    """A command that makes resources, or judges what it is given, or what is in Azure."""
    if options.command == "scan":
        from local import scan

        return scan.main(options)
    if options.command == "sample":
        from local import sample

        return sample.main(options.count, options.seed)
    if options.command == "report":
        from local.report import main as write_report

        return write_report(options.file, options.output)
    if options.command == "policy":
        from local import policy

        return policy.main(options.file, options.resource, options.rule, as_json=options.json)
    if options.explain is not None:
        from local import explain

        return explain.main(options.explain)
    from local import evaluate, stats

    report = (lambda given: stats.report(given, as_json=options.json)) if options.stats else None
    return evaluate.main(options.file, report)


if __name__ == "__main__":
    sys.exit(main())
