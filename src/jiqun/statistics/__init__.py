"""What is computed about forms and their returns: pure functions, no ledger, no pages."""
