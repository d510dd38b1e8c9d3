"""Reads the imports of the program and says where they break the layers of the architecture.

Every rule is a function from a tree of modules to sentences; an empty list means the rule is kept. A sentence starts
with `module:line`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

MAX_FILE_LINES = 320
MAX_FUNCTION_LINES = 60

PACKAGES = ("bot", "classifiers", "storage")
FORBIDDEN_PACKAGES = {"storage": {"bot", "classifiers"}, "classifiers": {"bot", "storage"}}

# Lowest first; a part may import its own layer and lower ones.
LAYERS = (
    {
        "",
        "model",
        "config",
        "settings",
        "valid",
        "errors",
        "away",
        "logs",
        "privacy",
        "cleantext",
        "ports",
        "rooms",
        "installed",
        "secretfile",
    },
    {"talk", "cases"},
    {"flow"},
    {"cli", "web", "schedule", "channels", "connectors"},
    {"app", "assembly", "monitor", "__main__", "demo", "replay"},
)
LEVEL = {part: level for level, parts in enumerate(LAYERS) for part in parts}

PLATFORMS = ("bot.channels.*", "bot.connectors.*")
PURE = (
    "bot.talk.*",
    "bot.flow.manners",
    "bot.flow.retry",
    "bot.flow.limits",
    "bot.cases.lifecycle",
    "bot.cases.visibility",
    "bot.cases.clocks",
    "bot.cases.duplicates",
)
IMPURE = {"storage", "asyncio", "aiohttp", "time", "socket", "sqlalchemy"}
PLAIN_ROWS = "storage.records"  # frozen values without I/O: the one shape of a case in all layers
DATABASE = {"storage", "sqlalchemy"}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic"}

# A migration is written once, in one piece, and never read together with others.
UNMEASURED = ("storage.migrations.versions.*",)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module. `at_start`: it is imported as soon as the importing module is."""

    target: str
    line: int
    at_start: bool


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    tree: ast.Module
    lines: int
    imports: tuple[Import, ...]

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]

    @property
    def part(self) -> str:
        """What stands after `bot.`: talk, flow, model; "" for bot itself."""
        return (*self.name.split("."), "")[1]


Tree = dict[str, Module]
Rule = Callable[[Tree], list[str]]


def read_tree(root: Path) -> Tree:
    """All modules of the packages under `root`, by dotted name."""
    paths = {_name(path.relative_to(root)): path for package in PACKAGES for path in (root / package).rglob("*.py")}
    return {name: _read(name, path, set(paths)) for name, path in paths.items()}


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _read(name: str, path: Path, known: set[str]) -> Module:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    base = name if path.stem == "__init__" else name.rpartition(".")[0]
    imports = tuple(_imports(tree, base, known, at_start=True))
    return Module(name, tree, len(source.splitlines()), imports)


def _imports(node: ast.AST, base: str, known: set[str], *, at_start: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, at_start) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (Import(target, child.lineno, at_start) for target in _from_targets(child, base, known))
        elif isinstance(child, ast.If) and _is_type_checking(child.test):
            yield from _imports(ast.Module(child.body, []), base, known, at_start=False)
            yield from _imports(ast.Module(child.orelse, []), base, known, at_start=at_start)
        else:
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, base, known, at_start=at_start and not later)


def _from_targets(node: ast.ImportFrom, base: str, known: set[str]) -> Iterator[str]:
    source = node.module or ""
    if node.level:
        parent = base.split(".")[: len(base.split(".")) - node.level + 1]
        source = ".".join([*parent, *filter(None, [node.module])])
    members = (f"{source}.{alias.name}" for alias in node.names)
    yield from dict.fromkeys(member if member in known else source for member in members)


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _top(target: str) -> str:
    return target.partition(".")[0]


def check_packages(tree: Tree) -> list[str]:
    """Storage and classifiers stand alone."""
    return [
        f"{module.name}:{found.line} imports {found.target}, but {module.package} knows nothing of it"
        for module in tree.values()
        for found in module.imports
        if _top(found.target) in FORBIDDEN_PACKAGES.get(module.package, ())
    ]


