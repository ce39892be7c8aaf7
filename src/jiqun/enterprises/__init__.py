"""Firms: a register of dated snapshots, who is who in it, and which tiers each firm reaches.

`columns` says what a firm's row holds; `register` keeps and reads the snapshots; `importing` brings tables in.
"""
