"""Constraints in the contract's words."""

from __future__ import annotations

from dataclasses import asdict
from typing import get_args

import pytest

from llm_gateway.domain.constraint import Constraint
from llm_gateway.domain.constraint_document import constraint_document
from tests.samples.decisions import EVERY_CONSTRAINT


@pytest.mark.parametrize("constraint", EVERY_CONSTRAINT, ids=lambda constraint: constraint.type)
def test_a_constraint_is_written_with_all_its_fields(constraint: Constraint) -> None:
    """Tagged by `type`, members sorted."""
    document = constraint_document(constraint)
    assert document == asdict(constraint)
    assert list(document) == sorted(document)


def test_every_kind_of_constraint_is_covered() -> None:
    """A new kind must show up here."""
    assert {type(constraint) for constraint in EVERY_CONSTRAINT} == set(get_args(Constraint))