def check_layers(tree: Tree) -> list[str]:
    """Inside bot a part imports its own layer and lower ones; cases do not know talk."""
    return [
        f"{module.name}:{found.line} imports {found.target}: {reason}"
        for module in tree.values()
        if module.package == "bot"
        for found in module.imports
        if _top(found.target) == "bot" and (reason := _layer_fault(module.part, (*found.target.split("."), "")[1]))
    ]


def _layer_fault(part: str, target: str) -> str:
    unknown = [name for name in (part, target) if name not in LEVEL]
    if unknown:
        return f"bot.{unknown[0]} belongs to no layer"
    if LEVEL[target] > LEVEL[part]:
        return "a higher layer"
    if (part, target) == ("cases", "talk"):
        return "cases do not know how people talk"
    return ""


def check_platforms(tree: Tree) -> list[str]:
    """Channels and connectors have no database."""
    return [
        f"{module.name}:{found.line} imports {found.target}, but a platform has no database"
        for module in tree.values()
        if _matches(module.name, PLATFORMS)
        for found in module.imports
        if _top(found.target) in DATABASE
    ]


def check_purity(tree: Tree) -> list[str]:
    """A pure file reaches no clock, network or database, not even through another file of ours."""
    return [fault for module in tree.values() if _matches(module.name, PURE) for fault in _impurities(module, tree)]


def _impurities(start: Module, tree: Tree) -> Iterator[str]:
    seen, todo = {start.name}, [(start, start.name)]
    while todo:
        module, way = todo.pop()
        for found in module.imports:
            if _top(found.target) in IMPURE and not f"{found.target}.".startswith(f"{PLAIN_ROWS}."):
                yield f"{module.name}:{found.line} imports {found.target}, but {way} must stay pure"
            elif _leads_on(found.target, tree) and found.target not in seen:
                seen.add(found.target)
                todo.append((tree[found.target], f"{way} -> {found.target}"))


def _leads_on(target: str, tree: Tree) -> bool:
    """Ports only declare: they name aiohttp's route type and open nothing."""
    return target in tree and target != "bot.ports"


def check_clocks(tree: Tree) -> list[str]:
    """A pure file is told the time."""
    return [
        f"{module.name}:{node.lineno} calls {ast.unparse(node.func)}(), but takes `now` as an argument"
        for module in tree.values()
        if _matches(module.name, PURE)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _reads_clock(node.func)
    ]


def _reads_clock(function: ast.expr) -> bool:
    """`.time()` of a datetime is no clock, `time.time()` is."""
    if not isinstance(function, ast.Attribute) or function.attr not in CLOCKS:
        return False
    return function.attr != "time" or ast.unparse(function.value) == "time"


def check_cycles(tree: Tree) -> list[str]:
    """No module needs itself while it is being imported."""
    graph = {
        module.name: {found.target for found in module.imports if found.at_start and found.target in tree}
        for module in tree.values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return [f"{cycle[0]}:1 imports itself in a circle: {' -> '.join(reversed(cycle))}"]
    return []


def check_sizes(tree: Tree) -> list[str]:
    """Files and functions stay small."""
    measured = [module for module in tree.values() if not _matches(module.name, UNMEASURED)]
    files = [f"{m.name}:1 has {m.lines} lines" for m in measured if m.lines > MAX_FILE_LINES]
    return files + [fault for module in measured for fault in _long_functions(module)]


def _long_functions(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield f"{module.name}:{node.lineno} {node.name} has {lines} lines"


RULES: tuple[Rule, ...] = (
    check_packages,
    check_layers,
    check_platforms,
    check_purity,
    check_clocks,
    check_cycles,
    check_sizes,
)


def unused_pure_patterns(tree: Tree) -> list[str]:
    """Patterns of PURE that no module matches: a renamed file would slip out of the rules unseen."""
    return [pattern for pattern in PURE if not any(fnmatch(name, pattern) for name in tree)]
