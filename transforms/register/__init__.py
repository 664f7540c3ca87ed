"""The joint steering group's register: what was ruled, by whom, on what, and what became of it."""

from transforms.register.load import Basis, Register, load_bases, load_register
from transforms.register.model import Covers, Decision, Item, Process, Rule, Step

__all__ = [
    "Basis",
    "Covers",
    "Decision",
    "Item",
    "Process",
    "Register",
    "Rule",
    "Step",
    "load_bases",
    "load_register",
]
