"""What this node remembers on disk: facts, duties, intents, signed statements. One writer, one file, one lock."""

from thenar.adapters.journal.offline import Survey, blocks_in, copy_journal, survey
from thenar.adapters.journal.rows import equip
from thenar.adapters.journal.sqlite import FILE_NAME, SqliteJournal, hold, open_journal

__all__ = [
    "FILE_NAME",
    "SqliteJournal",
    "Survey",
    "blocks_in",
    "copy_journal",
    "equip",
    "hold",
    "open_journal",
    "survey",
]
