"""The people around the person: staff, representatives, relatives, and the consents that concern them."""

from pipeline.documents.lines import code, day, fact, kept, listed_plain, several, yes_no
from pipeline.documents.sections import role_word
from pipeline.documents.view import Call, Fact, Item, Section
from pipeline.documents.words import Words, sentence
from pipeline.plan.model import Genomforandeplan
from pipeline.plan.model_parts import Roll
from pipeline.plan.model_plan import Samtycke

_STAFF = ("kontaktman", "vice_kontaktman", "enhetschef", "planerare", "handlaggare")


def calls(w: Words, plan: Genomforandeplan) -> tuple[Call, ...]:
    """Whom to ring, nearest first: kontaktman, her deputy, the unit. Empty for a protected person."""
    found = [
        Call(role.namn or "", role_name(w, name, role), role.telefon)
        for name in ("kontaktman", "vice_kontaktman")
        if (role := getattr(plan.roller, name)) is not None and role.telefon
    ]
    if plan.utforare.telefon:
        found.append(Call(plan.utforare.enhet or plan.utforare.namn, "", plan.utforare.telefon))
    return tuple(found)


def role_name(w: Words, role: str, who: Roll | None) -> str:
    """The word shown for a role: the plan's own for that person, else the municipality's."""
    return who.benamning if who and who.benamning else w(f"kod.roll.{role}")


def kontakter(w: Words, plan: Genomforandeplan) -> Section:
    """Who does what around the person."""
    facts = [_staff(w, name, getattr(plan.roller, name)) for name in _STAFF]
    facts.insert(2, _omsorgskontakt(w, plan))
    return Section("kontakter", w("rubrik.kontakter"), facts=kept(*facts))


def _staff(w: Words, role: str, who: Roll | None) -> Fact | None:
    if who is None:
        return None
    spoken = w("mening.talar", sprak=", ".join(who.sprak)) if who.sprak else ""
    phone = w("mening.telefon", nummer=who.telefon) if who.telefon else ""
    lines = tuple(line for line in (listed_plain(who.namn, who.titel), phone, spoken) if line)
    return Fact(sentence(role_name(w, role, who)), tuple(map(sentence, lines))) if lines else None


def _omsorgskontakt(w: Words, plan: Genomforandeplan) -> Fact | None:
    who = plan.roller.fast_omsorgskontakt
    if who is None or isinstance(who, Roll):
        return _staff(w, "fast_omsorgskontakt", who)
    same = role_name(w, who.samma_som, getattr(plan.roller, who.samma_som))
    return Fact(sentence(w("kod.roll.fast_omsorgskontakt")), (w("mening.samma_som", roll=same),))


def foretradare(w: Words, plan: Genomforandeplan) -> Section:
    """Representatives, and what each may read and sign."""
    items = tuple(
        Item(
            f.namn,
            kept(
                code(w, "uppdrag", "foretradare", f.roll),
                several(w, "omfattning", (w(f"kod.omfattning.{o}") for o in f.omfattning)),
                yes_no(w, "tradd_i_kraft", f.tradd_i_kraft),
                fact(w, "underlag", f.underlag),
                yes_no(w, "far_ta_del", f.far_ta_del),
                yes_no(w, "far_underteckna", f.far_underteckna),
                fact(w, "anm", f.anm),
            ),
        )
        for f in plan.foretradare
    )
    return Section("foretradare", w("rubrik.foretradare"), items=items)


def narstaende(w: Words, plan: Genomforandeplan) -> Section:
    """Relatives, with their telephone and whether they took part."""
    items = tuple(
        Item(
            n.namn,
            kept(
                fact(w, "relation", sentence(n.relation)),
                fact(w, "telefon", n.telefon),
                yes_no(w, "deltog", n.deltog),
            ),
        )
        for n in plan.narstaende
    )
    return Section("narstaende", w("rubrik.narstaende"), items=items)


def samtycken(w: Words, plan: Genomforandeplan) -> Section:
    """Consents: to whom, about what, given how and when, and whether withdrawn."""
    return Section("samtycken", w("rubrik.samtycken"), items=tuple(samtycke(w, s) for s in plan.samtycken))


def samtycke(w: Words, s: Samtycke, *more: Fact | None) -> Item:
    """One consent, with what else is to be said of it."""
    return Item(
        w(f"kod.samtycke.{s.typ}"),
        kept(
            fact(w, "samtycke_till", s.till),
            several(w, "samtycke_omfattar", (w.entries.get(f"kod.omfattar.{o}", o) for o in s.omfattar)),
            fact(w, "samtycke_givet_av", role_word(w, s.givet_av)),
            code(w, "samtycke_form", "form", s.form),
            day(w, "samtycke_datum", s.datum),
            day(w, "samtycke_galler_tom", s.galler_tom),
            day(w, "samtycke_aterkallat", s.aterkallat),
            *more,
        ),
    )
