"""The parser that every command is read by: options they all have, and usage errors that can be a JSON document."""

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from viewer.core.text.shown_text import for_terminal

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # generic for the type checker only
else:
    Subparsers = Any


class UsageStop(SystemExit):
    """The command line cannot be understood: exit code 2. sentence: why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(2)
        self.sentence = sentence


class CommandParser(argparse.ArgumentParser):
    """An argument parser whose errors end with the sentence they printed."""

    def error(self, message: str) -> NoReturn:
        """Usage and one line on stderr; `main` puts the line into the JSON document."""
        try:
            super().error(for_terminal(message))  # it may name a file that a shell's star found
        except SystemExit:
            raise UsageStop(message) from None


def add_every_commands_options(parser: argparse.ArgumentParser) -> None:
    """Show the common options in the help; `main` has already taken them out of the line."""
    group = parser.add_argument_group("options of every command")
    group.add_argument("--json", action="store_true", help="print exactly one JSON document on stdout at the end")
    group.add_argument("--events", action="store_true", help="print progress as JSON lines on stderr")
    group.add_argument("--trace", metavar="FILE", help="append JSON lines that say when things happened")


def add_reader(parser: argparse.ArgumentParser) -> None:
    """--reader, of whatever says something of cases or asks what is said."""
    parser.add_argument(
        "--reader", default="", metavar="NAME",
        help='in whose reading: a name, "NAME, first" before AI, "NAME, repeat" or "NAME, repeat 2" for reading again, '
        'or "shared" for that of all (default: as `project readings` says)',
    )  # fmt: skip


def add_readings_rule(parser: argparse.ArgumentParser) -> None:
    """--readings, of what lists or counts; beside --reader, which names one reading."""
    parser.add_argument(
        "--readings", default="", metavar="RULE",
        help="what is taken where several have read: agreed (what they say alike; the default there), majority, union, "
        "shared (the reading of all) or reader:NAME",
    )  # fmt: skip


def asked_reader(args: argparse.Namespace) -> str:
    """In whose reading to open a project that is only listed: the shared one, where no reader is named.

    Raises BadRequest where both a reader and a rule for several are.
    """
    from viewer.core.errors import BadRequest
    from viewer.project.readings import SHARED_WORD

    rule = args.readings if isinstance(args.readings, str) else "".join(args.readings)
    if args.reader and rule:
        raise BadRequest("--reader names one reading and --readings what to take of several; give one of them.")
    return args.reader or SHARED_WORD


def add_action(
    commands: Subparsers, name: str, *, help: str, example: str, description: str = ""
) -> argparse.ArgumentParser:
    """A nested command such as `project create`, whose own help has an example and the common options too."""
    parser = commands.add_parser(
        name,
        help=help,
        description=description or f"{help[0].upper()}{help[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_every_commands_options(parser)
    return parser
