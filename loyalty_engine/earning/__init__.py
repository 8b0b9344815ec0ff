"""What a source is worth: which rules hold (``conditions``), on which amount (``basis``), how many points (``awards``),
under which caps (``caps``). ``evaluate`` puts them together.
"""
