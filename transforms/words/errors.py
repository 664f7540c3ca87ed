"""Errors that a user can cause. Each carries one line: what is wrong, where, and what to do."""

from __future__ import annotations


class LikareError(Exception):
    """A fault the user can mend. The message is one line; ``exit_code`` is the process's."""

    exit_code = 1


class UsageError(LikareError):
    """A command was given something that does not exist or does not fit."""

    exit_code = 2


class SettingsError(LikareError):
    """``likare.toml`` or an environment variable is wrong."""

    exit_code = 10


class CatalogueError(LikareError):
    """A catalogue file is wrong. The message names file, line and field."""

    exit_code = 11


class ExtractError(LikareError):
    """A delivered extract cannot be landed. The message names the file."""

    exit_code = 12


class QualityError(LikareError):
    """A critical quality check failed, so the night is not published."""

    exit_code = 13


class WarehouseError(LikareError):
    """The warehouse cannot be used: locked, missing, written by another version, or out of disk."""

    exit_code = 14


class ReviewError(LikareError):
    """A file of the reviewed crosswalk, or one that is imported into it, is wrong. The message names file and line."""

    exit_code = 15


class DecisionError(LikareError):
    """The register of decisions, a stamp or a worklist is wrong. The message names file, line and field."""

    exit_code = 16


class VerifyError(LikareError):
    """What is stored of a delivery is not what its files hold."""

    exit_code = 17
