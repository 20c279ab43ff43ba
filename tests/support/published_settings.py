"""The settings of a server that publishes its modules, but compresses none of its files.

Compressing them takes most of the time of `collectstatic`, and changes nothing that a page loads.
"""

from hydroml.settings import *  # noqa: F403

WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("js", "css", "svg", "html", "txt", "json", "map", "ico")
