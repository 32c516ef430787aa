"""``python -m thenar``."""

from thenar.cli.main import main

main()
