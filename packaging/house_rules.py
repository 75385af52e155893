"""The house rules that no ready-made linter knows, checked on the text and the syntax tree.

    python3 packaging/house_rules.py [FOLDER]

Prints ``path:line: what is wrong`` for each fault and ends with 1 when there is one.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MODULE_LINES = 500
CLASS_LINES = 300
FUNCTION_LINES = 40

_LINES_THAT_SPEAK = 12
"""What is this short and well named may go without a docstring that would repeat the name."""

_PACKAGE = "algovera_desktop"
_TEXT_SUFFIXES = (".py", ".toml", ".md", ".lock", ".txt", ".json", ".html", ".css", ".js", ".qss")
_SKIPPED_FOLDERS = ("build", "dist", "htmlcov", "__pycache__")
_FORBIDDEN_TEXT = {
    # Written in parts, as are the notes below, so as not to find itself.
    r"\b(?:py"
    r"pi|npm"
    r"js|python"
    r"hosted|deb"
    r"ian)\.org\b": "names a package registry's host",
    # Debian's package has its own place on every machine.
    r"(?<![\w.~])/(?:root|work|opt(?!/algovera-desktop\b)|Users)/\w": "holds a path of one machine",
    r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b": "holds a note for later; file an issue instead",
    r"^\s*#\s*[-=*#~]{4,}": "draws a banner",
}
_SHOWN_BY = re.compile(
    r"Q(?:Label|Action|Menu|PushButton|CheckBox|RadioButton|ToolButton|GroupBox)"
    r"|set(?:Text|WindowTitle|Title|ToolTip|StatusTip|WhatsThis|PlaceholderText|ButtonText"
    r"|AccessibleName|AccessibleDescription|Prefix|Suffix)|add(?:Action|Menu|Tab|Row)"
)
_NAMES_OF_THE_PROGRAM = ("Algovera", "Algovera Desktop")
_DIFFERS_EACH_TIME = re.compile(
    r"\b(?:now|today|utcnow|time|time_ns|monotonic|uuid4|random|randint)$"
)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Fault:
    """One place that breaks a rule; ``line`` counts from 1."""

    path: Path
    line: int
    text: str


@dataclass(frozen=True)
class Source:
    """One text file of the checkout; ``path`` is relative to the root."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return ast.parse(self.text, str(self.path))

    def is_in(self, *parts: str) -> bool:
        """Whether it lies in this folder, given from the root."""
        return self.path.parts[: len(parts)] == parts

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """Every node of these kinds."""
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))


def check(root: Path) -> list[Fault]:
    """Every fault below ``root``, by path and line."""
    faults: list[Fault] = []
    for source in _sources(root):
        rules = _TEXT_RULES + (_PYTHON_RULES if source.path.suffix == ".py" else ())
        for rule in rules:
            faults += [Fault(source.path, line, text) for line, text in rule(source)]
    faults += [Fault(Path(name), 1, text) for name, text in _checkout_faults(root)]
    return sorted(faults, key=lambda fault: (fault.path, fault.line, fault.text))


def _sources(root: Path) -> Iterator[Source]:
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        folders = relative.parts[:-1]
        if any(name in _SKIPPED_FOLDERS or name.startswith(".") for name in folders):
            continue
        if path.suffix in _TEXT_SUFFIXES and path.is_file():
            yield Source(relative, path.read_text("utf-8"))


def _has_no_forbidden_text(source: Source) -> Iterator[tuple[int, str]]:
    for pattern, reason in _FORBIDDEN_TEXT.items():
        for match in re.finditer(pattern, source.text, re.MULTILINE):
            yield source.text.count("\n", 0, match.start()) + 1, reason


def _is_not_too_long(source: Source) -> Iterator[tuple[int, str]]:
    count = source.text.count("\n")
    if count > MODULE_LINES:
        yield 1, f"has {count} lines, more than {MODULE_LINES}: what in it is not one thing?"
    for node in source.nodes(ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, ast.ClassDef | _Function)
        limit = CLASS_LINES if isinstance(node, ast.ClassDef) else FUNCTION_LINES
        if _line_count(node) > limit:
            yield node.lineno, f"{node.name} has {_line_count(node)} lines, more than {limit}"


def _line_count(node: ast.ClassDef | _Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _has_a_purposeful_name(source: Source) -> Iterator[tuple[int, str]]:
    if source.path.stem in ("utils", "util", "helpers", "misc", "common"):
        yield 1, "is named after no purpose"


def _says_what_it_is_for(source: Source) -> Iterator[tuple[int, str]]:
    if not source.is_in(_PACKAGE) or not source.text.strip():
        return
    if ast.get_docstring(source.tree) is None:
        yield 1, "the module has no docstring"
    for node in source.tree.body:
        if not isinstance(node, ast.ClassDef | _Function) or node.name.startswith("_"):
            continue
        if _line_count(node) > _LINES_THAT_SPEAK and ast.get_docstring(node) is None:
            yield node.lineno, f"{node.name} has no docstring"


def _is_annotated(source: Source) -> Iterator[tuple[int, str]]:
    if not source.is_in(_PACKAGE):
        return
    for node in source.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, _Function)
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        every += [argument for argument in (node.args.vararg, node.args.kwarg) if argument]
        bare = [a.arg for a in every if a.annotation is None and a.arg not in ("self", "cls")]
        if bare or node.returns is None:
            yield node.lineno, f"{node.name} lacks types: {', '.join([*bare]) or 'its result'}"


