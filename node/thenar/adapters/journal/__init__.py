"""What this node remembers on disk: facts, duties, intents, signed statements. One writer, one file, one lock."""

from thenar.adapters.journal.sqlite import SqliteJournal, open_journal

__all__ = ["SqliteJournal", "open_journal"]
