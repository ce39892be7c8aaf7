"""Cluster catalogues over their editions: what became of a cluster, and whether all is told; pure functions."""
