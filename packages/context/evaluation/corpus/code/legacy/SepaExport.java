package insurer.billing;

/** Writes pain.008 files for direct debits. */
public class SepaExport {
  /** FRST for the first collection of a mandate, RCUR for the following, FNAL for the last, OOFF for single ones. */
  static String sequenceType(int uses, boolean isLast, boolean isSingle) {
    if (isSingle) {
      return "OOFF";
    }
    if (isLast) {
      return "FNAL";
    }
    return uses == 0 ? "FRST" : "RCUR";
  }

  /** Pre-notification goes out fourteen days before; without it the collection moves to the next run. */
  static boolean mayCollect(java.time.LocalDate noticeSent, java.time.LocalDate collection) {
    return noticeSent != null && !noticeSent.plusDays(14).isAfter(collection);
  }
}
