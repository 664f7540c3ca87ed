"""The adapter to Great Expectations, the only module that imports it.

The checks are measured in DuckDB (``checks``); what comes here is one row of counts per check and domain. A suite per
entity type holds one expectation per check, and a Checkpoint runs them all. Great Expectations' own DuckDB route fails
on every expectation, and its stock map expectations cost about 7 ms each on such a frame, so one small expectation of
our own reads the row of its check: the same verdict at a seventh of the time.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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

from expectations.suites import Check  # noqa: E402

_COLUMNS = ["check_id", "domain", "state", "failed", "total", "share"]


@dataclass(frozen=True)
class Row:
    """What was measured of one check in one domain. ``state``: measured, error or not_applicable."""

    check_id: str
    domain: str
    state: str
    failed: int | None = None
    total: int | None = None
    share: float | None = None


class _Summary(TableMetricProvider):
    """The summary frame by check id, computed once per suite."""

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
            found.setdefault(record["check_id"], []).append(record)
        return found


class ExpectShareOfFailuresWithin(BatchExpectation):
    """Expect the share of failing rows of one check to be at most its threshold, in every domain it applies to."""

    check_id: str
    threshold: float

    metric_dependencies: ClassVar[tuple[str, ...]] = ("likare.summary",)  # type: ignore[misc,unused-ignore]
    success_keys: ClassVar[tuple[str, ...]] = ("check_id", "threshold")  # type: ignore[misc,unused-ignore]
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)  # type: ignore[misc,unused-ignore]

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        domains: dict[str, dict[str, Any]] = {}
        for row in metrics["likare.summary"][self.check_id]:
            seen: dict[str, Any] = {"status": row["state"]}
            if row["state"] == "measured":
                share = float(row["share"])
                if math.isnan(share):
                    raise ValueError("a measured check has no share")
                seen = {
                    "status": "passed" if share <= self.threshold else "failed",
                    "failed": int(row["failed"]),
                    "total": int(row["total"]),
                    "share": share,
                }
            domains[row["domain"]] = seen
        shares = [d["share"] for d in domains.values() if "share" in d]
        return {
            "success": all(d["status"] != "failed" for d in domains.values()),
            "result": {"observed_value": max(shares, default=None), "details": {"domains": domains}},
        }


def suite(entity: str, checks: Iterable[Check]) -> gx.ExpectationSuite:
    """The suite of one entity type: one expectation per check, with severity, note and kind in its meta."""
    return gx.ExpectationSuite(
        name=entity,
        expectations=[
            ExpectShareOfFailuresWithin(
                check_id=c.check_id,
                threshold=c.threshold,
                severity=FailureSeverity(c.severity),
                notes=c.note,
                meta={"check_id": c.check_id, "severity": c.severity, "kind": c.kind, "note": c.note},
            )
            for c in checks
        ],
    )


def judge(checks: Sequence[Check], rows: Sequence[Row]) -> tuple[dict[tuple[str, str], str], dict[str, dict[str, Any]]]:
    """The verdict per (check id, domain) and the result document per entity type.

    Verdicts: passed, failed, error, not_applicable. An expectation that raised is an error for every domain, whatever
    its ``success`` says. The documents hold counts only and nothing that differs between two equal runs.
    """
    context = gx.get_context(mode="ephemeral", project_config=_settings())
    source = context.data_sources.add_pandas("summary")
    by_entity: dict[str, list[Check]] = {}
    for check in checks:
        by_entity.setdefault(check.entity, []).append(check)
    rows_by_check: dict[str, list[Row]] = {}
    for row in rows:
        rows_by_check.setdefault(row.check_id, []).append(row)
    verdicts: dict[tuple[str, str], str] = {}
    documents: dict[str, dict[str, Any]] = {}
    for entity, own in by_entity.items():
        frame = pd.DataFrame(
            [[getattr(r, c) for c in _COLUMNS] for check in own for r in rows_by_check.get(check.check_id, [])],
            columns=_COLUMNS,
        )
        batch = source.add_dataframe_asset(entity).add_batch_definition_whole_dataframe("night")
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name=entity, data=batch, suite=context.suites.add(suite(entity, own)))
        )
        checkpoint = gx.Checkpoint(name=entity, validation_definitions=[definition], actions=[], result_format="BASIC")
        run = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})
        (result,) = run.run_results.values()
        outcomes = {r.expectation_config.kwargs["check_id"]: r for r in result.results if r.expectation_config}
        for check in own:
            seen = outcomes.get(check.check_id)
            for row in rows_by_check.get(check.check_id, []):
                verdicts[check.check_id, row.domain] = _verdict(seen, row.domain)
        documents[entity] = _document(entity, own, outcomes)
    return verdicts, documents


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


def _verdict(outcome: Any, domain: str) -> str:
    if outcome is None or _raised(outcome):
        return "error"
    return str(outcome.result.get("details", {}).get("domains", {}).get(domain, {}).get("status", "error"))


def _document(entity: str, checks: Sequence[Check], outcomes: Mapping[str, Any]) -> dict[str, Any]:
    results = []
    for check in checks:
        outcome = outcomes.get(check.check_id)
        judged = None if outcome is None or _raised(outcome) else outcome
        results.append(
            {
                "expectation": "expect_share_of_failures_within",
                "kwargs": {"check_id": check.check_id, "threshold": check.threshold},
                "meta": {"severity": check.severity, "kind": check.kind, "note": check.note},
                # Tracebacks name folders of the machine, and a raised expectation has no say about the data.
                "raised_exception": judged is None,
                "success": None if judged is None else bool(judged.success),
                "result": {} if judged is None else json.loads(json.dumps(dict(judged.result))),
            }
        )
    return {"suite": entity, "success": all(r["success"] for r in results), "results": results}
