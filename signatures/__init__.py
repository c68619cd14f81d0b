"""Signatures on PDF files: knows PDFs, people and trust; knows no plan, no folder, no database."""
