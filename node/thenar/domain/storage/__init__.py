"""Proofs of storage: what a node pledges, what it is asked, and what it answers."""
