"""The command line: ``torchtex verify`` and ``torchtex check``.

Exit codes: 0 holds, 1 something differs, 2 wrong usage, unreadable input or refused.  What needs
PyTorch is imported by the command that needs it, so that help is instant.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import math
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from torchtex import __version__

HOLDS, DIFFERS, REFUSED, INTERRUPTED = 0, 1, 2, 130
DESCRIPTION = "Keeps formulas, PyTorch code and the numbers beside them equal."
EXIT_CODES = "exit codes: 0 holds, 1 something differs, 2 wrong usage, unreadable input or refused"
OPTION = re.compile(r"--[A-Za-z][\w-]*")
ISSUES = "please report it with what --debug prints"

LATEX_HELP = "the formula; - reads it from standard input, @FILE from a file"
CODE_HELP = "a Python expression; torch, F, nn, math and np are there"
LET_HELP = "a value of one of the code's variables, such as z=torch.randn(8,5)"
NAME_HELP = "what a symbol of the formula is, such as p=softmax(z)"
DECLARE_HELP = "what the notation does not say, such as 'x in R^{N x D}'"
TIMEOUT_HELP = "for each block and each comparison (30)"
MEMORY_HELP = "of memory for the code of an article (4)"
DEBUG_HELP = "print the tracebacks of internal errors"
REPEATED: Mapping[str, Any] = {"action": "append", "default": []}


class UsageError(Exception):
    """A command line that makes no sense; the text says why."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and that knows which of its options take a value."""

    def __init__(self, name: str, description: str, **settings: Any) -> None:
        super().__init__(
            name, description=description, epilog=EXIT_CODES, allow_abbrev=False, **settings
        )
        self.takes_value = {"-h": False, "--help": False}

    def add_option(self, flag: str, **settings: Any) -> None:
        self.takes_value[flag] = self.add_argument(flag, **settings).nargs != 0

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see '{self.prog} --help'")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code.  ``arguments`` are those after the program's name;
    by default, those of this process."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _write_any_character()
    try:
        return _dispatch(words)
    except UsageError as problem:
        return _refuse(str(problem))
    except BrokenPipeError:
        _abandon_output()
        return REFUSED
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    except Exception as error:
        return _report_internal(error, words)


def _dispatch(words: Sequence[str]) -> int:
    commands = _commands()
    first = words[0] if words else ""
    if first in commands:
        parser = commands[first]
        chosen = parser.parse_args(_arranged(words[1:], parser.takes_value))
        run: Callable[[argparse.Namespace], int] = chosen.run
        return run(chosen)
    if first and not first.startswith("-"):
        raise UsageError(_unknown_command(first, commands))
    parser = _main_parser(commands)
    if not words:
        parser.print_help(sys.stderr)
        return REFUSED
    parser.parse_args(words)
    raise UsageError(f"no command; choose one of {', '.join(commands)}")


def _commands() -> dict[str, _Parser]:
    return {"verify": _verify_parser(), "check": _check_parser()}