def _waits_on_a_token(source: Source) -> Iterator[tuple[int, str]]:
    for node in source.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        if source.is_in(_PACKAGE) and ast.unparse(node.func) == "time.sleep":
            yield node.lineno, "sleeps; wait on a token, so that cancel and quit are immediate"


def _connects_methods(source: Source) -> Iterator[tuple[int, str]]:
    for node in source.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        is_connect = isinstance(node.func, ast.Attribute) and node.func.attr == "connect"
        if source.is_in(_PACKAGE, "ui") and is_connect and isinstance(node.args[0], ast.Lambda):
            yield node.lineno, "connects a lambda, which runs in the thread of the sender"


def _translates_what_it_shows(source: Source) -> Iterator[tuple[int, str]]:
    if not source.is_in(_PACKAGE, "ui"):
        return
    for node in source.nodes(ast.Call):
        assert isinstance(node, ast.Call)
        name = ast.unparse(node.func).split(".")[-1]
        if _SHOWN_BY.fullmatch(name) and any(_is_words(argument) for argument in node.args):
            yield node.lineno, f"{name} shows a text that did not go through tr()"


def _names_its_tests_the_same_each_time(source: Source) -> Iterator[tuple[int, str]]:
    """Parameters name a test, and pytest-xdist's workers must all collect the same names."""
    for node in source.nodes(ast.FunctionDef):
        assert isinstance(node, ast.FunctionDef)
        calls = (call for decorator in node.decorator_list for call in ast.walk(decorator))
        for call in calls:
            if isinstance(call, ast.Call) and _walks_a_set(call):
                yield call.lineno, "the order of a set names tests, and differs"
            if isinstance(call, ast.Call) and _DIFFERS_EACH_TIME.search(ast.unparse(call.func)):
                yield call.lineno, f"{ast.unparse(call.func)}() in the name of a test differs"


def _walks_a_set(call: ast.Call) -> bool:
    """Whether parameters are a set, or the difference of two, that was not put into an order."""
    if not ast.unparse(call.func).endswith("parametrize"):
        return False
    for argument in call.args:
        whole = argument.left if isinstance(argument, ast.BinOp) else argument
        name = ast.unparse(whole.func) if isinstance(whole, ast.Call) else ""
        if isinstance(whole, ast.Set | ast.SetComp) or name in ("set", "frozenset"):
            return True
    return False


def _is_words(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(_is_words(part) for part in node.values)
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    is_word = re.search(r"[^\W\d_]{2}", node.value) is not None
    return is_word and node.value not in _NAMES_OF_THE_PROGRAM


def _checkout_faults(root: Path) -> Iterator[tuple[str, str]]:
    version = re.search(r'__version__ = "(.+)"', _read(root / _PACKAGE / "__init__.py"))
    released = re.search(r"^## \[(\d.*?)\]", _read(root / "CHANGELOG.md"), re.MULTILINE)
    if version and released and version[1] != released[1]:
        yield "CHANGELOG.md", f"ends at {released[1]}, but the program is {version[1]}"
    metainfo = _read(root / "packaging" / "linux" / "org.algovera.Desktop.metainfo.xml")
    if metainfo and _released(metainfo) != _dated(_read(root / "CHANGELOG.md")):
        yield "CHANGELOG.md", "has other releases, or other dates of them, than the metainfo"
    users = _locked(_read(root / "packaging" / "requirements.lock"))
    for lock in ("packaging/requirements-dev.lock", "packaging/requirements-package.lock"):
        for name in sorted(users - _locked(_read(root / lock))):
            yield lock, f"does not hold {name} as the users' lock does"


def _released(metainfo: str) -> list[tuple[str, str]]:
    """Version and date of each release that AppStream is told of, less one in the making."""
    tags = re.findall("<release .*", metainfo)
    releases = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in tags]
    return [(r["version"], r["date"]) for r in releases if r.get("type") != "development"]


def _dated(changelog: str) -> list[tuple[str, str]]:
    return re.findall(r"^## \[(\d[^\]]*)\] - (\S+)", changelog, re.MULTILINE)


def _locked(text: str) -> set[str]:
    return set(re.findall(r"^[\w.-]+==\S+", text, re.MULTILINE))


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


_Rule = Callable[[Source], Iterator[tuple[int, str]]]
_TEXT_RULES: tuple[_Rule, ...] = (_has_no_forbidden_text,)
_PYTHON_RULES: tuple[_Rule, ...] = (
    _is_not_too_long,
    _has_a_purposeful_name,
    _says_what_it_is_for,
    _is_annotated,
    _waits_on_a_token,
    _connects_methods,
    _translates_what_it_shows,
    _names_its_tests_the_same_each_time,
)


def main(arguments: list[str]) -> int:
    """Print every fault; 1 when there is one."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    faults = check(root)
    for fault in faults:
        print(f"{fault.path}:{fault.line}: {fault.text}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
