"""Why a signature was refused or could not be made.

::

    SignatureError
    ├── CaseRefused            the case does not allow this act now
    ├── FieldRefused           the PDF, or a field in it, is not as it must be
    ├── AppearanceRefused      the visible text cannot be drawn
    ├── IdentityRefused        the evidence of who is signing does not hold
    ├── IdentityUnavailable    the service that identifies people does not answer as it should; try again
    ├── BackendRefused         what came back from where the key works is not accepted
    ├── BackendUnavailable     where the key works does not answer as it should; try again
    ├── IssuerUnavailable      keys cannot be opened or have run out
    └── TimestampUnavailable   no trustworthy time stamp was had; try again

Every error has a stable ``code`` and, for whoever puts it into words for a person,
``facts`` (strings by name: ``falt``, ``tecken`` …). The message is English; neither it
nor the facts ever carry a personal identity number.
"""

from __future__ import annotations


class SignatureError(Exception):
    """The root of everything this package raises on purpose."""

    codes: frozenset[str] = frozenset()

    def __init__(self, code: str, message: str, **facts: str) -> None:
        if code not in self.codes:
            raise ValueError(f"{type(self).__name__} has no code {code!r}")
        self.code = code
        self.facts = facts
        super().__init__(message)


class CaseRefused(SignatureError):
    """The case does not allow this act now; nothing was changed."""

    codes = frozenset(
        {
            "fel_ordning",
            "redan_avslutad",
            "fel_revision",
            "ersatt_version",
            "aterkallad",
            "nagon_har_skrivit_under",
            "samma_person",
            "ej_tillatet",
            "okand_roll",
            "ej_klar",
        }
    )


class FieldRefused(SignatureError):
    """The PDF, or a field in it, is not as it must be for this act."""

    codes = frozenset(
        {
            "falt_saknas",
            "falt_fyllt",
            "falt_last",
            "falt_finns",
            "falt_utanfor_sidan",
            "redan_signerad",
            "ej_taggad",
            "fel_bas",
            "inget_att_forsegla",
            "falt_tomt",
            "olasbar_pdf",
        }
    )


class AppearanceRefused(SignatureError):
    """The visible text cannot be drawn (a missing character, or no room for it), or may not say what it says."""

    codes = frozenset(
        {
            "tecken_saknas",
            "far_inte_plats",
            "typsnitt_saknas",
            "personnummer_synligt",
            "namn_saknas",
            "stampel_oklar",
        }
    )


class IdentityRefused(SignatureError):
    """The evidence of who is signing does not hold for this act."""

    codes = frozenset(
        {
            "testidentitet",
            "fel_bindning",
            "ofullstandigt_underlag",
            "fel_namnteckning",
            "egen_intygare",
            "inget_namn",
            "fel_namn",
            "fel_person",
            "fel_bevis",
            "for_lag_niva",
            "legitimering_avbruten",
            "utgangen",
        }
    )


class IdentityUnavailable(SignatureError):
    """The service that identifies people does not answer, or not as it should. Retriable."""

    codes = frozenset({"legitimering_onabar", "legitimering_felaktig"})


class BackendRefused(SignatureError):
    """What came back from where the key works is not accepted; nothing of it is kept."""

    codes = frozenset(
        {
            "svag_algoritm",
            "fel_attribut",
            "fel_dokument",
            "fel_signatur",
            "fel_certifikat",
            "fel_innehavare",
            "fel_anvandning",
            "ryms_inte",
            "fel_pin",
            "signeringsnyckel_saknas",
        }
    )


class BackendUnavailable(SignatureError):
    """Where the key works cannot be reached, or opened, or does not answer as it should. Retriable."""

    codes = frozenset({"nyckel_onabar", "tjanst_felaktig"})


class IssuerUnavailable(SignatureError):
    """The signing keys cannot be opened, or the issuer has run out."""

    codes = frozenset({"fel_losenord", "utgiven_for_kort", "trasigt_material", "kedjan_haller_inte"})


class TimestampUnavailable(SignatureError):
    """No trustworthy time stamp was had. Retriable; a bare clock is never used instead."""

    codes = frozenset({"tidsstampel_onabar", "tidsstampel_felaktig"})
