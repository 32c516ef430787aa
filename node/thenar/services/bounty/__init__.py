"""Capture bounties: what a sponsor, a contributor, a challenger and a juror do about them."""
