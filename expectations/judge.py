"""The adapter to Great Expectations, the only module that imports it.

The checks are measured in DuckDB (``checks``); what comes here is one row of counts per check and domain, with the
threshold beside it. One suite holds an expectation per severity, over all checks of that severity, and a Checkpoint
runs it. Great Expectations' own DuckDB route fails on every expectation, and an expectation is copied a dozen times
with all that goes in and comes out: so a small one of our own reads the rows and names those that are beyond.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

# The one place of this package that writes the environment. No call home, whatever the release does with the switch;
# it is read while Great Expectations is imported, so it is set before.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx  # noqa: E402
import pandas as pd  # noqa: E402
from great_expectations.data_context.types.base import (  # noqa: E402
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine  # noqa: E402
from great_expectations.expectations.expectation import BatchExpectation  # noqa: E402
from great_expectations.expectations.metadata_types import FailureSeverity  # noqa: E402
from great_expectations.expectations.metrics.metric_provider import metric_value  # noqa: E402
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider  # noqa: E402

from expectations.figures import Row  # noqa: E402
from expectations.suites import Check  # noqa: E402

_COLUMNS = ["place", "severity", "threshold", "state", "share"]


class _Summary(TableMetricProvider):
    """The rows of counts by severity, computed once."""

    metric_name = "likare.summary"

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator,unused-ignore]
    def _pandas(
        cls,  # noqa: N805 - Great Expectations turns it into a class method
        execution_engine: Any,
        metric_domain_kwargs: Any,
        metric_value_kwargs: Any,
        metrics: Any,
        runtime_configuration: Any,
    ) -> dict[str, list[dict[str, Any]]]:
        frame, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        found: dict[str, list[dict[str, Any]]] = {}
        for record in frame[_COLUMNS].to_dict("records"):
            found.setdefault(record["severity"], []).append(record)
        return found


class ExpectSharesOfFailuresWithin(BatchExpectation):
    """Expect the share of failing rows of each check of a severity to be at most its threshold, in every domain.

    ``details`` name by place the rows that are beyond it (``failed``) and those of which nothing is known (``error``).
    """

    checks_of: str

    metric_dependencies: ClassVar[tuple[str, ...]] = ("likare.summary",)  # type: ignore[misc,unused-ignore]
    success_keys: ClassVar[tuple[str, ...]] = ("checks_of",)  # type: ignore[misc,unused-ignore]
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)  # type: ignore[misc,unused-ignore]

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        found: dict[str, list[int]] = {"failed": [], "error": []}
        shares = []
        for row in metrics["likare.summary"][self.checks_of]:
            share = float(row["share"]) if row["state"] == "measured" else None
            if row["state"] == "error" or (share is not None and math.isnan(share)):
                found["error"].append(int(row["place"]))
            elif share is not None:
                shares.append(share)
                if share > row["threshold"]:
                    found["failed"].append(int(row["place"]))
        return {
            "success": not found["failed"] and not found["error"],
            "result": {"observed_value": max(shares, default=None), "details": found},
        }


def suite(checks: Iterable[Check]) -> gx.ExpectationSuite:
    """The suite of a night: one expectation per severity that its checks have."""
    return gx.ExpectationSuite(
        name="night",
        expectations=[
            ExpectSharesOfFailuresWithin(checks_of=severity, severity=FailureSeverity(severity))
            for severity in dict.fromkeys(check.severity for check in checks)
        ],
    )


def judge(checks: Sequence[Check], rows: Sequence[Row]) -> tuple[dict[tuple[str, str], str], dict[str, dict[str, Any]]]:
    """The verdict per (check id, domain) and the result document per entity type.

    Verdicts: passed, failed, error, not_applicable. An expectation that raised is an error for every check of its
    severity, whatever its ``success`` says. The documents hold counts only and nothing that differs between two equal
    runs.
    """
    by_id = {check.check_id: check for check in checks}
    own = [row for row in rows if row.check_id in by_id]
    outcomes = _outcomes(by_id, own)
    seen: dict[str, dict[str, dict[str, Any]]] = {check_id: {} for check_id in by_id}
    for place, row in enumerate(own):
        verdict = _verdict(outcomes.get(by_id[row.check_id].severity), place, row)
        figures = {"failed": row.failed, "total": row.total, "share": row.share}
        seen[row.check_id][row.domain] = {"status": verdict, **(figures if verdict in ("passed", "failed") else {})}
    by_entity: dict[str, list[Check]] = {}
    for check in checks:
        by_entity.setdefault(check.entity, []).append(check)
    verdicts = {(check_id, domain): one["status"] for check_id, told in seen.items() for domain, one in told.items()}
    return verdicts, {entity: _document(entity, some, seen) for entity, some in by_entity.items()}


def _outcomes(checks: Mapping[str, Check], rows: Sequence[Row]) -> dict[str, Any]:
    """The outcome of each severity's expectation."""
    context = gx.get_context(mode="ephemeral", project_config=_settings())
    told = [
        (n, checks[r.check_id].severity, checks[r.check_id].threshold, r.state, r.share) for n, r in enumerate(rows)
    ]
    frame = pd.DataFrame(told, columns=_COLUMNS)
    asset = context.data_sources.add_pandas("summary").add_dataframe_asset("night")
    whole = context.suites.add(suite(checks.values()))
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name="night", data=asset.add_batch_definition_whole_dataframe("night"), suite=whole)
    )
    checkpoint = gx.Checkpoint(name="night", validation_definitions=[definition], actions=[], result_format="BASIC")
    run = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})
    (result,) = run.run_results.values()
    return {one.expectation_config.kwargs["checks_of"]: one for one in result.results if one.expectation_config}


def _settings() -> DataContextConfig:
    """Everything in memory, no progress bars, and no Data Docs: their pages load files from a network."""
    return DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        analytics_enabled=False,
    )


def _raised(outcome: Any) -> bool:
    # Two forms: flat when the expectation itself raised, nested per metric when what it depends on did.
    info: Mapping[str, Any] = outcome.exception_info or {}
    return info.get("raised_exception") is not False


def _verdict(outcome: Any, place: int, row: Row) -> str:
    if outcome is None or _raised(outcome):
        return "error"
    details = outcome.result["details"]
    if place in details["error"]:
        return "error"
    if row.state != "measured":
        return row.state
    return "failed" if place in details["failed"] else "passed"


def _document(
    entity: str, checks: Sequence[Check], seen: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> dict[str, Any]:
    results = []
    for check in checks:
        domains = seen[check.check_id]
        # Tracebacks name folders of the machine, and a raised expectation has no say about the data.
        raised = not domains or any(one["status"] == "error" for one in domains.values())
        shares = [one["share"] for one in domains.values() if "share" in one]
        results.append(
            {
                "expectation": "expect_shares_of_failures_within",
                "kwargs": {"check_id": check.check_id, "threshold": check.threshold},
                "meta": {"severity": check.severity, "kind": check.kind, "note": check.note},
                "raised_exception": raised,
                "success": None if raised else all(one["status"] != "failed" for one in domains.values()),
                "result": {}
                if raised
                else {"observed_value": max(shares, default=None), "details": {"domains": domains}},
            }
        )
    return {"suite": entity, "success": all(r["success"] for r in results), "results": results}
