"""Cells shared between workers."""

from __future__ import annotations

from pathlib import Path

from llm_gateway.adapters.metrics import families as f
from llm_gateway.adapters.metrics.exposition import MetricsPage, merged
from llm_gateway.adapters.metrics.shared_cells import CAPACITY, SharedCells


def test_the_workers_counters_add_up(tmp_path: Path) -> None:
    for slot, amount in ((0, 2.0), (1, 3.0)):
        cells = SharedCells(tmp_path, slot)
        cells.values[cells.child(f.DECISIONS, "route_select")] += amount
    assert merged(tmp_path)[f.DECISIONS.name] == {("route_select",): [5.0]}


def test_a_restarted_worker_goes_on_counting_and_forgets_its_gauges(tmp_path: Path) -> None:
    first = SharedCells(tmp_path, 0)
    first.values[first.child(f.TRUNCATED)] += 4
    first.values[first.child(f.IN_FLIGHT, "openai")] += 7
    again = SharedCells(tmp_path, 0)
    again.values[again.child(f.TRUNCATED)] += 1
    totals = merged(tmp_path)
    assert totals[f.TRUNCATED.name] == {(): [5.0]}
    assert totals[f.IN_FLIGHT.name] == {("openai",): [0.0]}


def test_a_child_keeps_its_cells(tmp_path: Path) -> None:
    cells = SharedCells(tmp_path, 0)
    assert cells.child(f.ATTEMPTS, "a", "completed") == cells.child(f.ATTEMPTS, "a", "completed")
    assert cells.child(f.ATTEMPTS, "a", "completed") != cells.child(f.ATTEMPTS, "b", "completed")


def test_children_without_end_do_not_grow_the_file(tmp_path: Path) -> None:
    cells = SharedCells(tmp_path, 0)
    for number in range(CAPACITY // f.REQUEST_SECONDS.width + 10):
        cells.child(f.REQUEST_SECONDS, "p", str(number), "false")
    assert (tmp_path / "0.cells").stat().st_size == CAPACITY * 8


def test_every_family_has_help_and_type_before_anything_happened(tmp_path: Path) -> None:
    text = MetricsPage(tmp_path).render().decode()
    for family in f.FAMILIES:
        name = family.name.removesuffix("_total") if family.kind == "counter" else family.name
        assert f"# HELP {name}" in text
        assert f"# TYPE {name}" in text


def test_a_line_that_is_being_written_is_passed_over(tmp_path: Path) -> None:
    cells = SharedCells(tmp_path, 0)
    cells.values[cells.child(f.TRUNCATED)] += 1
    with (tmp_path / "0.keys").open("a") as keys:
        keys.write('["llm_gateway_tok')
    assert merged(tmp_path)[f.TRUNCATED.name] == {(): [1.0]}
