"""Points of a trip from what the box in the car measured."""

NIGHT_HOURS = range(0, 5)


def trip_score(trip: dict) -> int | None:
    """0 worst to 100 best; None for trips below two kilometres, which do not count."""
    if trip["dist_m"] < 2_000:
        return None
    per_100_km = 100_000 / trip["dist_m"]
    score = 100 - 4 * trip["harsh_brk_cnt"] * per_100_km
    score -= 30 * trip["speeding_sec"] / trip["dur_sec"]
    if trip["start_hour"] in NIGHT_HOURS:
        score -= 10
    return max(0, min(100, round(score)))


def purge_positions(connection) -> None:
    """Removes the raw track after 14 days; the score stays."""
    connection.execute("update ins.tele_trip set gps_trk = null where end_ts < now() - interval '14 days'")
