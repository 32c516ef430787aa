"""Captures as a data set for people who train: Croissant 1.0, one FileObject a capture.

Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html. A file is named by the digest of its plaintext
and by where `thenar capture fetch` would put it beside the description.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from thenar.domain.exporting.described import Described, moment

FILE: Final = "croissant.json"
_PREFIXES: Final = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
}
_WORDS: Final = (
    *("citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty", "fileSet"),
    *("format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet"),
    *("references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
)
_TYPED: Final = {"data": "@json", "examples": "@json", "dataType": "@vocab"}


def document(captures: Sequence[Described]) -> dict[str, object]:
    """The description of one data set that holds these captures."""
    newest = max(one.manifest.time.end_ns for one in captures)
    licenses = sorted({_license(one) for one in captures})
    purposes = sorted(set.intersection(*(set(one.manifest.consent.purposes) for one in captures)))
    return {
        "@context": _context(),
        "@type": "sc:Dataset",
        "name": "thenar-captures",
        "description": (
            "Captures whose files are sealed until their owners license them. "
            f"People concerned agreed, for all of them, to: {', '.join(purposes) or 'no purpose in common'}."
        ),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "citeAs": "; ".join(f"Thenar asset {one.asset}" for one in captures),
        "datePublished": moment(newest)[:10],
        "license": licenses if len(licenses) > 1 else licenses[0],
        "url": f"ipfs://{captures[0].cid}",
        "version": "1.0.0",
        "distribution": [_file(one) for one in captures],
    }


def _context() -> dict[str, object]:
    typed = {word: {"@id": f"cr:{word}", "@type": kind} for word, kind in _TYPED.items()}
    return {**_PREFIXES, **{word: f"cr:{word}" for word in _WORDS}, **typed}


def _license(one: Described) -> str:
    return f"https://spdx.org/licenses/{one.manifest.license}" if one.open_license else one.manifest.license


def _file(one: Described) -> dict[str, object]:
    file = one.manifest.files[0]
    return {
        "@type": "cr:FileObject",
        "@id": f"{one.asset}/{file.name}",
        "name": f"{one.asset}/{file.name}",
        "description": (
            f"{one.title}, {moment(one.manifest.time.start_ns)}; "
            f"sealed at ipfs://{file.cid}, described at ipfs://{one.cid}. "
            f"`thenar license buy {one.asset}` and `thenar capture fetch {one.asset} {one.asset}` put it here."
        ),
        "contentUrl": f"{one.asset}/{file.name}",
        "contentSize": f"{file.bytes} B",
        "encodingFormat": file.media_type,
        "sha256": file.sha256,
    }
