"""Plansigill's pipeline: knows the plan and its journey. Start reading at `pipeline/journey.py`."""

__version__ = "0.1.0"
