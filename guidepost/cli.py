"""The command `guidepost`. With `--json` one JSON document goes to standard output; messages go to standard error.

Exit status: 0 all well, 1 something was wrong with our own work, 2 usage, 75 another run holds the lock
(EX_TEMPFAIL of sysexits.h; cron should stay quiet).
"""

import gc
import logging
import os
import sys
from importlib import import_module

import click

from guidepost import __version__, config
from kb.errors import BadAddress, BadSetting, Busy, DocumentError, GuidepostError, NotFound

BUSY = 75
_SELDOM = 50_000  # objects
_USAGE = (BadAddress, BadSetting, DocumentError, NotFound)
# command -> where it stands
_COMMANDS = {
    "up": "guidepost.take:up",
    "serve": "guidepost.take:serve",
    "ingest": "guidepost.take:ingest",
    "feeds": "guidepost.subscriptions:commands",
    "add": "guidepost.documents:add",
    "digest": "guidepost.documents:digest",
    "search": "guidepost.look:search_command",
    "topics": "guidepost.look:topics_command",
    "principle": "guidepost.look:principle",
    "post": "guidepost.look:post",
    "tensions": "guidepost.opinions:commands",
    "starter": "guidepost.documents:starter",
    "reindex": "guidepost.look:reindex",
    "redo": "guidepost.documents:redo",
    "curate": "guidepost.curate:commands",
}


class _Commands(click.Group):
    """Loads a command when it is called: a search needs none of the packages for fetching, which take half a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above names nothing else
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """Guidance on customer service, with its evidence, out of the blogs you subscribe to."""


def main() -> None:
    """Run one command and end with its exit status."""
    # Loading packages makes many objects that stay: looking for garbage among them takes a seventh of the start.
    gc.set_threshold(_SELDOM, *gc.get_threshold()[1:])
    logging.basicConfig(level=logging.WARNING, format="guidepost: %(message)s", stream=sys.stderr)
    try:
        commands.main(prog_name="guidepost", obj=config.load(os.environ))
    except Busy as error:
        if sys.stderr.isatty():  # cron mails whatever is printed, and the other run does the work
            _complain(str(error))
        sys.exit(BUSY)
    except GuidepostError as error:
        _complain(str(error))
        sys.exit(2 if isinstance(error, _USAGE) else 1)
    except Exception as error:
        from guidepost.program import trouble  # noqa: PLC0415 - as the commands themselves, see above

        if (told := trouble(error)) is None:
            raise
        _complain(told)
        sys.exit(1)


def _complain(what: str) -> None:
    from guidepost.printing import say  # noqa: PLC0415 - as the commands themselves, see above

    say(f"guidepost: {what}")
