"""Static files under names that hold their content's hash, so that browsers keep them for good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

import minify
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

_OUR_MODULES = "data_tools/*.js"
# Not within a longer name or after a point, where Django's patterns, which ignore case, find some.
_STATEMENT = (
    r"(?P<matched>(?P<before>(?<![\w$.])(?:import|export)(?=[\s{*\"'])[^'\"();=]*?)"
    r"[\"'](?P<url>\.[^'\"]+)[\"'])"
)
_CALL = r"(?P<matched>(?P<before>\bimport\(\s*)[\"'](?P<url>\.[^'\"]+)[\"'])"
_WRITTEN = '%(before)s"%(url)s"'
# Indented lines are left only in templates, where the line means nothing before a tag or its end,
# no more than a blank before a property, and its indentation never anything.
_INDENTED_LINES = (
    (re.compile(r"\n\s+(?=/?>|<)"), ""),
    (re.compile(r"\n\s+(?=[\w:-]+=|\.\.\.\$)"), " "),
    (re.compile(r"\n\s+"), "\n"),
)


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Publishes our modules without their comments, and names what they import by its hashed name.

    Modules must not import each other in a circle: the hash of each would depend on its own. The
    types in their comments may, because these are gone by then.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        (_OUR_MODULES, ((_STATEMENT, _WRITTEN), (_CALL, _WRITTEN))),
    )
    max_post_process_passes = 50  # at least the longest chain of imports

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], *args: Any, **options: Any
    ) -> Iterator[Any]:
        """Hash and compress the collected files, our modules in their shortened form."""
        yield from super().post_process(
            {
                name: (_Shortened(storage) if fnmatch(name, _OUR_MODULES) else storage, path)
                for name, (storage, path) in paths.items()
            },
            *args,
            **options,
        )

    def stored_name(self, name: str) -> str:
        """Return the hashed name of a file; its plain name if no files were collected.

        A page without its looks tells more than an error, above all a page about an error.
        """
        return super().stored_name(name) if self.hashed_files else name

    def file_hash(self, name: str, content: Any = None) -> str | None:
        """Return 6 digits of the hash: every import repeats them, and they cannot be compressed.

        They need only tell the versions of one file apart.
        """
        digits: str | None = super().file_hash(name, content)
        return digits and digits[:6]


class _Shortened:
    """Opens modules as they are sent: without comments, with short names for variables."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def open(self, name: str) -> ContentFile[bytes]:
        with self._storage.open(name) as file:
            text = file.read().decode()
        shorter = minify.string("application/javascript", text)
        for pattern, left in _INDENTED_LINES:
            shorter = pattern.sub(left, shorter)
        return ContentFile(shorter.encode(), name=name)