def _unknown_command(word: str, commands: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(word, commands, n=1)
    if close:
        return f"unknown command '{word}'; did you mean '{close[0]}'?"
    if word.lower().endswith((".md", ".markdown")):
        return f"unknown command '{word}'; did you mean 'check {word}'?"
    return f"unknown command '{word}'; choose one of {', '.join(commands)}"


def _main_parser(commands: Mapping[str, _Parser]) -> _Parser:
    listed = "\n".join(f"  {name:<8}{parser.description}" for name, parser in commands.items())
    parser = _Parser(
        "torchtex",
        f"{DESCRIPTION}\n\ncommands:\n{listed}",
        usage="torchtex COMMAND ... | --help | --version",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_option("--version", action="version", version=f"torchtex {__version__}")
    return parser


def _verify_parser() -> _Parser:
    parser = _Parser("torchtex verify", "compare a formula with PyTorch code")
    parser.add_argument("latex", metavar="LATEX", help=LATEX_HELP)
    parser.add_argument("code", metavar="CODE", help=CODE_HELP)
    parser.add_option("--let", metavar="NAME=EXPR", help=LET_HELP, **REPEATED)
    parser.add_option("--name", metavar="SYMBOL=EXPR", help=NAME_HELP, **REPEATED)
    parser.add_option("--declare", metavar="TEXT", help=DECLARE_HELP, **REPEATED)
    parser.add_option("--seed", metavar="N", type=_whole, default=0, help="of the samples (0)")
    parser.add_option("--budget", metavar="SECONDS", type=_positive, help="of time")
    parser.add_option("--json", action="store_true", help="print the verdict as JSON")
    parser.add_option("--debug", action="store_true", help=DEBUG_HELP)
    parser.set_defaults(run=_verify)
    return parser


def _check_parser() -> _Parser:
    parser = _Parser(
        "torchtex check", "check Markdown articles: run their code, compare their formulas"
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a Markdown file, or a folder")
    parser.add_option("--no-run", action="store_true", help="execute nothing")
    parser.add_option(
        "--timeout", type=_positive, default=30.0, metavar="SECONDS", help=TIMEOUT_HELP
    )
    parser.add_option("--memory", type=_positive, default=4.0, help=MEMORY_HELP, metavar="GIB")
    parser.add_option("--json", action="store_true", help="print the findings as JSON")
    parser.add_option("--github", action="store_true", help="print GitHub workflow commands")
    parser.add_option("--debug", action="store_true", help=DEBUG_HELP)
    parser.set_defaults(run=_check)
    return parser


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive number")
    return value


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number")
    return int(text)


def _arranged(words: Sequence[str], takes_value: Mapping[str, bool]) -> list[str]:
    """Options first, then the rest behind ``--``: formulas may begin with a minus."""
    options: list[str] = []
    rest: list[str] = []
    remaining = iter(words)
    for word in remaining:
        flag = word.partition("=")[0]
        if word == "--":
            rest.extend(remaining)
        elif flag not in takes_value and OPTION.fullmatch(flag):
            close = difflib.get_close_matches(flag, takes_value, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            raise UsageError(f"unknown option {flag}{meant}")
        elif flag not in takes_value:
            rest.append(word)
        elif takes_value[flag] and flag == word:
            options.extend(f"{flag}={value}" for value in _next_of(remaining, flag))
        else:
            options.append(word)
    return [*options, "--", *rest]


def _next_of(remaining: Iterable[str], flag: str) -> list[str]:
    for value in remaining:
        return [value]
    raise UsageError(f"{flag} needs a value")


def _verify(chosen: argparse.Namespace) -> int:
    latex = _latex(chosen.latex)
    inputs = _pairs(chosen.let, "--let")
    names = _pairs(chosen.name, "--name")
    # Whatever the code prints, standard output holds the verdict and nothing else.
    with contextlib.redirect_stdout(sys.stderr):
        from torchtex.verify import verify

        budget = {} if chosen.budget is None else {"budget": chosen.budget}
        verdict = verify(
            latex,
            chosen.code,
            inputs=_evaluated(inputs, chosen.seed) or None,
            names=names or None,
            declare=tuple(chosen.declare),
            seed=chosen.seed,
            **budget,
        )
    text = _json(verdict.to_dict()) if chosen.json else str(verdict)
    _print_all([text])
    return {"differs": DIFFERS, "refused": REFUSED}.get(verdict.status, HOLDS)


def _latex(argument: str) -> str:
    from torchtex.document.source import Unreadable, decode, read_text

    try:
        if argument == "-":
            return decode(sys.stdin.buffer.read(), "standard input")
        if argument.startswith("@"):
            return read_text(argument[1:])
    except Unreadable as problem:
        raise UsageError(str(problem)) from problem
    return argument


def _pairs(words: Iterable[str], option: str) -> dict[str, str]:
    from torchtex.document.directives import split_assignment, wrong_expression

    pairs: dict[str, str] = {}
    for word in words:
        name, equals, expression = split_assignment(word)
        if not (name and equals and expression):
            raise UsageError(f"{option} needs NAME=EXPRESSION, not '{word}'")
        if name in pairs:
            raise UsageError(f"{option} {name} is given twice")
        reason = wrong_expression(expression)
        if reason is not None:
            raise UsageError(f"{option} {name}: not a Python expression ({reason})")
        pairs[name] = expression
    return pairs


def _evaluated(expressions: Mapping[str, str], seed: int) -> dict[str, Any]:
    """The values of ``--let``, each of which may use those before it."""
    if not expressions:
        return {}
    import torch

    from torchtex.pytorch.code import LIBRARIES

    torch.manual_seed(seed)
    values: dict[str, Any] = {}
    for name, expression in expressions.items():
        if not name.isidentifier():
            raise UsageError(f"--let {name}: this is not a Python name")
        try:
            values[name] = eval(expression, {**LIBRARIES, **values})  # noqa: S307 - the user's own
        except Exception as error:
            raise UsageError(f"--let {name}: {type(error).__name__}: {error}") from error
    return values


def _json(value: Mapping[str, Any]) -> str:
    """``value`` as standard JSON, which knows no infinity: such numbers become strings."""
    return json.dumps(_finite(value), ensure_ascii=False, indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _check(chosen: argparse.Namespace) -> int:
    from torchtex.document import terminal
    from torchtex.document.limits import GIBIBYTE, Limits
    from torchtex.document.report import check

    if chosen.json and chosen.github:
        raise UsageError("--json and --github exclude each other")
    limits = Limits(seconds=chosen.timeout, memory=int(chosen.memory * GIBIBYTE))
    with terminal.progress() as progress:
        report = check(*chosen.paths, run_code=not chosen.no_run, limits=limits, progress=progress)
    if chosen.github:
        _print_all(report.commands())
    elif chosen.json:
        _print_all([report.to_json()])
    else:
        with _reader_may_leave():
            terminal.write(report.lines())
    if not chosen.github:
        for problem in report.unreadable:
            _say(f"error: {problem}")
    return report.exit_code


def _print_all(lines: Iterable[str]) -> None:
    with _reader_may_leave():
        for line in lines:
            print(line)


@contextlib.contextmanager
def _reader_may_leave() -> Iterator[None]:
    """A reader that has seen enough, such as ``head``, is no error."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_output()


def _abandon_output() -> None:
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_any_character() -> None:
    """A terminal that lacks a character shows its code, instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _refuse(message: str) -> int:
    _say(f"error: {message}")
    return REFUSED


def _say(message: str) -> None:
    with contextlib.suppress(OSError):
        print(f"torchtex: {message}", file=sys.stderr)


def _report_internal(error: Exception, words: Sequence[str]) -> int:
    if "--debug" in words:
        traceback.print_exc()
    told = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return _refuse(f"internal error: {told}; {ISSUES}")
