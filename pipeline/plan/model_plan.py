"""The objects that only a plan has: goals, insatser, participation, consents, follow-up, signatures."""

from typing import Literal

from pipeline.plan.model_types import (
    Antal,
    Datum,
    Distinct,
    Lista,
    Manader,
    Minuter,
    NollEllerFler,
    Omittable,
    Part,
    Positivt,
    Punkter,
    Sprakkod,
    Text,
    Veckor,
)

Veckodag = Literal["man", "tis", "ons", "tor", "fre", "lor", "son"]


class Handelser(Part):
    """The days that the plan's own deadlines count from."""

    insats_paborjad: Datum | None = None
    upprattad: Datum | None
    genomgangen_med_brukare: Datum | None = None
    upprattad_av: Omittable[Literal["kontaktman", "vice_kontaktman", "socialsekreterare", "extern_utforare"]] = None


class Anpassning(Part):
    """How the person wants the document: format, type size in points, picture support, languages."""

    format: Omittable[Literal["standard", "storstil", "lattlast"]] = None
    teckenstorlek_pt: Omittable[Punkter] = None
    bildstod: Omittable[bool] = None
    sprak: Omittable[Sprakkod] = None
    sammanfattning_sprak: Lista[Sprakkod] = ()


class Foretradare(Part):
    """Someone who represents the person, and what that covers."""

    namn: Text
    roll: Literal["god_man", "forvaltare", "framtidsfullmaktshavare", "vardnadshavare", "ombud"]
    omfattning: Lista[
        Literal["bevaka_ratt", "forvalta_egendom", "sorja_for_person", "ekonomi", "personliga_angelagenheter"]
    ] = ()
    tradd_i_kraft: Omittable[bool] = None
    underlag: Omittable[Text] = None
    far_ta_del: Omittable[bool] = None
    far_underteckna: Omittable[bool] = None
    anm: Omittable[Text] = None


class Narstaende(Part):
    """A relative, who may have taken part with the person's consent."""

    namn: Text
    relation: Text
    telefon: Text | None = None
    samtycke_ref: Text | None = None
    deltog: Omittable[bool] = None


class ViktigInformation(Part):
    """Something whoever comes must know."""

    typ: Literal["allergi", "bemotande", "brand", "djur", "fallrisk", "halsa", "skydd", "tilltrade", "nyckel", "annat"]
    text: Text


class Mal(Part):
    """A goal: of the decision, a step towards it (`overordnat`), or the person's own."""

    mal_id: Text
    niva: Literal["beslut", "delmal", "eget"]
    overordnat: Text | None = None
    text: Text
    inriktning: Literal["bibehalla", "forbattra", "atervinna", "utveckla"] | None = None
    matt: Text | None = None
    klart_senast: Datum | None = None
    nulage: Text | None = None


class Frekvens(Part):
    """So many times (`antal`) in every `varje`:th period (`per`)."""

    antal: Antal
    per: Literal["dag", "vecka", "2_veckor", "manad", "ar"]
    varje: Omittable[Veckor] = None


class Nar(Part):
    """When an insats is given; `veckor` says which weeks of the schedule period."""

    text: Text
    veckodagar: Distinct[Veckodag] = ()
    klockslag: Text | None = None
    dygnsdel: Text | None = None
    frekvens: Frekvens | None = None
    veckor: Lista[Veckor] = ()


class Tid(Part):
    """Planned time of an insats, in minutes."""

    minuter_per_tillfalle: Omittable[Minuter] = None
    tillfallen_per_vecka: Omittable[Positivt] = None
    minuter_per_vecka: Minuter


class Insats(Part):
    """One insats: what, how, where, when, by whom, and the person's own part in it."""

    insats_id: Text
    nummer: Omittable[Antal] = None
    rubrik: Text
    livsomrade: (
        Literal[
            "larande",
            "allmanna_uppgifter",
            "kommunikation",
            "forflyttning",
            "personlig_vard",
            "hemliv",
            "mellanmanskliga_interaktioner",
            "utbildning_arbete_ekonomi",
            "samhallsgemenskap",
            "kansla_av_trygghet",
            "stod_fran_narstaende",
        ]
        | None
    ) = None
    utforandesatt: Literal["pa_egen_hand", "stodjande", "motiverande", "kompenserande"] | None = None
    mal_ref: Lista[Text] = ()
    mal_avbojt: Text | None = None
    vad: Text | None = None
    hur: Text | None = None
    var: Text | None = None
    nar: Nar | None = None
    vem: Text | None = None
    min_delaktighet: Text | None = None
    tid: Tid | None = None
    beviljad_ref: Text | None = None
    behov: Text | None = None
    ej_tidsatt: Omittable[bool] = None
    besok: Text | None = None
    dubbelbemanning: Omittable[bool] = None


