package insurer.reinsurance;

import java.math.BigDecimal;

/** Shares of reinsurers by treaty. QS = quota share, XL = excess of loss. */
public class CessionCalculator {
  public enum Treaty { QS, XL }

  static final BigDecimal QUOTA = new BigDecimal("0.30");
  static final BigDecimal RETENTION = new BigDecimal("2000000");
  static final BigDecimal LAYER = new BigDecimal("50000000");

  /** The amount ceded of one loss (ced_amt): the quota first, then what our own part has above the retention. */
  public BigDecimal cededAmount(BigDecimal loss, Treaty treaty) {
    if (treaty == Treaty.QS) {
      return loss.multiply(QUOTA);
    }
    BigDecimal own = loss.subtract(loss.multiply(QUOTA));
    return own.subtract(RETENTION).max(BigDecimal.ZERO).min(LAYER);
  }

  /** Underwriting year (uw_yr): the calendar year of the loss, whenever it was reported. */
  public int underwritingYear(java.time.LocalDate loss) {
    return loss.getYear();
  }
}
