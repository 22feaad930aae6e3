"""The settings as options of a command, each with an environment variable, and the log that they describe."""

import logging
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import partial
from typing import Any

import click

from mockserver.cli import completion
from mockserver.logs import BatchingHandler, Formatter, JsonFormatter, wants_colours
from mockserver.settings import CHOICES, Settings, environment_variable, parsed

_COMPLETIONS = {"file": completion.files, "folder": completion.folders}


def settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option, with an environment variable, for each setting."""
    return options_of(*(setting.name for setting in fields(Settings)))(command)


def options_of(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The decorator that adds an option for each of these settings."""
    return partial(_with_options, frozenset(names))


def _with_options(names: frozenset[str], command: Callable[..., None]) -> Callable[..., None]:
    for setting in reversed([one for one in fields(Settings) if one.name in names]):
        option = click.option(
            _option_name(setting.name, setting.type),
            envvar=environment_variable(setting.name),
            default=setting.default,
            multiple=setting.type == tuple[str, ...],
            callback=_flat if setting.type == tuple[str, ...] else None,
            type=_option_type(setting.name, setting.type),
            shell_complete=_COMPLETIONS.get(setting.metadata["names"]),
            help=setting.metadata["purpose"],
            show_default=setting.default not in (None, ()),
            show_envvar=True,
        )
        command = option(command)
    return command


def _option_name(name: str, kind: Any) -> str:
    option = name.replace("_", "-")
    return f"--{option}/--no-{option}" if kind is bool else f"--{option}"


class _Text(click.ParamType[Any]):
    """Click's type of a setting whose text is parsed as its environment variable is."""

    def __init__(self, setting_name: str, kind: Any) -> None:
        self.name = {int: "integer", int | None: "integer", float: "float"}.get(kind, "text")
        self._setting_name = setting_name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Value of the text; a usage error if it can't be parsed."""
        try:
            return parsed(self._setting_name, value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _flat(_context: click.Context, _option: click.Parameter, values: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The items of a list that is given in several parts."""
    return tuple(item for items in values for item in items)


class _Items(_Text):
    """Click's type of a setting that is a list. The option may be there several times; its variable is one text."""

    def split_envvar_value(self, rv: str) -> list[str]:
        """The text of the variable, whole: `parsed` knows its commas."""
        return [rv]


class _Flag(_Text, click.types.BoolParamType):
    """Click's type of a setting that is on or off."""


def _option_type(name: str, kind: Any) -> click.ParamType[Any]:
    if name in CHOICES:
        return click.Choice(CHOICES[name])
    if kind == tuple[str, ...]:
        return _Items(name, kind)
    return _Flag(name, kind) if kind is bool else _Text(name, kind)


def log_to_stderr(settings: Settings) -> None:
    """Log as the settings say."""
    handler = BatchingHandler(sys.stderr)
    text = Formatter("%(asctime)s %(warning)s%(message)s", colours=wants_colours(sys.stderr, os.environ))
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else text)
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("mockserver").setLevel(settings.log_level.upper())
    for other in ("uvicorn.error", "asyncio"):  # their warnings tell that clients have left, and what to install
        logging.getLogger(other).setLevel(logging.ERROR)
