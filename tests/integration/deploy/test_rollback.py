"""rollback.sh with a recording gcloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.deploy.workstation import Workstation

ROLLBACK = "./deploy/scripts/rollback.sh"


@pytest.fixture
def station(tmp_path: Path) -> Workstation:
    """Revision 4 serves; 1, 2 and 4 were verified, 3 never was."""
    made = Workstation(tmp_path / "workstation")
    made.update(
        revisions=["rev-1", "rev-2", "rev-3", "rev-4"],
        traffic=[
            {"revisionName": "rev-4", "percent": 100},
            {"revisionName": "rev-4", "tag": "verified-20260104000000"},
            {"revisionName": "rev-2", "tag": "verified-20260102000000"},
            {"revisionName": "rev-1", "tag": "verified-20260101000000"},
            {"revisionName": "rev-3", "tag": "candidate"},
        ],
    )
    return made


def test_it_goes_to_the_last_verified_revision(station: Workstation) -> None:
    """Not to the previous one, which never passed; without a terminal nobody is asked."""
    done = station.run(ROLLBACK)
    assert done.returncode == 0, done.stderr
    assert station.serving() == ["rev-2"]


def test_a_second_rollback_goes_further_back(station: Workstation) -> None:
    """Not forward to what has just been left."""
    for _ in range(2):
        assert station.run(ROLLBACK).returncode == 0
    assert station.serving() == ["rev-1"]


def test_at_the_end_of_the_history_nothing_changes(station: Workstation) -> None:
    """It says how to find a revision by hand."""
    station.update(traffic=[{"revisionName": "rev-1", "percent": 100, "tag": "verified-20260101000000"}])
    done = station.run(ROLLBACK)
    assert done.returncode == 1 and "gcloud run revisions list" in done.stderr
    assert station.changes() == []


def test_what_was_deployed_by_hand_is_left_for_the_newest_verified(station: Workstation) -> None:
    """A revision without a tag has no place in the history."""
    verified = [entry for entry in station.world["traffic"] if "tag" in entry]
    station.update(traffic=[{"revisionName": "rev-3", "percent": 100}, *verified])
    assert station.run(ROLLBACK).returncode == 0
    assert station.serving() == ["rev-4"]


def test_a_named_revision_is_taken_as_it_is(station: Workstation) -> None:
    """Verified or not: the operator knows."""
    assert station.run(f"{ROLLBACK} rev-3 --yes").returncode == 0
    assert station.serving() == ["rev-3"]


def test_an_unknown_revision_is_refused(station: Workstation) -> None:
    """Traffic stays."""
    done = station.run(f"{ROLLBACK} rev-9")
    assert done.returncode == 1 and "no revision 'rev-9'" in done.stderr
    assert station.changes() == []


def test_the_revision_that_serves_already_is_no_rollback(station: Workstation) -> None:
    """It says so instead of reporting a success."""
    done = station.run(f"{ROLLBACK} rev-4")
    assert done.returncode == 1 and "serves all traffic already" in done.stderr


def test_list_shows_the_verified_revisions_newest_first(station: Workstation) -> None:
    """And changes nothing."""
    done = station.run(f"{ROLLBACK} --list")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["rev-4", "rev-2", "rev-1"]
    assert done.stdout.splitlines()[0].endswith("serves now")
    assert station.changes() == []


def test_a_service_that_is_not_there_is_named(station: Workstation) -> None:
    """With project and region."""
    station.update(traffic=[])
    done = station.run(f"{ROLLBACK} --project agentics-prod --region europe-west1")
    assert done.returncode == 1 and "cannot be found in 'agentics-prod', europe-west1" in done.stderr


def test_traffic_that_cannot_be_moved_is_said(station: Workstation) -> None:
    """Exit code 1."""
    station.update(failing=["run services update-traffic"])
    done = station.run(ROLLBACK)
    assert done.returncode == 1 and "traffic could not be moved" in done.stderr


def test_the_project_is_gclouds_own_unless_it_is_named(station: Workstation) -> None:
    """Then that of the environment file."""
    station.update(configured_project="(unset)")
    assert station.run(f"{ROLLBACK} --list --env prod").returncode == 0
    assert "--project agentics-prod" in station.calls()[-1]
