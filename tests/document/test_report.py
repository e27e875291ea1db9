"""Reports: counts, exit codes and the forms they are written in.  ``verify`` is a stand-in here:
a formula's LaTeX is its verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.document.running import block, stand_in_worker
from torchtex.document.report import Report, check

__all__ = ["stand_in_worker"]
VERIFY = "<!-- torchtex: verify 1 -->"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stand_in_worker: None) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(source: str, **settings: bool) -> Report:
    Path("a.md").write_text(source, encoding="utf-8")
    return check("a.md", **settings)


def test_the_forms_of_a_report(folder: Path) -> None:
    """One article with a finding of each kind, in every form a report has."""
    report = checked(
        f"$agrees$ {VERIFY}\n\n公式 $differs$ {VERIFY}\n\n$$\nagrees_up_to\n$$\n{VERIFY}\n"
        f"<!-- torchtex: verfy -->\n\n$refused$ {VERIFY} $proved$ {VERIFY} $x$ $y$\n\n"
        + block("raise ValueError('50% off:\\nnow')")
    )
    lines = str(report).split("\n")
    reading = ["    read: as it stands", "    bound: x = x", "    note: 1; {...}"]
    shown = [line.replace("{'names': None, 'declare': (), 'seed': 0}", "{...}") for line in lines]
    assert shown == [
        "a.md:1:1: agrees: 1",
        *reading,
        "a.md:3:4: F101 formula differs from 1: value[1]: formula 2.5, code nan at x = [1, inf]; "
        r"did you mean \frac{1}{N} x ?",
        *reading,
        "a.md:5:1: F110 agrees up to a step without a name: 1",
        *reading,
        "a.md:9:16: D101 unknown directive 'verfy'; did you mean 'verify'? "
        "expected verify, let, name, declare, ignore, skip",
        "a.md:11:1: F103 formula not compared with 1: no reason is known",
        *reading,
        "a.md:11:39: proved: 1",
        *reading,
        "a.md:14:1: C101 code raised ValueError: 50% off:",
        "    now",
        "proved 1 · agrees 1 · agrees up to 1 · differs 1 · refused 1 · unlinked 2",
    ]

    found = json.loads(report.to_json())
    assert list(found) == ["version", "files"]
    assert found["version"] == 1
    (file,) = found["files"]
    assert list(file) == ["path", "diagnostics", "formulas"]
    assert file["formulas"] == {
        "proved": 1,
        "agrees": 1,
        "agrees_up_to": 1,
        "differs": 1,
        "refused": 1,
        "unlinked": 2,
    }
    codes = [(d["code"], d["severity"], d["status"]) for d in file["diagnostics"]]
    assert codes == [
        ("F101", "error", "differs"),
        ("F110", "info", "agrees_up_to"),
        ("D101", "error", None),
        ("F103", "error", "refused"),
        ("C101", "error", None),
    ]
    suggestions = [found["suggestion"] for found in file["diagnostics"]]
    assert suggestions == [r"\frac{1}{N} x", None, None, None, None]
    step = file["diagnostics"][1]
    assert list(step) == [
        "code",
        "severity",
        "line",
        "column",
        "end_line",
        "end_column",
        "message",
        "suggestion",
        "status",
    ]
    place = [step[key] for key in ("line", "column", "end_line", "end_column")]
    assert place == [5, 1, 7, 3]

    commands = list(report.commands())
    assert [command.split(" ")[0] for command in commands] == [
        "::error",
        "::notice",
        "::error",
        "::error",
        "::error",
    ]
    assert commands[-1] == (
        "::error file=a.md,line=14,endLine=14,col=1,endColumn=34,title=torchtex C101"
        "::C101 code raised ValueError: 50%25 off:%0Anow"
    )


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("text and $x$", 0),
        ("$$\nunclosed", 0),
        ("<!-- torchtex: verfy -->", 2),
        ("<!-- torchtex: ignore D101 -->\n<!-- torchtex: verfy -->", 0),
        (block("1 +"), 1),
        (block("1 +") + "<!-- torchtex: ignore C104 -->", 0),
        (block("1 +") + "<!-- torchtex: ignore C101 -->", 1),
        (block("1 +") + "<!-- torchtex: verfy -->", 2),
    ],
)
def test_exit_codes_of_what_needs_no_process(folder: Path, source: str, code: int) -> None:
    report = checked(source)
    assert report.exit_code == code
    assert report.ok == (code == 0)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("proved agrees agrees_up_to", 0),
        ("agrees differs", 1),
        ("agrees refused", 2),
        ("refused differs agrees", 1),
    ],
)
def test_exit_codes_of_verdicts(folder: Path, words: str, code: int) -> None:
    source = "\n\n".join(f"${word}$ {VERIFY}" for word in words.split())
    assert checked(source).exit_code == code


def test_a_silenced_formula_still_counts_but_decides_nothing(folder: Path) -> None:
    report = checked(f"$differs$ {VERIFY} <!-- torchtex: ignore F101 -->\n\n$x$")
    assert report.diagnostics == ()
    assert report.formulas["differs"] == 1
    assert report.ok


def test_a_formula_that_is_compared_twice_counts_once(folder: Path) -> None:
    report = checked(f"$agrees$ {VERIFY} {VERIFY}")
    assert sum(report.formulas.values()) == report.formulas["agrees"] == 1


def test_without_running_nothing_is_executed_and_directives_are_still_read(folder: Path) -> None:
    source = (
        block("import pathlib; pathlib.Path('ran').touch()")
        + block("1 +")
        + f"$differs$ {VERIFY} $b$ {VERIFY} $c$ <!-- torchtex: verfy -->"
    )
    report = checked(source, run_code=False)
    assert not Path("ran").exists()
    assert [found.code for found in report.diagnostics] == ["C104", "D101"]
    assert report.formulas["unlinked"] == sum(report.formulas.values()) == 3
    last = str(report).split("\n")[-1]
    assert last == "nothing was run: 2 formulas with a verify directive not compared"


def test_several_articles_add_up_and_none_is_checked_twice(folder: Path) -> None:
    Path("sub").mkdir()
    Path("sub/b.MD").write_text("$x$")
    Path("sub/a.markdown").write_text("$x$ $y$")
    Path("sub/c.txt").write_text("$x$")
    Path("sub/.hidden").mkdir()
    Path("sub/.hidden/d.md").write_text("$x$")
    report = check("sub", "sub/b.MD", "./sub/../sub/b.MD")
    assert [file.path for file in report.files] == ["sub/a.markdown", "sub/b.MD"]
    assert report.formulas["unlinked"] == 3


NOT_READABLE = [
    (b"\x89PNG\r\n\x1a\n\0\0\0", "line 3: this is a binary file"),
    (b"text\nwith a \0 byte", "a NUL byte in line 2"),
    ("公式 $x$".encode("utf-16"), "the text is UTF-16; save it as UTF-8"),
    ("公式 $x$".encode("utf-32"), "the text is UTF-32; save it as UTF-8"),
    ("a\n公式 $x$".encode("gbk"), "line 2 is not UTF-8 (it may be GBK); save it as UTF-8"),
    (b"caf\xe9", "line 1 is not UTF-8; save it as UTF-8"),
]


@pytest.mark.parametrize(("data", "reason"), NOT_READABLE)
def test_files_that_are_no_text(folder: Path, data: bytes, reason: str) -> None:
    Path("a.md").write_bytes(data)
    report = check("a.md")
    assert report.exit_code == 2
    assert report.files == ()
    (problem,) = report.unreadable
    assert problem.startswith("a.md: ")
    assert reason in problem
    assert str(report) == f"error: {problem}"


def test_paths_that_cannot_be_read(folder: Path) -> None:
    Path("empty").mkdir()
    Path("empty/note.txt").write_text("x")
    Path("book.ipynb").write_text("{}")
    Path("good.md").write_text("$x$")
    Path("loop.md").symlink_to("loop.md")
    paths = ["missing.md", "empty", "/dev/zero", "book.ipynb", "nul\0.md", "", "loop.md", "good.md"]
    report = check(*paths)
    assert report.exit_code == 2
    assert [file.path for file in report.files] == ["good.md"]
    reasons = " | ".join(report.unreadable)
    for reason in [
        "missing.md: no such file",
        "empty: no Markdown files",
        "not a regular file",
        "notebooks are not read yet",
        r"'nul\x00.md' is not a path",
        "'' is not a path",
        "loop.md: too many levels of symbolic links",
    ]:
        assert reason in reasons
    assert len(report.unreadable) == 7


def test_a_file_without_permission(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.md").write_text("$x$")

    def forbidden(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    assert check("a.md").unreadable == ("a.md: permission denied",)


def test_a_byte_order_mark_and_windows_line_ends(folder: Path) -> None:
    Path("a.md").write_bytes("\ufeff$x$\r\n\r\n<!-- torchtex: verfy -->\r\n".encode())
    (found,) = check("a.md").diagnostics
    assert (found.range.start.line, found.range.start.column) == (3, 16)
    assert check("a.md").formulas["unlinked"] == 1


def test_check_wants_a_path() -> None:
    with pytest.raises(ValueError, match="at least one"):
        check()
