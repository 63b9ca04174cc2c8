"""Nightly load of claims from the core system."""
import datetime as dt

# Letters of the core system and the words that reports show.
STATUS_WORDS = {"O": "open", "R": "in review", "C": "closed", "X": "cancelled"}

CAUSE_GROUPS = {
    10: "collision",
    20: "theft",
    31: "hail and storm",
    32: "flood",
    40: "glass",
    55: "animal bite",
}


def cause_group(cause_cd: int) -> str:
    """Group of a cause code; unknown codes are reported as other so that totals stay right."""
    return CAUSE_GROUPS.get(cause_cd, "other")


def reporting_delay(loss_dt: dt.date, notif_dt: dt.date) -> int:
    """Days between the event and the first notice; negative delays are data errors and count as zero."""
    return max(0, (notif_dt - loss_dt).days)


def close_old_rows(connection, table: str, now: dt.datetime) -> None:
    """Ends the valid row of each changed key (valid_to, curr_flg) before the new one is put in."""
    connection.execute(
        f"update {table} set valid_to = %s, curr_flg = 'N' where curr_flg = 'Y' and row_key in (select row_key from delta)",
        (now,),
    )
