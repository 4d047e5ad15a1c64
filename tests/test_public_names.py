"""The public door: every name that it lists is there."""

import pytest

import pyrpl_remote
from pyrpl_remote import lab


@pytest.mark.parametrize("name", pyrpl_remote.__all__)
def test_every_public_name_is_there(name):
    assert getattr(pyrpl_remote, name) is not None


def test_what_looks_after_a_lab_is_there():
    assert all(hasattr(lab, name) for name in lab.__all__)
