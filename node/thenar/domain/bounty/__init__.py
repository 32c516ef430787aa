"""Bounties for captures: what is covered, what raising that is worth, what is asked for and answered."""
