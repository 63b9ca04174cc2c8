package insurer.commission;

import java.math.BigDecimal;
import java.time.LocalDate;

/** What brokers earn. Moved here from the mainframe, rule for rule. */
public class CommissionEngine {
  private static final BigDecimal FIRST_YEAR = new BigDecimal("0.12");
  private static final BigDecimal FOLLOWING = new BigDecimal("0.05");

  /** Share of the net premium that the broker gets in this year of the contract. */
  public BigDecimal ratePct(int contractYear, boolean hasPowerOfAttorney) {
    BigDecimal rate = contractYear <= 1 ? FIRST_YEAR : FOLLOWING;
    return hasPowerOfAttorney ? rate.add(new BigDecimal("0.01")) : rate;
  }

  /** Clawback when a contract ends within twelve months: the part for the months that were not earned. */
  public BigDecimal clawbackAmt(BigDecimal paid, LocalDate inception, LocalDate cancelled) {
    long months = java.time.Period.between(inception, cancelled).toTotalMonths();
    if (months >= 12) {
      return BigDecimal.ZERO;
    }
    return paid.multiply(BigDecimal.valueOf(12 - months)).divide(BigDecimal.valueOf(12));
  }
}
