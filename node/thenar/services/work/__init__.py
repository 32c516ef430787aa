"""The stories of compute: bounties hired, units worked, audited and argued in court."""
