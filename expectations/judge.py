"""The adapter to Great Expectations, the only module that imports it.

The checks are measured in DuckDB (``checks``); what comes here is one row of counts per check and domain. A suite per
entity type holds one expectation per severity, over all its checks of that severity, and one Checkpoint runs them all.
Great Expectations' own DuckDB route fails on every expectation, and any expectation costs milliseconds of bookkeeping,
so a small one of our own judges many checks by their rows of counts.
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

_COLUMNS = ["check_id", "domain", "state", "failed", "total", "share"]


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


class ExpectSharesOfFailuresWithin(BatchExpectation):
    """Expect the share of failing rows of each check to be at most its threshold, in every domain it applies to."""

    thresholds: dict[str, float]

    metric_dependencies: ClassVar[tuple[str, ...]] = ("likare.summary",)  # type: ignore[misc,unused-ignore]
    success_keys: ClassVar[tuple[str, ...]] = ("thresholds",)  # type: ignore[misc,unused-ignore]
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)  # type: ignore[misc,unused-ignore]

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        rows = metrics["likare.summary"]
        told = {c: {r["domain"]: _seen(r, t) for r in rows.get(c, [])} for c, t in self.thresholds.items()}
        every = [seen for domains in told.values() for seen in domains.values()]
        return {
            "success": all(told.values()) and all(seen["status"] not in ("failed", "error") for seen in every),
            "result": {
                "observed_value": max((seen["share"] for seen in every if "share" in seen), default=None),
                "details": {"checks": told},
            },
        }


def _seen(row: Mapping[str, Any], threshold: float) -> dict[str, Any]:
    """What one row of counts says of its check."""
    if row["state"] != "measured":
        return {"status": row["state"]}
    share = float(row["share"])
    if math.isnan(share):
        return {"status": "error"}
    status = "passed" if share <= threshold else "failed"
    return {"status": status, "failed": int(row["failed"]), "total": int(row["total"]), "share": share}


def suite(entity: str, checks: Iterable[Check]) -> gx.ExpectationSuite:
    """The suite of one entity type: one expectation per severity, with what each of its checks is in its meta."""
    by_severity: dict[str, list[Check]] = {}
    for check in checks:
        by_severity.setdefault(check.severity, []).append(check)
    return gx.ExpectationSuite(
        name=entity,
        expectations=[
            ExpectSharesOfFailuresWithin(
                thresholds={c.check_id: c.threshold for c in own},
                severity=FailureSeverity(severity),
                meta={c.check_id: {"kind": c.kind, "note": c.note} for c in own},
            )
            for severity, own in by_severity.items()
        ],
    )


def judge(checks: Sequence[Check], rows: Sequence[Row]) -> tuple[dict[tuple[str, str], str], dict[str, dict[str, Any]]]:
    """The verdict per (check id, domain) and the result document per entity type.

    Verdicts: passed, failed, error, not_applicable. An expectation that raised is an error for every domain, whatever
    its ``success`` says. The documents hold counts only and nothing that differs between two equal runs.
    """
    by_entity: dict[str, list[Check]] = {}
    for check in checks:
        by_entity.setdefault(check.entity, []).append(check)
    outcomes = _outcomes([e for entity, own in by_entity.items() for e in suite(entity, own).expectations], rows)
    verdicts = {(r.check_id, r.domain): _verdict(outcomes.get(r.check_id), r.check_id, r.domain) for r in rows}
    documents = {entity: _document(entity, own, outcomes) for entity, own in by_entity.items()}
    return verdicts, documents


def _outcomes(expectations: Sequence[Any], rows: Sequence[Row]) -> dict[str, Any]:
    """The outcome of the expectation over each check: all suites in one run, since a run costs more than a verdict."""
    context = gx.get_context(mode="ephemeral", project_config=_settings())
    frame = pd.DataFrame([[getattr(r, c) for c in _COLUMNS] for r in rows], columns=_COLUMNS)
    asset = context.data_sources.add_pandas("summary").add_dataframe_asset("night")
    whole = context.suites.add(gx.ExpectationSuite(name="night", expectations=list(expectations)))
    definition = context.validation_definitions.add(
        gx.ValidationDefinition(name="night", data=asset.add_batch_definition_whole_dataframe("night"), suite=whole)
    )
    checkpoint = gx.Checkpoint(name="night", validation_definitions=[definition], actions=[], result_format="BASIC")
    run = context.checkpoints.add(checkpoint).run(batch_parameters={"dataframe": frame})
    (result,) = run.run_results.values()
    return {
        check_id: one
        for one in result.results
        if one.expectation_config
        for check_id in one.expectation_config.kwargs["thresholds"]
    }


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


def _verdict(outcome: Any, check_id: str, domain: str) -> str:
    if outcome is None or _raised(outcome):
        return "error"
    return str(_domains(outcome, check_id).get(domain, {}).get("status", "error"))


def _domains(outcome: Any, check_id: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = outcome.result.get("details", {}).get("checks", {}).get(check_id, {})
    return found


def _document(entity: str, checks: Sequence[Check], outcomes: Mapping[str, Any]) -> dict[str, Any]:
    results = []
    for check in checks:
        outcome = outcomes.get(check.check_id)
        domains = {} if outcome is None or _raised(outcome) else _domains(outcome, check.check_id)
        # Tracebacks name folders of the machine, and a raised expectation has no say about the data.
        raised = not domains or any(seen["status"] == "error" for seen in domains.values())
        shares = [seen["share"] for seen in domains.values() if "share" in seen]
        results.append(
            {
                "expectation": "expect_shares_of_failures_within",
                "kwargs": {"check_id": check.check_id, "threshold": check.threshold},
                "meta": {"severity": check.severity, "kind": check.kind, "note": check.note},
                "raised_exception": raised,
                "success": None if raised else all(seen["status"] != "failed" for seen in domains.values()),
                "result": {}
                if raised
                else {"observed_value": max(shares, default=None), "details": {"domains": domains}},
            }
        )
    return {"suite": entity, "success": all(r["success"] for r in results), "results": results}