class Delaktighet(Part):
    """How the person took part in drawing up the plan."""

    status: Literal["deltog", "deltog_delvis", "via_foretradare", "ville_inte", "kunde_inte"]
    metod: Lista[Text] = ()
    beskrivning: Text | None = None
    hansyn: Text | None = None


class Deltagare(Part):
    """Someone who took part in drawing up the plan."""

    namn: Text
    roll: Literal[
        "brukare",
        "kontaktman",
        "vice_kontaktman",
        "enhetschef",
        "personal",
        "handlaggare",
        "foretradare",
        "narstaende",
        "annan",
    ]
    satt: Omittable[Literal["pa_plats", "delvis", "telefon", "video", "skriftligt"]] = None
    samtycke_ref: Text | None = None


class Samtycke(Part):
    """A consent the person has given, its reach and its life."""

    samtycke_id: Text
    typ: Literal[
        "deltagande", "lamna_information", "inhamta_information", "inhamta_och_lamna", "digital_tillsyn", "annat"
    ]
    till: Text
    omfattar: Lista[Text] = ()
    givet_av: Text
    form: Omittable[Literal["muntligt", "skriftligt", "chatt", "annat"]] = None
    datum: Datum
    galler_tom: Datum | None = None
    aterkallat: Datum | None = None


class Risk(Part):
    """A risk and what is done about it."""

    omrade: Text
    beskrivning: Text | None = None
    atgard: Text
    ansvarig: Text | None = None
    bedomd: Datum | None = None


class Samverkan(Part):
    """Whom the provider works together with, and how."""

    part: Literal["handlaggare", "annan_utforare", "halso_och_sjukvard", "skola", "daglig_verksamhet", "annan"]
    vem: Text | None = None
    hur: Text | None = None


class Uppfoljning(Part):
    """When and how the plan is followed up."""

    nasta: Datum | None
    hur: Text | None = None
    intervall_manader: Manader | None = None
    manadsgenomgang: Omittable[bool] = None


class Sekretess(Part):
    """The secrecy marking: by which law, whose, since when."""

    lagrum: Text
    myndighet: Text
    datum: Datum


class Invandning(Part):
    """An objection the person has made to the plan."""

    finns: Omittable[bool] = None
    text: Text
    datum: Datum
    noterad_av: Text | None = None


class Overlamning(Part):
    """How the signed plan is meant to be handed over."""

    satt: Literal["personligen", "sakert_meddelande", "rekommenderat_brev", "ej_overlamnas"]
    mottagare: Omittable[Literal["brukare", "foretradare"]] = None
    planerad: Datum | None = None
    transportskydd: Text | None = None


class AnledningSaknas(Part):
    """Why a signature is missing, who recorded it and when."""

    kod: Literal[
        "vill_inte",
        "instammer_inte",
        "kan_inte_fysiskt",
        "kan_inte_ta_stallning",
        "deltog_inte",
        "sprakhinder",
        "saknar_eid_avbojer_papper",
        "foretradare_ej_nadd",
        "avliden_avslutad",
        "avstod",
        "ej_tillfragad",
        "annat",
    ]
    text: Text | None = None
    registrerad_av: Text
    datum: Datum
    erbjuden_antal_ganger: Omittable[NollEllerFler] = None


class Underskrift(Part):
    """What the file says of one role's signature: the way wished for, or why there will be none."""

    roll: Literal["brukare", "kontaktman", "enhetschef"]
    metod_onskad: Omittable[Literal["e_legitimation", "pa_plats_pekplatta", "papper_pa_plats"]] = None
    anledning_saknas: AnledningSaknas | None = None


class Schemaperiod(Part):
    """The length of the schedule in weeks, when a week alone cannot say when (S4)."""

    veckor: Veckor
