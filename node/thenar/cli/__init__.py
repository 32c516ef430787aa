"""The ``thenar`` command: parsing and printing, nothing else."""
