"""What-if: a shop's own history replayed under a programme, by the code that decides every day. Nothing is written.

``walk`` one member's facts; add up many walks in ``Totals``; hold two of them against each other with ``Comparison``.
"""

from loyalty_engine.simulate.totals import Comparison, Totals
from loyalty_engine.simulate.walker import Habit, History, Walk, walk, without_reward

__all__ = ["Comparison", "Habit", "History", "Totals", "Walk", "walk", "without_reward"]
