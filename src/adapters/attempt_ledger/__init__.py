"""Attempt ledgers: where the calls made for recent decisions are remembered."""
