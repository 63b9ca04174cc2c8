"""Finds partners that are the same person."""
from difflib import SequenceMatcher


def likeness(a: dict, b: dict) -> float:
    """0..1 from surname (half), birth date (three tenths) and postal code (two tenths)."""
    name = SequenceMatcher(None, a["surname"].lower(), b["surname"].lower()).ratio()
    return 0.5 * name + 0.3 * (a["birth_dt"] == b["birth_dt"]) + 0.2 * (a["zip"] == b["zip"])


def propose(pairs: list, threshold: float = 0.92) -> list:
    """Pairs for a clerk to decide on; nothing is merged without one (match_prob, clerk_dec)."""
    return [pair for pair in pairs if likeness(*pair) >= threshold]
