"""What-if: a shop's own history replayed under a programme, by the code that decides every day. Nothing is written.

``walk`` one member's facts; add up many walks in ``Totals``; hold two of them against each other with ``Comparison``.
``earned_by_source`` says of the same replay what each source gave.
"""

from loyalty_engine.simulate.totals import Comparison, Totals
from loyalty_engine.simulate.walker import Earned, Habit, History, Walk, earned_by_source, walk, without_reward

__all__ = ["Comparison", "Earned", "Habit", "History", "Totals", "Walk", "earned_by_source", "walk", "without_reward"]
