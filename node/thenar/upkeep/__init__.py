"""What an operator does to a data directory: find faults and mend them, back up, restore, hand over what happened."""
