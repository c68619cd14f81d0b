"""Pytest plugins shared by every room's tests."""
