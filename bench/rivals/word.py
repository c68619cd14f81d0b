"""The Word templates of the rivals that set through LibreOffice: one design, in docxtpl's marks and in Carbone's."""

from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.shared import Pt

from rivals.content import Json

FACE = "Atkinson Hyperlegible Next"
THEMED = ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme")


def flat(words: Json) -> Json:
    """The words as headings and labelled rows: all that a template without conditions needs."""
    frame, short = words["frame"], words["short"]
    visits = [{"label": v["what"], "text": v["when"]} for v in short["visits"]]
    calls = [{"label": c["phone"], "text": f"{c['name']}, {c['role']}"} for c in short["calls"]]
    overview = [*visits, *calls, {"label": "Nästa uppföljning", "text": short["follow_up"]}]
    parts = [
        {"heading": frame["title"], "rows": _rows({"facts": words["head"], "lines": frame["sender"]})},
        {"heading": "Din plan i korthet", "rows": [{"label": "", "text": short["intro"]}, *overview]},
    ]
    for section in words["sections"]:
        rows = _rows(section)
        for item in section["items"]:
            rows += [{"label": item["heading"], "text": ""}, *_rows(item)]
        parts.append({"heading": section["heading"], "rows": rows})
    for slot in words["slots"]:
        rows = [{"label": "", "text": text} for text in (*slot["intent"], slot["prompt"], "_" * 40)]
        parts.append({"heading": slot["heading"], "rows": rows})
    return {"secrecy": frame["secrecy"], "parts": parts}


def _rows(holder: Json) -> list[Json]:
    lines = [{"label": "", "text": text} for text in holder["lines"]]
    facts = [{"label": f["label"], "text": text} for f in holder["facts"] for text in f["lines"]]
    return lines + facts


def docxtpl_template(size: float) -> bytes:
    marks = ["{%p for part in parts %}", ("{{ part.heading }}", True), "{%p for row in part.rows %}",
             ("{{ row.label }}\t{{ row.text }}", False), "{%p endfor %}", "{%p endfor %}"]  # fmt: skip
    return _template(size, marks, "{{ secrecy }}")


def carbone_template(size: float) -> bytes:
    marks = [("{d.parts[i].heading}", True), ("{d.parts[i].rows[i].label}\t{d.parts[i].rows[i].text}", False),
             "{d.parts[i].rows[i+1].label}", "{d.parts[i+1].heading}"]  # fmt: skip
    return _template(size, marks, "{d.secrecy}")


def _template(size: float, marks: list[Any], foot: str) -> bytes:
    document = Document()
    document.core_properties.title = "Genomförandeplan"
    document.core_properties.language = "sv-SE"
    for name, scale in (("Normal", 1.0), ("Heading 2", 1.3)):
        style = document.styles[name]
        style.font.name, style.font.size = FACE, Pt(size * scale)
        for theme in THEMED:
            style.element.rPr.rFonts.attrib.pop(qn(theme), None)
        style.paragraph_format.space_before = Pt(size * (scale - 1) * 4)
        style.paragraph_format.space_after = Pt(size / 2 if size > 10 else 0)
    section = document.sections[0]
    section.page_width, section.page_height = Pt(595.3), Pt(841.9)
    section.left_margin = section.right_margin = Pt(56)
    section.top_margin = section.bottom_margin = Pt(48)
    section.footer.paragraphs[0].text = foot
    for mark in marks:
        text, heading = mark if isinstance(mark, tuple) else (mark, False)
        paragraph = document.add_paragraph(text, style="Heading 2" if heading else None)
        if "\t" in text:
            paragraph.paragraph_format.left_indent = Pt(9 * size)
            paragraph.paragraph_format.first_line_indent = Pt(-9 * size)
            paragraph.paragraph_format.tab_stops.add_tab_stop(Pt(9 * size))
    made = BytesIO()
    document.save(made)
    return made.getvalue()
