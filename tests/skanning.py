"""A scan to hand in: a PDF, by default of one page, and as many different ones as a test needs."""

from io import BytesIO

import pikepdf


def scan(said: str = "original", pages: int = 1) -> bytes:
    pdf, out = pikepdf.new(), BytesIO()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    pdf.docinfo["/Title"] = said
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
