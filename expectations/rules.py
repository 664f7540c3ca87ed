"""``rules.yaml``: severities, thresholds and notes that the catalogue cannot tell, read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from transforms.catalogue.words import Title
from transforms.words.errors import CatalogueError
from transforms.words.strict import Strict

Severity = Literal["critical", "warning", "info"]
Share = Annotated[float, Field(ge=0, le=1000)]

BUILTIN = Path(__file__).parent / "rules.yaml"


class Rule(Strict):
    """A change to every derived check whose id fits the glob ``check``, if given in one catalogue only."""

    check: Annotated[str, Field(min_length=1)]
    catalogue: str | None = None
    severity: Severity | None = None
    threshold: Share | None = None
    note: Title

    @model_validator(mode="after")
    def _changes_something(self) -> Rule:
        if self.severity is None and self.threshold is None:
            raise ValueError("changes nothing; give a severity or a threshold")
        return self


class DatesInOrder(Strict):
    """A check for every entity type that has both attributes: ``begin`` is not after ``end``."""

    begin: str
    end: str
    severity: Severity = "warning"
    threshold: Share = 0.0
    note: Title


class Rules(Strict):
    """The whole of a rules file."""

    rules: tuple[Rule, ...] = ()
    dates_in_order: tuple[DatesInOrder, ...] = ()

    def then(self, later: Rules) -> Rules:
        """These rules followed by others, which win."""
        return Rules(rules=self.rules + later.rules, dates_in_order=self.dates_in_order + later.dates_in_order)


def load_rules(path: Path = BUILTIN) -> Rules:
    """The rules in that file. Raises CatalogueError, one line with file and field, for anything unknown or wrong."""
    try:
        loaded: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise CatalogueError(f"{path}: cannot be read ({fault.strerror}); name a rules file") from None
    except UnicodeDecodeError as fault:
        raise CatalogueError(f"{path}: not UTF-8 text (byte {fault.start}); save it as UTF-8") from None
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 1
        raise CatalogueError(f"{path}:{line}: not valid YAML: {fault.problem}; mend the file") from None
    except yaml.YAMLError:
        raise CatalogueError(f"{path}: not valid YAML; mend the file") from None
    try:
        return Rules.model_validate({} if loaded is None else loaded)
    except ValidationError as fault:
        first = fault.errors()[0]
        field = ".".join(str(p) for p in first["loc"]) or "(top)"
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            message = "unknown key"
        elif first["type"] == "missing":
            message = "is missing; add it"
        raise CatalogueError(f"{path}: {field}: {message[:1].lower()}{message[1:]}") from None
