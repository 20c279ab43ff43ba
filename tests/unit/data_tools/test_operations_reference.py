"""`docs/operations.md` says of every operation what its declaration does."""

from __future__ import annotations

from pathlib import Path

from data_tools.operations import OPERATIONS
from data_tools.operations.declaration import Declaration, Parameter

REFERENCE = Path(__file__).parents[3] / "docs" / "operations.md"


def test_the_reference_is_that_of_the_catalogue() -> None:
    _, _, written = REFERENCE.read_text(encoding="utf-8").partition("## Reference\n\n")

    assert written == "\n".join(section(declaration) for declaration in OPERATIONS.values())


def section(declaration: Declaration) -> str:
    lines = [f"### {declaration.name}", "", declaration.description, ""]
    lines += ["| parameter | value | default | |", "| --- | --- | --- | --- |"]
    lines += [row(parameter) for parameter in declaration.parameters]
    return "\n".join([*lines, ""])


def row(parameter: Parameter) -> str:
    value = ", ".join(f"`{one}`" for one in parameter.choices) or parameter.kind.replace("_", " ")
    default = "required" if parameter.required else f"`{parameter.default}`"
    if parameter.default is None and not parameter.required:
        default = ""
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("from", parameter.minimum), ("to", parameter.maximum))
        if bound is not None
    ]
    value = " ".join([value, *bounds])
    return f"| `{parameter.name}` | {value} | {default} | {parameter.description} |"
