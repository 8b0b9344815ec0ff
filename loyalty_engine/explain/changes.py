"""What changes for shoppers from one version of a programme to the next, as its page of rules says it."""

from __future__ import annotations

from datetime import timedelta

from loyalty_engine.explain.names import words_of
from loyalty_engine.explain.rules_page import Section, rules_page
from loyalty_engine.programme.model import Programme, Rulebook

KNOWN_AFTER = timedelta(days=1)
"""A version that was replaced sooner was a slip: nobody is taken to have known it."""
ENDING = "ending"
"""The section that has a notice of its own."""


def holds(rulebook: Rulebook, version: int) -> bool:
    """Whether a version is the last word on the time it begins: none was published to take its place."""
    (begins,) = (one.effective_from for one in rulebook.versions if one.version == version)
    return all(one.effective_from > begins for one in rulebook.versions if one.version > version)


def known_before(rulebook: Rulebook, programme: Programme) -> Programme:
    """The version that members know when this one begins; of the first, itself."""
    earlier = [one for one in rulebook.versions if one.version < programme.version]
    nexts = [*earlier[1:], programme]
    known = [
        one
        for one, after in zip(earlier, nexts, strict=False)
        if after.effective_from - one.effective_from >= KNOWN_AFTER
    ]
    return (known or earlier[:1] or [programme])[-1]


def changed_rules(before: Programme, after: Programme, language: str) -> list[Section]:
    """Sections of the page of rules that differ: sentences that are new, then those that are true no longer.

    That the programme ends is left out where it says so: members hear that by itself.
    """
    words = words_of(after, language)
    old = {section.key: section for section in rules_page(before, language)}
    new = {section.key: section for section in rules_page(after, language)}
    found = []
    for key in dict.fromkeys((*new, *old)):
        was = old[key].sentences if key in old else ()
        now = new[key].sentences if key in new else ()
        if key == ENDING and now:
            continue
        lines = [words.text("page.change.new", sentence=one) for one in now if one not in was]
        lines += [words.text("page.change.gone", sentence=one) for one in was if one not in now]
        if lines:
            found.append(Section(key, (new.get(key) or old[key]).title, tuple(lines)))
    return found
