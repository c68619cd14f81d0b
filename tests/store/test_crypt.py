import hashlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import EnvironmentFailed
from pipeline.store.crypt import open_bytes, open_value, read_header, seal_bytes, seal_value

KEY = os.urandom(32)


@given(st.binary(max_size=300), st.text(min_size=1, max_size=30))
def test_what_is_sealed_opens_again_and_tells_its_hashes(data: bytes, owner: str) -> None:
    sealed = seal_bytes(KEY, owner, data)
    assert open_bytes(KEY, sealed) == data
    header = read_header(sealed[:4200])
    assert (header.owner, header.size) == (owner, len(data))
    assert (header.sha256, header.sha512) == (hashlib.sha256(data).hexdigest(), hashlib.sha512(data).hexdigest())


@given(st.binary(max_size=40), st.data())
def test_any_changed_byte_is_caught(data: bytes, draw: st.DataObject) -> None:
    sealed = bytearray(seal_bytes(KEY, "plan-1", data))
    place = draw.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
        open_bytes(KEY, bytes(sealed))


def test_every_single_bit_counts() -> None:
    sealed = seal_bytes(KEY, "plan-1", b"innehall")
    for place in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
            open_bytes(KEY, bytes(flipped))


@given(st.binary(max_size=40), st.data())
def test_a_cut_or_lengthened_file_is_caught(data: bytes, draw: st.DataObject) -> None:
    sealed = seal_bytes(KEY, "plan-1", data)
    cut = sealed[: draw.draw(st.integers(0, len(sealed) - 1))]
    longer = sealed + draw.draw(st.binary(min_size=1, max_size=5))
    for flawed in (cut, longer):
        with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
            open_bytes(KEY, flawed)


@given(st.binary(max_size=400))
def test_rubbish_is_caught(data: bytes) -> None:
    for flawed in (data, b"PSENC1\n" + data, b"PSENC1\n" + data + b"\n"):
        with pytest.raises(EnvironmentFailed, match="objekt_skadat"):
            open_bytes(KEY, flawed)


def test_a_header_that_is_not_canonical_is_caught() -> None:
    magic, header, rest = seal_bytes(KEY, "plan-1", b"x").split(b"\n", 2)
    spaced = json.dumps(json.loads(header), sort_keys=True).encode()
    with pytest.raises(EnvironmentFailed):
        read_header(b"\n".join([magic, spaced, rest]))
    with pytest.raises(EnvironmentFailed):
        read_header(b"\n".join([magic, b"[" * 3000, rest]))


def test_another_key_opens_nothing() -> None:
    with pytest.raises(EnvironmentFailed):
        open_bytes(os.urandom(32), seal_bytes(KEY, "plan-1", b"x"))


def test_the_same_bytes_never_look_the_same() -> None:
    assert seal_bytes(KEY, "plan-1", b"x") != seal_bytes(KEY, "plan-1", b"x")


@given(st.text(max_size=50))
def test_a_column_value_opens_for_its_own_place_only(value: str) -> None:
    sealed = seal_value(KEY, "plan-1", "plan.personal_enc", value)
    assert open_value(KEY, "plan-1", "plan.personal_enc", sealed) == value
    for owner, column in (("plan-2", "plan.personal_enc"), ("plan-1", "slot.detail_enc")):
        with pytest.raises(EnvironmentFailed):
            open_value(KEY, owner, column, sealed)
    for flawed in (b"", sealed[:12], sealed[:-1], b"\x02" + sealed[1:], 0, "text"):
        with pytest.raises(EnvironmentFailed):
            open_value(KEY, "plan-1", "plan.personal_enc", flawed)  # type: ignore[arg-type]  # as a changed row has it
