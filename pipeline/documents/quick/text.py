"""Text is shaped once: what the layout found is what is drawn."""

from functools import lru_cache
from struct import Struct
from typing import Any

from weasyprint.draw import text as drawing
from weasyprint.layout import inline
from weasyprint.pdf.stream import Stream
from weasyprint.text import line_break
from weasyprint.text.ffi import FROM_UNITS, ffi, gobject, pango, unicode_to_char_p
from weasyprint.text.fonts import font_features, get_font_description
from weasyprint.text.line_break import Layout

from pipeline.documents.quick.replacing import everywhere
from pipeline.documents.quick.styles import keep

_FEATURES = (
    "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps", "font_variant_numeric",
    "font_variant_alternates", "font_variant_east_asian", "font_feature_settings",
)  # fmt: skip
_FACE = (
    "direction", "font_language_override", "lang", "font_family", "font_style", "font_stretch", "font_weight",
    "font_size", "font_variant_caps", "font_variation_settings",
)  # fmt: skip
_GLYPH = Struct("Iiii4x")
"""PangoGlyphInfo: glyph, width, x offset, y offset, and visual attributes."""
_REAL = pango.PANGO_GLYPH_EMPTY
"""Numbers from here on stand for nothing to draw, or for a letter without a glyph."""
_PARAGRAPHS = ("\n", "\r", "\u2029")
_OLD_PANGO = pango.pango_version() < 14802  # its fonts do not tell their size: WeasyPrint's own workaround

_WRAPPING = (
    "white_space", "font_size", "letter_spacing", "word_spacing", "tab_size", "overflow_wrap", "word_break", "hyphens",
    "hyphenate_limit_chars", "hyphenate_limit_zone", "hyphenate_character", "lang",
)  # fmt: skip
MOST = 2000
"""First lines kept: labels, headings and the words of the catalogues come again in every document."""

lines: dict[tuple[Any, ...], tuple[Any, ...]] = {}
_set_up = Layout.setup
_split = line_break.split_first_line
_draw = drawing.draw_first_line
_add_font = Stream.add_font
_font_style_cache_key = line_break._font_style_cache_key


def _setup(self: Any, style: Any) -> None:
    face = style.__dict__.get("pango_face")
    if face is None:
        face = keep(style, "pango_face", _face(style))
    if not face:
        _set_up(self, style)
        return
    context, description, self.language = face
    self.style = style
    self.first_line_direction = 0
    self.layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(self.layout, False)  # noqa: FBT003  C's own signature
    pango.pango_layout_set_font_description(self.layout, description)
    self.ascent = self.underline_position = self.strikethrough_position = None


def _face(style: Any) -> tuple[Any, ...]:
    """The context, description and language of a style's text, shared by all styles that set text alike.

    Nothing for text with lines through or under it or with features of its own: that is set up as WeasyPrint does.
    """
    if style["text_decoration_line"] != "none" or font_features(*(style[name] for name in _FEATURES)):
        return ()
    faces = style.font_config.__dict__.setdefault("pango_faces", {})
    key = tuple(style[name] for name in _FACE)
    if key not in faces:
        faces[key] = _made(style)
    found: tuple[Any, ...] = faces[key]
    return found


def _made(style: Any) -> tuple[Any, Any, Any]:
    context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref)
    pango.pango_context_set_round_glyph_positions(context, False)  # noqa: FBT003  C's own signature
    pango.pango_context_set_base_dir(context, line_break.PANGO_DIRECTION[style["direction"]])
    override = style["font_language_override"]
    lang = style["lang"] if override == "normal" else line_break.LST_TO_ISO.get(override.lower(), override)
    if lang:
        pointer, _held = unicode_to_char_p(lang)
        language = pango.pango_language_from_string(pointer)
        pango.pango_context_set_language(context, language)
    else:
        language = pango.pango_language_get_default()
    return context, get_font_description(style), language


def _split_first_line(  # noqa: PLR0913, PLR0917  WeasyPrint's own signature
    text: Any, style: Any, context: Any, max_width: Any, justification_spacing: Any,
    is_line_start: Any = True, minimum: Any = False,  # noqa: FBT002
) -> Any:  # fmt: skip
    face = style.__dict__.get("pango_face") or keep(style, "pango_face", _face(style))
    if not face or justification_spacing:
        return _split(text, style, context, max_width, justification_spacing, is_line_start, minimum)
    wrapping = style.__dict__.get("wrapping")
    if wrapping is None:
        wrapping = keep(style, "wrapping", (id(face), *(style[name] for name in _WRAPPING)))
    key = (text, wrapping, max_width, is_line_start, minimum)
    found = lines.get(key)
    if found is None:
        if len(lines) >= MOST:
            lines.clear()
        found = lines[key] = _split(text, style, context, max_width, 0, is_line_start, minimum)
    return found


def _deactivate(self: Any) -> None:
    self.style = None  # the layout is kept, in documents to come too; the style belongs to this one


def _reactivate(self: Any, style: Any) -> None:
    if self.justification_spacing:
        self.setup(style)
        self.set_text(self.text, justify=True)


