"""`docs/operations.md` says of every operation what its declaration says."""

from __future__ import annotations

from pathlib import Path

from data_tools.operations import OPERATIONS
from data_tools.operations.declaration import Declaration
from data_tools.operations.number_parameters import Number
from data_tools.operations.parameters import Choice, Choices, Parameter

REFERENCE = Path(__file__).parents[3] / "docs" / "operations.md"


def test_the_reference_in_the_documents_is_that_of_the_catalogue() -> None:
    _, _, written = REFERENCE.read_text(encoding="utf-8").partition("## Reference\n\n")

    assert written == "\n".join(section(declaration) for declaration in OPERATIONS.values())


def section(declaration: Declaration) -> str:
    lines = [f"### {declaration.name}", "", declaration.description, ""]
    lines += ["| parameter | value | default | |", "| --- | --- | --- | --- |"]
    lines += [row(parameter) for parameter in declaration.parameters]
    return "\n".join([*lines, ""])


def row(parameter: Parameter) -> str:
    kind = parameter.kind
    value = kind.name.replace("_", " ")
    if isinstance(kind, Choice | Choices):
        value = ", ".join(f"`{choice}`" for choice in kind.choices)
    if isinstance(kind, Number):
        bounds = (("from", kind.minimum), ("to", kind.maximum))
        value += "".join(f" {word} {bound:g}" for word, bound in bounds if bound is not None)
    default = "required" if parameter.required else f"`{parameter.default}`"
    if parameter.default is None and not parameter.required:
        default = ""
    return f"| `{parameter.name}` | {value} | {default} | {parameter.description} |"
