"""``belong``: the operator's commands on a terminal."""
