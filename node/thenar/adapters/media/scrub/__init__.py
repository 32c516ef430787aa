"""Recordings rewritten without what says who made them, with what, and where on earth.

Only the rewritten bytes are ever sealed. One module a format; names and numbers are judged in ``words``.
"""
