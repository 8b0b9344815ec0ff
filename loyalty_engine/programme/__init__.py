"""A merchant's programme: its data (``model``) and how it is read from a document (``parse``)."""

from loyalty_engine.programme.document import canonical_json, read_document
from loyalty_engine.programme.model import Correction, Pause, Programme, Rulebook, Stop
from loyalty_engine.programme.parse import parse_programme
from loyalty_engine.programme.unwritten import written_out

__all__ = [
    "Correction",
    "Pause",
    "Programme",
    "Rulebook",
    "Stop",
    "canonical_json",
    "parse_programme",
    "read_document",
    "written_out",
]
