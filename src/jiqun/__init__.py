"""Jiqun (集群): from a city's cluster policy to the measured result, every figure traceable."""

__version__ = "0.1.0"
