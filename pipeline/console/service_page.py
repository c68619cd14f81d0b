"""The page that takes a person's browser to a service that signs: a form to send, as the service's profile has it."""

from collections.abc import Mapping
from html import escape

from pipeline.texts import text


def service_page(address: str, form: Mapping[str, str]) -> str:
    """A page of its own that runs no script and fetches nothing: one button, which posts `form` to `address`."""
    said, button = text("tjanstesida.rubrik"), text("tjanstesida.knapp")
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in form.items()
    )
    return (
        '<!DOCTYPE html><html lang="sv"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(said.sv)}</title></head><body><main><h1>{escape(said.sv)}</h1>"
        f'<p lang="en">{escape(said.en)}</p>'
        f'<form method="post" action="{escape(address)}">{fields}<button>{escape(button.sv)} / '
        f'<span lang="en">{escape(button.en)}</span></button></form></main></body></html>\n'
    )
