"""Static files under names that hold their content's hash, so that browsers keep them for good."""

from __future__ import annotations

import gzip
import posixpath
import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import brotli
import minify
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

_OUR_MODULES = "data_tools/*.js"
# Not within a longer name or after a point, where Django's patterns, which ignore case, find some.
_STATEMENT = (
    r"(?P<matched>(?P<before>(?<![\w$.])(?:import|export)(?=[\s{*\"'])[^'\"();=]*?)"
    r"[\"'](?P<url>\.[^'\"]+)[\"'])"
)
_CALL = r"(?P<matched>(?P<before>\bimport\(\s*)[\"'](?P<url>\.[^'\"]+)[\"'])"
_WRITTEN = '%(before)s"%(url)s"'
_COMPRESSED = (".br", ".gz")
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

    Each module is named after those that it imports. Otherwise Django would write every file once
    for each link of the longest chain of imports.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        (_OUR_MODULES, ((_STATEMENT, _WRITTEN), (_CALL, _WRITTEN))),
    )

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

    def _post_process(
        self,
        paths: dict[str, tuple[Any, str]],
        adjustable_paths: Collection[str],
        hashed_files: dict[str, str],
    ) -> Iterator[Any]:
        ours = {name for name in paths if fnmatch(name, _OUR_MODULES)}
        others = {name: path for name, path in paths.items() if name not in ours}
        yield from super()._post_process(others, adjustable_paths, hashed_files)
        imported = {name: self._imported_by(name, *paths[name]) & ours for name in ours}
        for name in TopologicalSorter(imported).static_order():
            yield from super()._post_process({name: paths[name]}, adjustable_paths, hashed_files)

    def _imported_by(self, name: str, storage: Any, path: str) -> set[str]:
        text = storage.open(path).read().decode()
        return {
            posixpath.normpath(posixpath.join(posixpath.dirname(name), found["url"]))
            for pattern, _ in self._patterns[_OUR_MODULES]
            for found in pattern.finditer(text)
        }

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress what pages load, which is named by its hash, and not the same under plain names.

        Yields each file's name and that of its compressed form, if it was made now.
        """
        paths = set(paths)
        loaded = paths.intersection(self.hashed_files.values())
        plain = paths - loaded
        self.delete_files(f"{path}{ending}" for path in plain for ending in _COMPRESSED)
        yield from super().compress_files(loaded)

    def create_compressor(self, **options: Any) -> Compressor:
        return _Compressor(**options)

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
        self._content_of = cache(self._shorten)

    def open(self, name: str) -> ContentFile[bytes]:
        return ContentFile(self._content_of(name), name=name)

    def _shorten(self, name: str) -> bytes:
        with self._storage.open(name) as file:
            text = file.read().decode()
        shorter = minify.string("application/javascript", text)
        for pattern, left in _INDENTED_LINES:
            shorter = pattern.sub(left, shorter)
        return shorter.encode()


class _Compressor(Compressor):
    """Compresses a file unless that was done before: it takes a start of the service 20 seconds."""

    def compress(self, path: str) -> list[str]:
        made: list[str] = [] if _is_compressed(Path(path)) else super().compress(path)
        return made


def _is_compressed(path: Path) -> bool:
    """Whether both compressed forms are whole and of this content: a start may have been killed."""
    content = path.read_bytes()
    try:
        return (
            brotli.decompress(Path(f"{path}.br").read_bytes()) == content
            and gzip.decompress(Path(f"{path}.gz").read_bytes()) == content
        )
    except (brotli.error, EOFError, OSError, zlib.error):
        return False
