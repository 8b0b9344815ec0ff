"""Test mode: a programme tried by made-up shoppers on a clock that people move (ADR 36).

A test shop is a small database of its own, kept whole in one row of the real one. Whatever is done with it is done in
a process of its own that gets these bytes and gives back others: it does not know where the real database is.
"""
