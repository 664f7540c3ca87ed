"""A stopped night and the person who lets it through all the same.

What stopped a night is kept in ``attempt/stopped.json``; a release is a line of ``releases.jsonl`` that names the
night, the checks with the counts they had, who released it and why. It holds for those counts only: should the night
be built again on other rows and fail otherwise, it is stopped again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from expectations.checks import CheckResult
from flows.settings import Settings
from transforms.words.errors import UsageError
from transforms.words.files import write_text


@dataclass(frozen=True)
class Finding:
    """A critical check that failed in a domain, with the counts it had."""

    check_id: str
    domain: str
    failed: int | None
    total: int | None


@dataclass(frozen=True)
class Stopped:
    """The night that was stopped last. ``line`` says why, for a person."""

    as_of: datetime
    line: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Release:
    """Who let which night through, and why."""

    as_of: datetime
    by: str
    reason: str
    released_at: str
    findings: tuple[Finding, ...]


def keep(settings: Settings, as_of: datetime, line: str, results: Iterable[CheckResult]) -> None:
    """Note that the night was stopped by these results. The folder exists: the quality page is in it."""
    found = [asdict(_finding(r)) for r in results]
    record = {"as_of": as_of.isoformat(), "line": line, "findings": found}
    write_text(_stopped_file(settings), json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def stopped(settings: Settings) -> Stopped | None:
    """The night that was stopped last, published since or not; None where none ever was."""
    try:
        record = json.loads(_stopped_file(settings).read_text(encoding="utf-8"))
        findings = tuple(Finding(**f) for f in record["findings"])
        return Stopped(datetime.fromisoformat(record["as_of"]), record["line"], findings)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def release(settings: Settings, night: Stopped, *, by: str, reason: str) -> Release:
    """Let the stopped night through: the next run publishes it. Raises UsageError without a name or a reason."""
    if not by.strip() or not reason.strip():
        raise UsageError("a release names who gives it and why: --by NAME --reason TEXT")
    made = Release(
        night.as_of, by.strip(), reason.strip(), datetime.now(UTC).isoformat(timespec="seconds"), night.findings
    )
    line = json.dumps({**asdict(made), "as_of": made.as_of.isoformat()}, ensure_ascii=False)
    with _releases_file(settings).open("a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    return made


def released(settings: Settings, as_of: datetime) -> dict[Finding, Release]:
    """What has been released of that night."""
    try:
        lines = _releases_file(settings).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found: dict[Finding, Release] = {}
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            findings = tuple(Finding(**f) for f in record.pop("findings"))
            one = Release(**{**record, "as_of": datetime.fromisoformat(record["as_of"]), "findings": findings})
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                f"{_releases_file(settings)}:{number}: not a release; take the line out or put it right"
            ) from None
        if one.as_of == as_of:
            found |= dict.fromkeys(one.findings, one)
    return found


def covers(releases: dict[Finding, Release], result: CheckResult) -> Release | None:
    """The release that lets this result through. A check that could not be run is never let through."""
    return releases.get(_finding(result)) if result.status == "failed" else None


def _finding(result: CheckResult) -> Finding:
    return Finding(result.check_id, result.domain, result.failed, result.total)


def _stopped_file(settings: Settings) -> Path:
    return settings.data / "attempt" / "stopped.json"


def _releases_file(settings: Settings) -> Path:
    return settings.data / "releases.jsonl"
