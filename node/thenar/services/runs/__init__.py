"""Stories of programs that come to the data: approved, ordered, run at home, delivered, paid."""
