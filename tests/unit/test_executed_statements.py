"""Every statement that the product executes is literal text, or a fragment of literals.

basedpyright holds the packages that compose SQL to that (see Note [Literals only] in
`sql.fragment`); this test looks at every other place where a statement is sent.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("hydroml", "data_tools", "session_events")
SENDS = frozenset({"execute", "executemany", "raw", "mogrify", "copy_expert"})


def unsafe_statements(source: str) -> list[int]:
    """Return the lines that send a statement made from anything but literals or a fragment."""
    tree = ast.parse(source)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in SENDS
        and node.args
        and not _is_safe(node.args[0], tree)
    ]


def _is_safe(statement: ast.expr, tree: ast.Module) -> bool:
    match statement:
        case ast.Constant():
            return True
        case ast.Attribute(attr="text"):  # of an `Sql`
            return True
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_safe(left, tree) and _is_safe(right, tree)
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Name(id=name))):
            return any(_is_template_of_psycopg2(node, name) for node in ast.walk(tree))
        case ast.Name(id=name):
            return any(_makes_safe(node, name) for node in ast.walk(tree))
    return False


def _makes_safe(node: ast.AST, name: str) -> bool:
    """Whether the node makes `name` a literal, or a statement whose values are bound."""
    match node:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant(value=str())):
            return target == name
        case ast.Assign(
            targets=[ast.Name(id=target)],
            value=ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Attribute(attr="mogrify")))),
        ):
            return target == name
        case ast.arg(arg=parameter, annotation=ast.Name(id="LiteralString")):
            return parameter == name
        case ast.ImportFrom(module=str() as module, names=names) if module.startswith(PACKAGES):
            there = ROOT.joinpath(*module.split(".")).with_suffix(".py")
            return name in {alias.name for alias in names} and _is_safe(
                ast.Name(id=name), ast.parse(there.read_text())
            )
    return False


def _is_template_of_psycopg2(node: ast.AST, name: str) -> bool:
    """Whether the node makes `name` a `psycopg2.sql.SQL` of a literal, which quotes names."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=target)],
            value=ast.Call(func=ast.Attribute(attr="SQL"), args=[ast.Constant()]),
        ):
            return target == name
    return False


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


@pytest.mark.parametrize("path", [str(path.relative_to(ROOT)) for path in modules()])
def test_a_module_sends_literal_statements_alone(path: str) -> None:
    assert unsafe_statements((ROOT / path).read_text()) == []


@pytest.mark.parametrize(
    "statement",
    ['"DROP TABLE " + user', 'f"DROP TABLE {user}"', '"DROP %s" % user', "user", "user.name"],
)
def test_a_statement_made_from_a_variable_is_found(statement: str) -> None:
    assert unsafe_statements(f"def drop(cursor, user):\n    cursor.execute({statement})\n") == [2]
