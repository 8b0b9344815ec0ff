"""``python -m connector.cli``: the same as ``belong``."""

from connector.cli.main import main

main()
