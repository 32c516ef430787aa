"""Which rewriter rewrites which format; loaded by name, like the readers."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final

from thenar.adapters.media.decoding import decoder, layout_of
from thenar.adapters.media.formats import sniff
from thenar.adapters.media.layout import Layout
from thenar.adapters.media.recording import Limits
from thenar.adapters.media.scrub.result import Scrubbed

_WRITERS: Final = {
    "pcd": ("clouds", "scrub_pcd", False),
    "ply": ("clouds", "scrub_ply", False),
    "las": ("las", "scrub_las", False),
    "laz": ("las", "scrub_las", False),
    "e57": ("e57", "scrub_e57", False),
    "csv": ("delimited", "scrub_delimited", True),
    "hdf5": ("hdf5", "scrub_hdf5", True),
    "mcap": ("logs", "scrub_mcap", True),
    "parquet": ("parquet", "scrub_parquet", True),
}


def scrub(path: Path, out: BinaryIO, *, limits: Limits, layout: Layout | None) -> Scrubbed:
    """Rewrite a recording of any known format in this process. Raises BadInput."""
    module, function, table = _WRITERS[sniff(path, limits)]
    write = decoder(f"{__package__}.{module}", function)
    said = {"layout": layout_of(path, layout)} if table else {}
    made = write(path, out, limits=limits, **said)
    assert isinstance(made, Scrubbed)
    return made
