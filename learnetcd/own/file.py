"""Your file: loaded, and what is in it taken out.

    own = load(Path("mine.py"))
    own.parts                                  ("grant_vote",)
    own.ask("grant_vote", voter, request)      True, or an `OwnFault` with the line

A file of yours is plain Python. Functions in it that have the name of a part (`parts`) take its
place; whatever else is there is yours alone. What is not there remains ours.

Next page: `stub`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType, ModuleType

from learnetcd.errors import UserError
from learnetcd.own.calling import TooLong, call, counted, line_of, said
from learnetcd.own.parts import FUNCTIONS, PARTS, Answer
from learnetcd.value import dataclass


@dataclass(frozen=True, slots=True)
class Own:
    """What somebody wrote in place of parts of a member."""

    path: Path
    functions: Mapping[str, FunctionType]
    """By the names of `FUNCTIONS`."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts that are replaced."""
        return tuple(
            part.name
            for part in PARTS.values()
            if all(function.name in self.functions for function in part.functions)
        )

    def ask(self, name: str, *question: object) -> Answer:
        """What the function of this name answers; an `OwnFault` if it gives no answer."""
        return call(self.functions[name], FUNCTIONS[name].complaint, *question)


def load(path: Path) -> Own:
    """Run a file and take the parts out; a `UserError` says what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError(f"{path} is no Python file: it is no text.") from None
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from None
    return loaded(path, text)


def loaded(path: Path, text: str) -> Own:
    """The parts of a file with this text."""
    module = ModuleType("learnetcd_own_file")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look there for the types of their fields
    try:
        with counted(str(path), 1) as steps:
            exec(compile(text, str(path), "exec"), vars(module))
    except TooLong as error:
        raise UserError(f"{path}, line {steps.last}: {error}, while the file was read.") from None
    except SyntaxError as error:
        where = f"{path}, line {error.lineno}" if error.lineno else str(path)
        raise UserError(f"{where}: this is not Python: {error.msg}.") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit as well
        line = line_of(error.__traceback__, str(path))
        where = f"{path}, line {line}" if line else str(path)
        raise UserError(f"{where}: {said(error)}, while the file was read.") from None
    return Own(path, _functions(path, vars(module)))


def _functions(path: Path, names: Mapping[str, object]) -> dict[str, FunctionType]:
    """Those that have the name of a part and can be called as one."""
    found: dict[str, FunctionType] = {}
    for name, function in FUNCTIONS.items():
        if name not in names:
            continue
        value = names[name]
        if not isinstance(value, FunctionType):
            raise UserError(f"{path}: {name} must be a function (def {name}(...)).")
        _check_arguments(path, value, function.reference)
        found[name] = value
    _check_whole(path, found)
    return found


def _check_arguments(path: Path, yours: FunctionType, ours: Callable[..., object]) -> None:
    """A function must take as many arguments as the reference."""
    wanted = inspect.signature(ours)
    required = [p for p in wanted.parameters.values() if p.default is p.empty]
    try:
        inspect.signature(yours).bind(*wanted.parameters)
        inspect.signature(yours).bind(*required)
    except TypeError:
        line = yours.__code__.co_firstlineno
        arguments = ", ".join(str(p).split(":")[0] for p in wanted.parameters.values())
        raise UserError(f"{path}, line {line}: {yours.__name__} must take ({arguments}).") from None


def _check_whole(path: Path, found: Mapping[str, object]) -> None:
    """A file must replace something, and nothing by halves."""
    if not found:
        names = ", ".join(FUNCTIONS)
        raise UserError(f"{path} replaces nothing: it has no function called {names}.")
    for part in PARTS.values():
        missing = [one.name for one in part.functions if one.name not in found]
        if missing and len(missing) < len(part.functions):
            *others, last = (one.name for one in part.functions)
            whole = f"{', '.join(others)} and {last}"
            raise UserError(f"{path}: {part.name} needs {whole}; {missing[0]} is not there.")
