"""A population in virtual time: contributors, sponsors, keepers and workers, by the domain's own rules."""
