"""Typed contexts of pages, computed from the ledger: pages, workbooks and the JSON API render the same ones."""
