"""Whether promises are kept, and how those of several documents relate; pure functions, results carry their trace."""
