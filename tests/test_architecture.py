"""The rules of the house that neither ruff nor import-linter can hold: who writes votes, and how long things get."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import django_polls

PACKAGE = Path(django_polls.__file__).parent
TABLES = {"Ballot", "LedgerEntry", "Mark", "Vote"}
WRITES = {
    "abulk_create",
    "abulk_update",
    "acreate",
    "adelete",
    "aget_or_create",
    "asave",
    "aupdate",
    "aupdate_or_create",
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "save",
    "update",
    "update_or_create",
    "_raw_delete",
}
# What rows of these tables are called where they are held.
ROWS = {"ballot", "ballots", "entry", "entries", "ledger", "mark", "marks", "vote", "votes"}
VERBS = {"lifecycle.py", "results.py", "statements.py", "verification.py", "voting.py"}
IMPURE = {"asyncio", "datetime", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "time"}
OPEN_TO_METHODS = {
    "django.utils.functional",
    "django.utils.translation",
    "django_polls.exceptions",
    "django_polls.methods",
}


def modules() -> dict[str, ast.Module]:
    """Return the parsed modules of the package by their path in it, migrations aside."""
    paths = [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}


def names_in(tree: ast.AST) -> set[str]:
    """Return every name and attribute under a node."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def vote_writes(tree: ast.Module) -> Iterator[str]:
    """Yield each call that writes through a table of votes, a relation to one, or a row of one."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for called in calls:
        if isinstance(called, ast.Attribute) and called.attr in WRITES and names_in(called.value) & (TABLES | ROWS):
            yield ast.unparse(called)


def imports(tree: ast.Module) -> set[str]:
    """Return the full names of the modules that a module imports."""
    nodes = list(ast.walk(tree))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


def test_only_the_verbs_write_votes() -> None:
    found = {path: sorted(vote_writes(tree)) for path, tree in modules().items() if path not in VERBS}

    assert {path: writes for path, writes in found.items() if writes} == {}


def test_writes_of_votes_are_recognised() -> None:
    planted = """
Vote.objects.create(poll=poll)
Vote.objects.using(alias).filter(pk=1).update(ballot=None)
poll.votes.all().delete()
vote.save()
Poll.objects.create(title="t")
count.update({})
"""

    assert sorted(vote_writes(ast.parse(planted))) == [
        "Vote.objects.create",
        "Vote.objects.using(alias).filter(pk=1).update",
        "poll.votes.all().delete",
        "vote.save",
    ]


def test_methods_are_pure() -> None:
    found = {name for path, tree in modules().items() if path.startswith("methods/") for name in imports(tree)}
    allowed = (sys.stdlib_module_names - IMPURE) | OPEN_TO_METHODS

    assert {name for name in found if not {name, name.split(".")[0], name.rpartition(".")[0]} & allowed} == set()


def test_functions_and_modules_are_short() -> None:
    long = []
    for path, tree in modules().items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        long += [f"{path}: {node.name}" for node in functions if (node.end_lineno or 0) - node.lineno >= 50]
        long += [path] if len((PACKAGE / path).read_text("utf-8").splitlines()) > 500 else []

    assert long == []
