"""One sentence for the shopper about each entry, made from the numbers recorded with it and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from loyalty_engine.explain.arithmetic import arithmetic
from loyalty_engine.explain.opening import brought
from loyalty_engine.ledger import EntryKind
from loyalty_engine.texts import Words

Explanation = Mapping[str, Any]


def sentence(kind: str, points: int, explanation: Explanation | None, words: Words) -> str:
    """Why an entry of this kind moved ``points``, in one sentence (two where the shop contradicts itself).

    explanation: the recorded one; None after it was erased. What it lacks is left out, never guessed.
    """
    amount = words.points(abs(points))
    if explanation is None:
        return words.text("entry.erased", points=amount)
    told = _TELLERS[EntryKind(kind)](points, amount, explanation, words)
    space = "" if words.language.startswith("zh") else " "
    for note in explanation.get("notes", ()):
        if words.has(f"entry.note.{note}"):
            told += space + words.text(f"entry.note.{note}")
    return told


def what_of(explanation: Explanation, words: Words) -> str:
    """What an entry is about, as part of a sentence: an order by its number, an activity by its kind."""
    order = order_of(explanation)
    if order:
        return words.text("what.order", order=order)
    kind = str(explanation.get("activity") or "")
    if kind.startswith("custom."):
        return words.text("what.custom", name=kind.removeprefix("custom.").replace("_", " "))
    return words.text(f"what.{kind}") if words.has(f"what.{kind}") and kind != "order" else words.text("what.other")


def order_of(explanation: Explanation) -> str:
    """What shop and shopper call the order; empty if it is about none."""
    named = explanation.get("order_name") or explanation.get("order")
    return str(named or str(explanation.get("order_ref") or "").rpartition(":")[2])


# --- one function for each kind ---


def _earn(points: int, amount: str, explanation: Explanation, words: Words) -> str:
    order = order_of(explanation)
    if not order:
        return words.text("entry.bonus.other", points=amount)
    if explanation.get("posted"):
        kept = money_of(explanation, "kept_minor", words)
        if not kept:
            return words.text("entry.earn.plain", points=amount, order=order)
        due = words.points(int(explanation.get("due", points)))
        return words.text("entry.earn.more", points=amount, order=order, kept=kept, due=due)
    calculation = arithmetic(explanation, words)
    if not calculation:
        return words.text("entry.earn.plain", points=amount, order=order)
    return words.text("entry.earn", points=amount, order=order, calculation=calculation)


def _bonus(points: int, amount: str, explanation: Explanation, words: Words) -> str:
    if not explanation.get("activity"):
        return words.text("entry.bonus.other", points=amount)
    what = what_of(explanation, words)
    if explanation.get("posted"):
        due = words.points(int(explanation.get("due", points)))
        return words.text("entry.bonus.more", points=amount, what=what, due=due)
    return words.text("entry.bonus.activity", points=amount, what=what)


def _clawback(points: int, amount: str, explanation: Explanation, words: Words) -> str:
    reason = str(explanation.get("reason") or "")
    order = order_of(explanation)
    places = {"points": amount, "order": order, "what": what_of(explanation, words)}
    if reason == "held-by-both":
        return words.text("entry.clawback.one-time-twice", **places)
    due = words.points(int(explanation.get("due", 0)))
    if not reason and order and explanation.get("kept_minor") is not None:
        kept = money_of(explanation, "kept_minor", words)
        return words.text("entry.clawback.goods-left", kept=kept, due=due, **places)
    if words.has(f"entry.clawback.{reason}") and (order or "activity" in explanation):
        return words.text(f"entry.clawback.{reason}", **places)
    if not (order or "activity" in explanation):
        return words.text("entry.clawback.other", points=amount)
    if reason:
        return words.text("entry.clawback.reason", reason=reason_text(reason, explanation, words), **places)
    return words.text("entry.clawback.less", due=due, **places)


def _redeem(points: int, amount: str, explanation: Explanation, words: Words) -> str:
    reward = _reward(explanation, words)
    if not reward:
        return words.text("entry.redeem.other", points=amount)
    order = order_of(explanation)
    places = {"points": amount, "reward": reward, "order": order}
    if not order:
        return words.text("entry.redeem", **places)
    if explanation.get("posted") or "share_kept" in explanation:
        return words.text("entry.redeem.again", **places)
    return words.text("entry.redeem.late" if explanation.get("late") else "entry.redeem.order", **places)


def _reinstate(points: int, amount: str, explanation: Explanation, words: Words) -> str:
    reason = str(explanation.get("reason") or "")
    reward = _reward(explanation, words)
    if reason == "expired-points-clawed-back":
        return words.text("entry.reinstate.expired-lot", points=amount)
    if not reward:
        return words.text("entry.reinstate.other", points=amount)
    places = {"points": amount, "reward": reward, "order": order_of(explanation)}
    if "share_kept" in explanation:
        is_off = explanation.get("order_status") in ("cancelled", "deleted")
        return words.text(f"entry.reinstate.order-{'cancelled' if is_off else 'refunded'}", **places)
    if words.has(f"entry.reinstate.{reason}"):
        return words.text(f"entry.reinstate.{reason}", note=str(explanation.get("note") or ""), **places)
    if explanation.get("state") == "cancelled":
        return words.text("entry.reinstate.redemption-cancelled", **places)
    return words.text("entry.reinstate", **places)


def _expire(points: int, amount: str, explanation: Explanation, words: Words) -> str:
    end = explanation.get("expires_at")
    if not end:
        return words.text("entry.expire.other", points=amount)
    return words.text("entry.expire", points=amount, date=words.last_day(str(end)))


def _adjust(points: int, amount: str, explanation: Explanation, words: Words) -> str:
    reason = str(explanation.get("reason") or "")
    if reason == "no-longer-written-off":
        key = "entry.adjust.writeoff-moved" if "merge" in explanation else "entry.adjust.writeoff-undone"
        return words.text(key, points=amount)
    if "deficit" in explanation:
        return words.text("entry.adjust.writeoff", points=amount)
    told = brought(points, amount, reason, words)
    if told is not None:
        return told
    key = "entry.adjust.added" if points > 0 else "entry.adjust.taken"
    if not reason:
        return words.text(f"{key}.plain", points=amount)
    return words.text(key, points=amount, note=reason)


def _transfer(points: int, amount: str, explanation: Explanation, words: Words) -> str:
    if "to" in explanation:
        key = "out" if points < 0 else "debit-out"
    else:
        key = "in" if points > 0 else "debit-in"
    return words.text(f"entry.transfer.{key}", points=amount)


_TELLERS: Mapping[EntryKind, Callable[[int, str, Explanation, Words], str]] = {
    EntryKind.EARN: _earn,
    EntryKind.BONUS: _bonus,
    EntryKind.CLAWBACK: _clawback,
    EntryKind.REDEEM: _redeem,
    EntryKind.REINSTATE: _reinstate,
    EntryKind.EXPIRE: _expire,
    EntryKind.ADJUST: _adjust,
    EntryKind.TRANSFER: _transfer,
}


# --- parts ---


def reason_text(code: str, inputs: Explanation, words: Words) -> str:
    """Why a source earns nothing, by its code; a code without a text is shown as it is."""
    key = f"reason.{code}" if words.has(f"reason.{code}") else "reason.other"
    currency = str(inputs.get("currency", ""))
    places = {name: money_of(inputs, name, words) or str(inputs.get(name, "?")) for name in ("needs", "found")}
    return words.text(key, code=code, currency=currency, **places)


def money_of(inputs: Explanation, key: str, words: Words) -> str:
    """An amount of an explanation in its currency; empty if there is none."""
    value, currency = inputs.get(key), str(inputs.get("currency", ""))
    if not isinstance(value, int) or isinstance(value, bool) or not currency:
        return ""
    return words.money(value, currency)


def _reward(explanation: Explanation, words: Words) -> str:
    reward = explanation.get("reward")
    return words.name("reward", str(reward)) if reward else ""
