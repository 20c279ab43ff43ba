"""Tells the browser at once which modules a page is made of.

Otherwise it would find out one import after another, and wait for each file before it asks for the
next.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_IMPORT = re.compile(r"""^(?:import|export)\b[^'"();=]*?["'](\.[^'"]+)["']""", re.MULTILINE)


@register.simple_tag
def module_preloads(name: str) -> SafeString:
    """Return a link for each module that the module `name` needs, itself included."""
    links = ((static(module),) for module in modules_of(name))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


@cache
def modules_of(name: str) -> tuple[str, ...]:
    """Return the module and all that it imports, directly or not, each once, itself first.

    What is imported only when it is needed, by `import()`, is left out.

    Raises:
        FileNotFoundError: a module is imported that is not there.
    """
    found: dict[str, None] = {}
    ahead = [name]
    while ahead:
        module = ahead.pop(0)
        if module not in found:
            found[module] = None
            ahead += [
                posixpath.normpath(posixpath.join(posixpath.dirname(module), imported))
                for imported in _IMPORT.findall(_text_of(module))
            ]
    return tuple(found)


def _text_of(module: str) -> str:
    path = finders.find(module)
    if not isinstance(path, str):
        raise FileNotFoundError(module)
    return Path(path).read_text()
