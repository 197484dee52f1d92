"""The command line `pembinaan`, in Indonesian and English."""

import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from analysis import __version__
from analysis.errors import EXIT_DATA_REFUSED, EXIT_USAGE, PembinaanError, UsageError, closest
from analysis.messages import LANGUAGES, Message, catalogue, render

LANGUAGE_ENV = "PEMBINAAN_LANG"
VERBS = ("sample", "template", "check", "study", "run", "verify", "doctor", "package", "list", "lab")
EXIT_INTERRUPTED = 130

# The matrices are small: threads of the linear algebra libraries cost three times what they save. They read these
# when numpy is first imported, which no verb has done yet.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every user mistake is one message and an exit code, never a traceback."""
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run_command(given))


def run_command(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    lang = "id"
    try:
        lang, rest = split_language(arguments)
        return _invoke(rest, lang)
    except PembinaanError as error:
        return _fail(error.message, lang, error.exit_code)
    except KeyboardInterrupt:
        return _fail(Message("cli.interrupted"), lang, EXIT_INTERRUPTED)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        message = Message("cli.disk_full") if full else Message("cli.file_error", {"detail": str(error)})
        return _fail(message, lang, EXIT_USAGE)
    except Exception as error:
        return _fail(_unexpected(error), lang, 1)


def split_language(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Take ``--lang`` out of the arguments, wherever it stands.

    Returns
    -------
    lang, rest
        The language (``--lang``, else ``PEMBINAAN_LANG``, else Indonesian) and the other arguments.

    Raises
    ------
    UsageError
        For a language that there is not.
    """
    rest, lang = [], os.environ.get(LANGUAGE_ENV, "id")
    waiting = iter(arguments)
    for item in waiting:
        if item == "--lang":
            lang = next(waiting, "")
        elif item.startswith("--lang="):
            lang = item.partition("=")[2]
        else:
            rest.append(item)
    if lang not in LANGUAGES:
        raise UsageError("cli.unknown_language", name=lang, known=list(LANGUAGES))
    return lang, rest


def _invoke(arguments: list[str], lang: str) -> int:
    _set_typer_texts(lang)
    command = typer.main.get_command(build_app(lang))
    try:
        code = command.main(args=arguments, prog_name="pembinaan", standalone_mode=False)
    except typer.Exit as stop:
        return int(stop.exit_code)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return _fail(usage_message(error, arguments), lang, EXIT_USAGE)
    return code if isinstance(code, int) else 0


def usage_message(error: Exception, arguments: Sequence[str]) -> Message:
    """Return what is wrong with a command line, as a message of ours."""
    kind, param = type(error).__name__, getattr(error, "param", None)
    name = str(getattr(param, "metavar", None) or getattr(param, "name", "") or "").upper()
    if kind == "NoSuchOption":
        option = str(getattr(error, "option_name", ""))
        similar = (getattr(error, "possibilities", None) or ["--help"])[0]
        return Message("cli.unknown_option", {"name": option, "closest": similar})
    if kind == "MissingParameter":
        return Message("cli.missing", {"name": name})
    if kind == "BadParameter":
        return Message("cli.bad_value", {"name": name})
    verb = next((item for item in arguments if not item.startswith("-")), "")
    if verb and verb not in VERBS:
        return Message("cli.unknown_command", {"name": verb, "closest": closest(verb, VERBS), "known": list(VERBS)})
    return Message("cli.bad_usage", {"detail": str(getattr(error, "message", error))})


def _fail(message: Message, lang: str, code: int) -> int:
    print(render("cli.error", lang, {"message": message}), file=sys.stderr)
    return code


def _unexpected(error: Exception) -> Message:
    with tempfile.NamedTemporaryFile("w", prefix="pembinaan-", suffix=".log", delete=False, encoding="utf-8") as log:
        traceback.print_exc(file=log)
    return Message("cli.unexpected", {"name": type(error).__name__, "detail": str(error), "file": log.name})


def _set_typer_texts(lang: str) -> None:
    """Put typer's own few words into the reader's language."""
    rich_utils.ARGUMENTS_PANEL_TITLE = render("cli.panel_arguments", lang, {})
    rich_utils.OPTIONS_PANEL_TITLE = render("cli.panel_options", lang, {})
    rich_utils.COMMANDS_PANEL_TITLE = render("cli.panel_commands", lang, {})
    rich_utils.DEFAULT_STRING = catalogue(lang)["cli.default"]
    rich_utils.REQUIRED_LONG_STRING = render("cli.required", lang, {})


def _localized(lang: str) -> tuple[type[TyperGroup], type[TyperCommand]]:
    """Return command classes whose usage line and help option are in `lang`."""
    text = _help_texts(lang)

    class _Local:
        def get_usage(self, ctx: Any) -> str:
            usage: str = super().get_usage(ctx)  # type: ignore[misc]
            return usage.replace("Usage:", text("cli.usage"), 1)

        def get_help_option(self, ctx: Any) -> Any:
            option = super().get_help_option(ctx)  # type: ignore[misc]
            if option is not None:
                option.help = text("cli.help_help")
            return option

    class Group(_Local, TyperGroup):
        pass

    class Command(_Local, TyperCommand):
        pass

    return Group, Command


def build_app(lang: str) -> typer.Typer:
    """Make the application with its help in `lang`."""
    settings: dict[str, Any] = {"help_option_names": ["--help", "-h"]}
    text = _help_texts(lang)
    group, command = _localized(lang)
    app = typer.Typer(add_completion=False, cls=group, help=text("cli.help"), context_settings=settings)

    @app.callback(invoke_without_command=True)
    def root(
        ctx: typer.Context,
        version: Annotated[bool, typer.Option("--version", help=text("cli.help_version"))] = False,
        language: Annotated[str, typer.Option("--lang", help=text("cli.help_lang"))] = lang,
    ) -> None:
        if version:
            print(__version__)
        elif ctx.invoked_subcommand is None:
            print(ctx.get_help())

    for add in (_add_file_verbs, _add_study_verbs, _add_release_verbs, _add_package_verb, _add_catalog_verbs):
        add(app, lang, command)
    return app


def _help_texts(lang: str) -> Callable[[str], str]:
    return lambda key: render(key, lang, {})


def _add_file_verbs(app: typer.Typer, lang: str, cls: type[TyperCommand]) -> None:
    text = _help_texts(lang)

    @app.command(cls=cls, help=text("cli.help_sample"))
    def sample(
        folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.arg_target"))],
        regions: Annotated[int, typer.Option(min=1, max=552, help=text("cli.opt_regions"))] = 12,
        seed: Annotated[int, typer.Option(min=0, help=text("cli.opt_seed"))] = 20260101,
    ) -> None:
        from analysis import commands

        commands.sample(folder, regions, seed, lang)

    @app.command(cls=cls, help=text("cli.help_template"))
    def template(folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.arg_target"))]) -> None:
        from analysis import commands

        commands.template(folder, lang)


def _add_study_verbs(app: typer.Typer, lang: str, cls: type[TyperCommand]) -> None:
    text = _help_texts(lang)

    @app.command(cls=cls, help=text("cli.help_check"))
    def check(
        folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.arg_study"))],
        json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help=text("cli.opt_json"))] = None,
    ) -> None:
        from analysis import commands

        if not commands.check(folder, json_file, lang):
            raise typer.Exit(EXIT_DATA_REFUSED)

    @app.command(cls=cls, help=text("cli.help_study"))
    def study(folder: Annotated[Path, typer.Argument(metavar="DIR", help=text("cli.arg_study"))]) -> None:
        from analysis import commands

        commands.study(folder, lang)


def _add_release_verbs(app: typer.Typer, lang: str, cls: type[TyperCommand]) -> None:
    text = _help_texts(lang)

    @app.command(cls=cls, help=text("cli.help_run"))
    def run(
        folder: Annotated[str, typer.Argument(metavar="DIR", help=text("cli.arg_study"))],
        region: Annotated[list[str] | None, typer.Option(metavar="CODE", help=text("cli.opt_region"))] = None,
        out: Annotated[str | None, typer.Option(metavar="DIR", help=text("cli.opt_out"))] = None,
        workers: Annotated[int | None, typer.Option(min=1, help=text("cli.opt_workers"))] = None,
        scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help=text("cli.opt_scheduler"))] = None,
        share: Annotated[str | None, typer.Option(metavar="PLACE", help=text("batch.opt_share"))] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help=text("cli.opt_dry_run"))] = False,
        pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help=text("site.cli.pdf"))] = True,
        cold: Annotated[bool, typer.Option("--cold-kernels", help=text("batch.opt_cold"))] = False,
        retries: Annotated[int, typer.Option(min=0, help=text("batch.opt_retries"))] = 1,
        events: Annotated[Path | None, typer.Option(metavar="FILE", help=text("batch.opt_events"))] = None,
    ) -> None:
        from analysis import commands
        from analysis.batch import EventLog, Options
        from analysis.batch.events import no_events

        if scheduler and not share:
            raise UsageError("batch.no_share")
        emit = EventLog(events) if events else no_events
        options = Options(workers, cold, retries, scheduler=scheduler, share=share, emit=emit)
        commands.run(folder, tuple(region or ()), out, options, dry_run, lang, pdf)

    @app.command(cls=cls, help=text("cli.help_verify"))
    def verify(
        release: Annotated[Path, typer.Argument(metavar="RELEASE", help=text("cli.arg_release"))],
        sample: Annotated[int | None, typer.Option(metavar="N", min=1, help=text("batch.opt_sample"))] = None,
        workers: Annotated[int | None, typer.Option(min=1, help=text("cli.opt_workers"))] = None,
        cold: Annotated[bool, typer.Option("--cold-kernels", help=text("batch.opt_cold"))] = False,
        public_key: Annotated[Path | None, typer.Option(metavar="FILE", help=text("cli.opt_public_key"))] = None,
    ) -> None:
        from analysis import commands
        from analysis.batch import Options

        commands.verify(release, sample, Options(workers, cold), public_key, lang)

    @app.command(cls=cls, help=text("cli.help_doctor"))
    def doctor(
        out: Annotated[Path | None, typer.Option(metavar="DIR", help=text("cli.opt_out"))] = None,
    ) -> None:
        from analysis import commands

        if not commands.doctor(out, lang):
            raise typer.Exit(EXIT_USAGE)


def _add_package_verb(app: typer.Typer, lang: str, cls: type[TyperCommand]) -> None:
    text = _help_texts(lang)

    @app.command(cls=cls, help=text("cli.help_package"))
    def package(
        release: Annotated[Path, typer.Argument(metavar="RELEASE", help=text("cli.arg_release"))],
        out: Annotated[Path | None, typer.Option(metavar="FILE", help=text("cli.opt_package_out"))] = None,
        share_inputs: Annotated[bool, typer.Option("--share-inputs", help=text("cli.opt_share_inputs"))] = False,
    ) -> None:
        from analysis import commands

        commands.package(release, out, share_inputs, lang)


def _add_catalog_verbs(app: typer.Typer, lang: str, cls: type[TyperCommand]) -> None:
    text = _help_texts(lang)

    @app.command("list", cls=cls, help=text("cli.help_list"))
    def list_(kind: Annotated[str, typer.Argument(metavar="KIND", help=text("cli.arg_kind"))]) -> None:
        from analysis import commands

        commands.show_catalog(kind, lang)

    @app.command(cls=cls, help=text("cli.help_lab"))
    def lab(
        port: Annotated[int | None, typer.Option(min=1, max=65535, help=text("display.lab_port"))] = None,
        no_browser: Annotated[bool, typer.Option("--no-browser", help=text("display.lab_no_browser"))] = False,
    ) -> None:
        from analysis import commands

        raise typer.Exit(commands.lab(lang, port, not no_browser))
