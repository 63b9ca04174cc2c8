"""Scoring of new claims for the special investigation unit."""
from dataclasses import dataclass

# Points per red flag; from 60 on a claim goes to the investigators by itself.
RED_FLAGS = {
    "policy younger than six weeks": 25,
    "loss abroad without police report": 20,
    "third claim within two years": 20,
    "cash payment demanded": 15,
    "photos taken before the loss": 40,
    "same bank account as another claimant": 35,
}
REFER_FROM = 60


@dataclass
class Score:
    siu_score: int
    flags: list[str]

    @property
    def is_referred(self) -> bool:
        return self.siu_score >= REFER_FROM


def score_claim(flags: list[str]) -> Score:
    """Adds the points of the flags up, 100 at most."""
    return Score(min(100, sum(RED_FLAGS[flag] for flag in flags)), flags)


def outcome_of(investigation: dict) -> str:
    """CONF confirmed, UNPR not provable, CLRD cleared, WDRN withdrawn by the claimant when we asked."""
    if investigation["claim_withdrawn"]:
        return "WDRN"
    if investigation["evidence"] == "none":
        return "CLRD"
    return "CONF" if investigation["admitted_or_court"] else "UNPR"
