"""What people and time do to a member, apart from what shops report: each command gives a Decision, as ``decide`` does.

A command that cannot be done raises Refused, and nothing happened. The same command given twice changes nothing the
second time.
"""

from loyalty_engine.commands.adjusting import MovedAlone, adjust, check_alone, write_off
from loyalty_engine.commands.credits import credit_kept, credited
from loyalty_engine.commands.ending import arm, expire_lots
from loyalty_engine.commands.holding import await_payment, capture, give_up_waiting, hold, lapse_due
from loyalty_engine.commands.holding import release as release
from loyalty_engine.commands.moving import (
    MovedDebit,
    MovedLot,
    Parcel,
    transfer_in,
    transfer_out,
    twins,
)
from loyalty_engine.commands.perks import give_perk, refuse_perk
from loyalty_engine.commands.redeeming import cancel, expire_vouchers_due, issued, redeem, used

__all__ = [
    "MovedAlone",
    "MovedDebit",
    "MovedLot",
    "Parcel",
    "adjust",
    "arm",
    "await_payment",
    "cancel",
    "check_alone",
    "capture",
    "credit_kept",
    "credited",
    "expire_lots",
    "expire_vouchers_due",
    "give_perk",
    "give_up_waiting",
    "hold",
    "issued",
    "lapse_due",
    "redeem",
    "refuse_perk",
    "transfer_in",
    "transfer_out",
    "twins",
    "used",
    "write_off",
]
