"""The commands of `python -m local`, their arguments and their help."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any, Final

LONGEST_NAME: Final = 100
EVALUATE: Final = """Reads JSON Lines, one resource a line: an ARM resource, or
{id, resource, children, roles}. `children` maps a child path to its body
(blobServices/default), or a child collection to a list of bodies (replications).
`roles` says what the resource is to a workspace (default_storage …).
Writes JSON Lines: the verdicts of every rule for it.

Exit status: 0 when every line was judged (a FAIL is a verdict, not an error),
1 when a line could not be judged, 2 when the input cannot be read."""
SAMPLE: Final = """Writes JSON Lines for `evaluate`: resources of every type that rules are about,
healthy and not, with their children and roles. The same seed gives the same.

  python -m local sample --count 10000 | python -m local evaluate --stats"""
REPORT: Final = """Writes the posture of an estate as a page that needs nothing else. Reads resources as
`evaluate` does, or the results of a scan (JSON Lines). A workspace in the file tells
what it stands on. The ending of the output's name chooses: .html (the page), .csv,
.json, .sarif (SARIF 2.1.0) or .xml (JUnit).

  python -m local sample --count 200 | python -m local report - -o report.html

Exit status: 0 when every line was used, 1 when one could not be, 2 when the input
cannot be read or the output not be written."""
NEW_RULE: Final = """Begins a rule, its remediation, its examples and its tests, and registers them.
What is left to fill in is marked FILL-IN; the tests fail until nothing is left.

  python -m local new-rule container-registry untagged-retention
  python -m local new-rule redis zone-redundant --type Microsoft.Cache/redis"""
ROLE: Final = """Prints a custom role definition as JSON. The reader holds all that judging and
planning read, the remediator all that remediations send. Neither holds a
delete, or anything about access but to see locks. The one wildcard reads how a
long-running write went on: Microsoft.Sql/locations/*/read, for each service.

  python -m local role reader --subscription ID > reader.json
  az role definition create --role-definition @reader.json"""


JOURNAL: Final = """Prints what the bot did and why, oldest first, from the app's own storage: who caused
a change, what was found, the values before, the plan, who approved it, the id of
each request to Azure, and how it ended. Of all resources, the last 7 days if no
time is given.

  python -m local journal --since 24h
  python -m local journal --resource ID --json | jq .detail.plan

The login (or the connection string in the settings) has to be allowed to read the
app's storage. HTTP GET /api/journal answers the same. Exit status: 0 when it was
read, 2 when it cannot be."""
APPROVE: Final = """Approves the plan that people were asked about: its digest stands in the message
and in the journal. The app applies it if the resource is still as it was then.

The page that the message links to does the same. The command writes into the app's
own storage, with the app's own settings: whoever may do that may approve. --by is
recorded with the login of this machine's user.

Exit status: 0 when it is approved, 1 when that is not possible, 2 when the app's
storage cannot be reached."""
UNDO: Final = """Asks people whether a confirmed fix is to be taken back. That is a plan of its own,
approved like any other, with the rule RULE/undo; what was taken back is not fixed
again. For RULE/undo itself: the fix is wanted again, as for any other fault.

The page that the message links to does the same. The command writes into the app's
own storage, with the app's own settings. --by is recorded with the login of this
machine's user.

Exit status: 0 when people are asked, 1 when that is not possible, 2 when the app's
storage cannot be reached."""


EXEMPT = """\
Accepts what a rule finds on a resource until a date: nothing is fixed, asked or told
meanwhile, and people are reminded a week before it ends. --end ends it at once.

Exit status: 0 when that is recorded, 1 when it is not possible, 2 when the app's
storage cannot be reached."""

SCAN: Final = """Judges what is in subscriptions as it is now, with your own login and nothing deployed.
Reads only: Resource Graph, and what rules need besides from Resource Manager. The
login needs the role Reader on each subscription.

  az login
  python -m local scan --subscription ID
  python -m local scan --subscription ID --rules 'storage/*' --format json --output found.json

The policy file (policy.yaml, or that of the setting HA_BOT_POLICY) says which rules
are off, and what is for development and test.

Exit status: 0 when it was scanned, 1 when --fail-on finds something, 2 when it cannot
be scanned."""

POLICY: Final = """Says whether a policy file is good: every problem with its line and its fix.

With --resource also what the policy means for a resource, given as Azure returns it
or as `evaluate` reads it: for each rule the verdict, what would be done about a
failure and what decides that, exemptions, and the channels that hear of it.

  az resource show --ids ID | python -m local policy check --resource -

Exit status: 0 when the file is good (and the resource could be judged), 1 when it
is not, 2 when the input cannot be read."""


CHAOS: Final = """Runs the app on its functions host and Azurite while callers write to many resources, a
fifth of all requests to Azure and of all messages fails, events come late, twice and
in no order, and the host is killed and started again. When it is quiet again, holds
the records of the simulated Azure, Azurite and the chat against what the app promises:
all that fails is fixed or with people, nothing is written outside a plan or twice, no
message is missing or posted twice, and every queue is empty.

  python -m local chaos --writes 2000 --resources 300 --seed 7

Exit status: 0 when every promise held, 1 when one is broken, 2 when it cannot start."""

SABOTAGE: Final = """Takes every guard of the app away, one at a time, in a copy of the tree, and runs the
tests that have to fall then. docs/guardrails.md lists them.

  python -m local sabotage            all of them, some minutes
  python -m local sabotage approval   those whose promise or file holds the word

Exit status: 0 when a test fell for every guard, 1 when a guard survived, 2 when none
is called so."""


ONBOARD: Final = """Checks with your own login whether a subscription can be put under the bot's protection,
shows what infra/onboard.bicep would create there, and prints the command that does it;
--apply runs it and then scans the subscription once. Reads only, but for what the Azure
CLI does with --apply. The hub's ids come from the environment:

  set -a; eval "$(azd env get-values)"; set +a
  python -m local onboard --subscription ID

Exit status: 0 when nothing is in the way (with --apply: what the Azure CLI returned,
then that of the scan), 1 when something is, 2 when it cannot be looked at."""


class _Parser(ArgumentParser):
    """A parser whose description is shown as it is written."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": RawDescriptionHelpFormatter} | settings)


def parse(arguments: list[str] | None = None) -> Namespace:
    """The options of one command. Exits with status 2, having said why, where they are wrong."""
    parser = _Parser(prog="python -m local", description="The HA Remediation Bot on your desk.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _demo(commands.add_parser("demo", help="play a story on a simulated Azure and show the messages it leads to"))
    evaluate = commands.add_parser(
        "evaluate", help="judge resources given as JSON Lines, without any network", description=EVALUATE
    )
    _evaluate(evaluate)
    _sample(commands.add_parser("sample", help="make resources to judge", description=SAMPLE))
    _report(commands.add_parser("report", help="write the page of the report from a file", description=REPORT))
    _docs(commands.add_parser("docs", help="write the pages of rules and remediations from their docstrings"))
    _new_rule(commands.add_parser("new-rule", help="begin a rule and all that belongs to it", description=NEW_RULE))
    _role(commands.add_parser("role", help="print the Azure roles that the bot needs", description=ROLE))
    _onboard(commands.add_parser("onboard", help="put a subscription under the bot's protection", description=ONBOARD))
    _infra(commands.add_parser("infra", help="write what the templates in infra/ take from the code"))
    _policy(commands.add_parser("policy", help="check the policy file, and what it means for a resource"))
    _scan(commands.add_parser("scan", help="judge subscriptions with your own login", description=SCAN))
    _serve(commands.add_parser("serve", help="run the function app on this machine against a real Azure"))
    _journal(commands.add_parser("journal", help="print what the bot did and why", description=JOURNAL))
    _approve(commands.add_parser("approve", help="approve a plan that people were asked about", description=APPROVE))
    _undo(commands.add_parser("undo", help="ask people to take a fix back", description=UNDO))
    exempt = commands.add_parser("exempt", help="accept what a rule finds for a time", description=EXEMPT)
    _exempt(exempt)
    _chaos(commands.add_parser("chaos", help="run the app while everything around it fails", description=CHAOS))
    _sabotage(commands.add_parser("sabotage", help="take each guard away; does a test fall?", description=SABOTAGE))
    options = parser.parse_args(arguments)
    if options.command == "exempt":
        _check_exempt(exempt, options)
    if options.command == "evaluate":
        _check(evaluate, options)
    return options


def _demo(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--once",
        action="store_true",
        help="wait for nobody, end after the story; exit status 0 only if all came out well",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write a summary of what happened")


def _chaos(parser: ArgumentParser) -> None:
    parser.add_argument("--writes", type=_count, default=2000, metavar="N", help="writes of callers; 2000 if not given")
    parser.add_argument("--resources", type=_count, default=300, metavar="N", help="resources; 300 if not given")
    parser.add_argument("--kills", type=_count, default=5, metavar="N", help="times the host is killed; 5 if not given")
    parser.add_argument("--seed", type=int, default=7, metavar="N", help="another seed, other resources and writes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures, and what broke a promise")


def _sabotage(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORD", help="only these; all if not given")


def _evaluate(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("file", nargs="?", default="-", metavar="FILE", help="input file; - is standard input")
    what.add_argument("--explain", metavar="RULE", help="print the page of a rule and read nothing")
    parser.add_argument("--stats", action="store_true", help="print counts, speed and memory instead of the verdicts")
    parser.add_argument("--json", action="store_true", help="with --stats: as one JSON object")


def _check(parser: ArgumentParser, options: Namespace) -> None:
    if options.explain is not None and (options.stats or options.json):
        parser.error("--explain reads nothing, so there are no --stats")
    if options.json and not options.stats:
        parser.error("--json goes with --stats: the verdicts are JSON Lines anyway")


def _sample(parser: ArgumentParser) -> None:
    parser.add_argument("--count", type=_count, default=10_000, metavar="N", help="how many; 10000 if not given")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, other resources")


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text} is no whole number from 0 on")
    return int(text)


def _report(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="input file; - is standard input")
    parser.add_argument("-o", "--output", type=_output, default=Path("report.html"), metavar="FILE", help="report.html")


def _output(text: str) -> Path:
    file = Path(text)
    endings = (".html", ".csv", ".json", ".sarif", ".xml")
    if file.suffix.lower() not in endings:
        raise ArgumentTypeError(f"{text} ends in none of {', '.join(endings)}")
    return file


def _docs(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="only say which pages are not up to date; status 1 if any is"
    )


def _infra(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="only say which files are not up to date; status 1 if any is"
    )


def _onboard(parser: ArgumentParser) -> None:
    parser.add_argument("--subscription", required=True, type=str.lower, metavar="ID", help="the subscription's id")
    parser.add_argument(
        "--mode", choices=("audit", "enforce"), default="audit", help="audit (if not given): the bot may only read"
    )
    parser.add_argument(
        "--delivery", choices=("function", "queue"), default="function", help="how events arrive; function if not given"
    )
    parser.add_argument(
        "--extension",
        action="store_true",
        help="put the event subscription on the subscription itself, without a topic",
    )
    parser.add_argument("--location", default="westeurope", metavar="REGION", help="where the deployment is recorded")
    parser.add_argument(
        "--apply", action="store_true", help="run the command, with the Azure CLI of this machine, then scan"
    )


def _new_rule(parser: ArgumentParser) -> None:
    parser.add_argument(
        "service", metavar="SERVICE", help="the service, as container-registry or storage/retention; may be a new one"
    )
    parser.add_argument("name", metavar="NAME", help="the rule, as premium-sku")
    parser.add_argument(
        "--type", metavar="TYPE", help="its resource type; that of the service's first rule if not given"
    )


def _role(parser: ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="reader|remediator")
    reader = kinds.add_parser("reader", help="to read what is judged and planned on")
    remediator = kinds.add_parser("remediator", help="to change what is wrong")
    for kind in (reader, remediator):
        kind.add_argument(
            "--subscription", nargs="+", required=True, metavar="ID", help="where the role can be assigned"
        )
    remediator.add_argument(
        "--safety",
        choices=("SAFE", "APPROVE"),
        default="APPROVE",
        help="SAFE: only what runs by itself; APPROVE (if not given): also what people approve",
    )
    remediator.add_argument(
        "--linked",
        action="store_true",
        help="also to assign identities and join subnets, wherever the role is assigned: needed to change AKS clusters "
        "on networks or identities of your own; without it Azure refuses those plans, and the bot says so",
    )


def _policy(parser: ArgumentParser) -> None:
    check = parser.add_subparsers(dest="kind", required=True, metavar="check").add_parser(
        "check", help="say whether the policy file is good", description=POLICY
    )
    check.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the policy file; policy.yaml if not given")
    check.add_argument("--resource", metavar="FILE", help="a resource to look at; - is standard input")
    check.add_argument("--rule", type=str.lower, default="", metavar="NAME", help="only this rule")
    check.add_argument("--json", action="store_true", help="print one JSON object")


def _scan(parser: ArgumentParser) -> None:
    parser.add_argument("--subscription", nargs="+", required=True, metavar="ID", help="where to look")
    parser.add_argument("--group", default="", metavar="NAME", help="only in this resource group")
    parser.add_argument("--rules", nargs="+", default=[], metavar="NAME", help="only these, as storage/* or a name")
    parser.add_argument(
        "--format",
        choices=("table", "json", "csv", "sarif", "junit", "html"),
        default="table",
        help="table if not given",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there, not to the terminal")
    parser.add_argument(
        "--fail-on", choices=("HIGH", "MEDIUM", "LOW"), metavar="SEVERITY", help="status 1 if anything so grave fails"
    )


def _serve(parser: ArgumentParser) -> None:
    _settings(parser)
    parser.add_argument("--port", type=int, default=7071, help="port of the functions host")


def _settings(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--settings", type=Path, default=Path("local.settings.json"), metavar="FILE", help="app settings"
    )


def _journal(parser: ArgumentParser) -> None:
    parser.add_argument("--resource", default="", metavar="ID", help="only of this resource, from its beginning")
    parser.add_argument("--rule", default="", metavar="NAME", help="only of this rule")
    parser.add_argument("--since", default="", metavar="TIME", help="30m, 24h, 7d or 2026-11-23T12:00:00Z")
    parser.add_argument("--limit", default="", metavar="N", help="the newest N entries, at most 1000; 100 if not given")
    parser.add_argument("--json", action="store_true", help="print JSON Lines, with everything that is known")
    _settings(parser)


def _approve(parser: ArgumentParser) -> None:
    _decision(parser, "digest")


def _undo(parser: ArgumentParser) -> None:
    _decision(parser)


def _exempt(parser: ArgumentParser) -> None:
    _decision(parser)
    parser.add_argument("--until", type=_until, metavar="DATE", help="its end, as 2027-01-31")
    parser.add_argument("--reason", type=_name, metavar="WHY", help="why it is accepted")
    parser.add_argument("--end", action="store_true", help="end the exemption that was given here")


def _check_exempt(parser: ArgumentParser, options: Namespace) -> None:
    if options.end and (options.until or options.reason):
        parser.error("--end needs neither --until nor --reason")
    if not options.end and not (options.until and options.reason):
        parser.error("an exemption needs --until DATE and --reason WHY, so that it ends and others know why")


def _until(text: str) -> object:
    from remediation.exemptions import NoDate, until

    try:
        return until(text.strip())
    except NoDate as error:
        raise ArgumentTypeError(f"{text!r} {error}") from None


def _decision(parser: ArgumentParser, *more: str) -> None:
    parser.add_argument("resource", type=_resource, metavar="RESOURCE", help="the resource's id, as /subscriptions/…")
    parser.add_argument("rule", metavar="RULE", type=str.lower, help="the rule, as container-registry/premium-sku")
    for name in more:
        parser.add_argument(name, metavar=name.upper(), type=str.lower, help="which plan: the message names it")
    parser.add_argument("--by", required=True, type=_name, metavar="NAME", help="who decides")
    _settings(parser)


def _resource(text: str) -> object:
    from rules.resource_id import ResourceId

    found = ResourceId.parse(text)
    if found is None:
        raise ArgumentTypeError(f"{text!r} is not the id of a resource; give all of it, as /subscriptions/…")
    return found


def _name(text: str) -> str:
    name = text.strip()
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise ArgumentTypeError(f"a name has 1 to {LONGEST_NAME} characters on one line")
    return name
