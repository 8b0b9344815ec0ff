"""What is wrong in a programme, or looks mistaken: in the reader's language, of what by its name, and where to mend it.

The engine gives codes and values (``loyalty_engine.complaints``); a test holds that each code has words in every
language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from connector.console.forms.editing import Gone, item_of
from connector.console.forms.fields import Place, Shape, Unshown
from connector.console.forms.problems import Spot, spot_of
from connector.console.forms.sentences import label, title
from loyalty_engine.counters import MEASURES
from loyalty_engine.errors import ProgrammeError
from loyalty_engine.explain.notices import measure_name
from loyalty_engine.programme.model import ORDER, Warned
from loyalty_engine.programme.resolve import AVERAGE_ORDER
from loyalty_engine.texts.formats import number_text, percent_text

ALIKE = {
    "asks-less": "not-rising",
    "asks-the-same": "not-rising",
    "base-rate-nothing": "zero",
    "cap-below-once": "cap-below",
    "choices": "choice",
    "day": "moment",
    "floor-above-zero": "floor",
    "id-twice": "twice",
    "no-level": "no-criterion",
    "no-tiers": "no-tier",
    "no-year-days": "no-end",
    "nothing-qualifies": "not-reached",
    "points-zero": "zero",
    "rate-zero": "zero",
    "season-backwards": "end-before",
    "takes-nothing": "zero",
    "threshold-zero": "zero",
    "worth-nothing": "zero",
}
"""Codes that are said in the words of another one."""
WHOLE = ("document", "from")
"""Paths of what is no setting: the document itself, and when it is to begin."""
TEXT = "#document"


@dataclass(frozen=True, slots=True)
class Told:
    """about: what it is of, by its name; empty for the document as a whole. spot: the form that it belongs to, None
    where only the text of the document has it. at: where it is mended, below a draft's address.
    """

    path: str
    sentence: str
    about: str = ""
    spot: Spot | None = None
    at: str = TEXT


def told(found: ProgrammeError | Warned, document: Mapping[str, Any], place: Place) -> Told:
    """document: as it was written; empty where it cannot be read."""
    spot = spot_of(found.path, document)
    sentence = place.say(key_of(found), **_values(found, place))
    if spot is None:
        # Only the text has it, under this very name.
        return Told(found.path, sentence, "" if found.path in WHOLE else found.path)
    query = urlencode({"of": spot.form.name, "n": spot.key})
    return Told(found.path, sentence, _named(spot, document, place), spot, f"/{spot.form.part}/form?{query}")


def all_told(found: Sequence[Warned], document: Mapping[str, Any], place: Place) -> list[Told]:
    """Of each."""
    return [told(one, document, place) for one in found]


def key_of(found: ProgrammeError | Warned) -> str:
    """Of its words."""
    if isinstance(found, Warned):
        return f"warning.{found.code}"
    return f"complaint.{ALIKE.get(found.code, found.code)}"


def _named(spot: Spot, document: Mapping[str, Any], place: Place) -> str:
    thing = place.say(f"forms.{spot.form.name}")
    if spot.form.shape is not Shape.ONE:
        try:
            thing = title(item_of(spot.form, document, spot.key), place)
        except (Gone, Unshown):
            return thing
    field = next((one for one in spot.form.fields if one.path == spot.field), None)
    if field is None:
        return thing
    return place.say("warning.about", thing=thing, field=label(spot.form.name, field, place))


def _values(found: ProgrammeError | Warned, place: Place) -> dict[str, str]:
    said = {name: _value(name, value, place) for name, value in found.values.items()}
    return {"key": found.path.rpartition(".")[2], **said}


def _value(name: str, value: Any, place: Place) -> str:
    if name in ("activity", "activities", "missing", "measure"):
        several = value if isinstance(value, tuple) else (value,)
        return place.words.listed([_counted(one, place) for one in several])
    if name in ("tier", "lower"):
        return dict(place.tiers).get(str(value), str(value))
    if name == "percent":
        return percent_text(Fraction(value) / 100, place.words.language)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, int):
        return number_text(value, place.words.language)
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", place.mark)
    if value == AVERAGE_ORDER:
        return place.say("warning.average-order")
    return str(value).strip("'\"")


def _counted(name: str, place: Place) -> str:
    """A kind of activity, or a measure, as the forms name it."""
    if name in MEASURES:
        return measure_name(name, place.words)
    if name == ORDER:
        return place.say("option.kept_alive_by.order")
    return place.words.text(f"what.{name}") if place.words.has(f"what.{name}") else name.removeprefix("custom.")
