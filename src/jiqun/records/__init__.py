"""Rounds of forms and the returns of their respondents: who owes what, who sent what, and what became of it."""
