"""A merchant's programme: its data (``model``) and how it is read from a document (``parse``)."""

from loyalty_engine.programme.model import Correction, Programme, Rulebook
from loyalty_engine.programme.parse import parse_programme

__all__ = ["Correction", "Programme", "Rulebook", "parse_programme"]