def _draw_first_line(stream: Any, textbox: Any, text_overflow: Any, block_ellipsis: Any, matrix: Any) -> Any:
    layout, text = textbox.pango_layout, textbox.pango_layout.text
    size = textbox.style["font_size"]
    shortened = text_overflow == "ellipsis" or block_ellipsis != "none"
    if size >= 1e-6 and not textbox.text.strip():
        return []
    shown = [] if shortened or size < 1e-6 or any(p in text for p in _PARAGRAPHS) else _shown_runs(stream, textbox)
    if not shown:
        own = textbox.pango_layout = Layout(textbox.style, layout.justification_spacing, layout.max_width)
        own.set_text(text, justify=True)  # to be shortened perhaps: the one at hand belongs to other boxes too
        return _draw(stream, textbox, text_overflow, block_ellipsis, matrix)
    stream.set_text_matrix(*matrix.values)
    string, previous = "", None
    for pango_font, font_hash, font_size, operand in shown:
        if pango_font != previous:
            previous = pango_font
            if string:
                stream.show_text(string)
            string = ""
            stream.set_font_size(font_hash, font_size)
        string += operand[:-1] if operand[-1] == "<" else f"{operand}>"
    stream.show_text(string)
    return []


def _shown_runs(stream: Any, textbox: Any) -> list[tuple[Any, Any, float, str]]:
    """The line's runs: Pango's font, the PDF's font, its size and the operand of TJ, still open at its end.

    None when a glyph needs more than to be shown: a picture, a letter without a glyph, a mark set higher.
    """
    text = textbox.pango_layout.text
    found = []
    run = pango.pango_layout_get_line_readonly(textbox.pango_layout.layout, 0).runs[0]
    while run != ffi.NULL:
        item, run = run.data, run.next
        pango_font = item.item.analysis.font
        font, font_size = stream.add_font(pango_font)
        used = textbox.style["font_size"] if _OLD_PANGO else font_size
        pieces = font.__dict__.setdefault("pieces", {}).setdefault(used, {})
        parts = ["<"]
        glyphs = ffi.buffer(item.glyphs.glyphs, item.glyphs.num_glyphs * _GLYPH.size)
        for place, glyph in enumerate(_GLYPH.iter_unpack(glyphs)):
            piece = pieces.get(glyph)
            if piece is None:
                if glyph[0] >= _REAL or glyph[3] or font.bitmap or font.svg or font.png or font.colr:
                    return []
                piece = pieces[glyph] = _piece(stream, text, (item, pango_font, font, used), place, glyph)
            parts.append(piece)
        found.append((pango_font, font.hash, used, "".join(parts)))
    return found


def _piece(stream: Any, text: str, told: tuple[Any, ...], place: int, numbers: tuple[int, ...]) -> str:
    """One glyph of TJ's operand with what moves it and the next; the font learns its letter and width."""
    item, pango_font, font, font_size = told
    glyph, width, shift, _rise = numbers
    if glyph not in font.to_unicode:
        start, end = _cluster(item, place)
        font.to_unicode[glyph] = text.encode()[start:end].decode()
    if glyph not in font.widths:
        pango.pango_font_get_glyph_extents(pango_font, glyph, stream.ink_rect, stream.logical_rect)
        font.widths[glyph] = round(stream.logical_rect.width * 1000 * FROM_UNITS / font_size)
    offset = shift / font_size
    kerning = font.widths[glyph] + offset - width * 1000 * FROM_UNITS / font_size
    moved = f">{-offset}<" if offset else ""
    return f"{moved}{glyph:04x}" + (f">{int(kerning)}<" if kerning else "")


def _cluster(item: Any, place: int) -> tuple[int, int]:
    """Where the bytes of a glyph's letter begin and end in the text."""
    clusters, length, offset = item.glyphs.log_clusters, item.item.length, item.item.offset
    if item.item.analysis.level % 2:  # from right to left
        end = length if place == 0 else clusters[place - 1]
    else:
        end = length if place == item.glyphs.num_glyphs - 1 else clusters[place + 1]
    return offset + clusters[place], offset + end


def _font_of_page(self: Any, pango_font: Any) -> Any:
    """The font of a run. A page's boxes keep their Pango fonts alive while it is drawn, so an address names one."""
    fonts = self.__dict__.setdefault("fonts_by_address", {})
    found = fonts.get(pango_font)
    if found is None:
        found = fonts[pango_font] = _add_font(self, pango_font)
    return found


def _font_key(style: Any, include_size: bool = False) -> Any:  # noqa: FBT001, FBT002  WeasyPrint's own signature
    name = "font_key_with_size" if include_size else "font_key"
    found = style.__dict__.get(name)
    return keep(style, name, _font_style_cache_key(style, include_size)) if found is None else found


def install() -> None:
    """Replace how WeasyPrint sets up, keeps and draws its lines of text."""
    if ffi.sizeof("PangoGlyphInfo") != _GLYPH.size:
        raise LookupError("PangoGlyphInfo")
    Layout.setup = _setup
    Layout.deactivate = _deactivate
    Layout.reactivate = _reactivate
    Stream.add_font = _font_of_page
    everywhere(_draw, _draw_first_line)
    everywhere(_split, _split_first_line)
    everywhere(_font_style_cache_key, _font_key)
    inline.can_break_text = lru_cache(8192)(inline.can_break_text)
