"""Every number in words: entries for shoppers, calculations for support, refusals, notices, and the rules as a page."""

from loyalty_engine.explain.calculation import Step, calculation
from loyalty_engine.explain.names import reward_text, words_of
from loyalty_engine.explain.notices import Told, board_title, notice_text
from loyalty_engine.explain.refusals import referral_sign, reward_refusal, rule_refusal, why_not
from loyalty_engine.explain.rules_page import Section, rules_page, ways_to_earn
from loyalty_engine.explain.sentences import sentence

__all__ = [
    "Section",
    "Step",
    "Told",
    "board_title",
    "calculation",
    "notice_text",
    "referral_sign",
    "reward_refusal",
    "reward_text",
    "rule_refusal",
    "rules_page",
    "sentence",
    "ways_to_earn",
    "why_not",
    "words_of",
]
