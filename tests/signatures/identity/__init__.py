"""Tests of how people are identified."""
