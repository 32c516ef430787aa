"""The rows of every page, in the order in which the pages are walked."""

from walked import asking, beginning, trading, working

PAGES = {**trading.PAGES, **beginning.PAGES, **working.PAGES, **asking.PAGES}
