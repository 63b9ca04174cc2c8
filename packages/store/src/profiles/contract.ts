import type {
  Accepted,
  ErrorReport,
  ProfileFinding,
  ProfileTestAssignment,
  ProfileTestPart,
  ProfileTestReport,
  ProfileTestSettings,
} from '@amx/api'

/** One credential of a test, as far as the operator decides from it. */
export interface ProfileTestPartView {
  readonly part: ProfileTestPart
  readonly finding: ProfileFinding | null
  readonly error: ErrorReport | null
  /** Null while it is under way. */
  readonly endedAt: string | null
}

/** What the store knows of the tests of a profile. */
export interface ProfileTestObservation {
  /** Time of the store, whose clock the other times are of, in milliseconds since the epoch. */
  readonly nowMs: number
  readonly newest: {
    /** From 1, one more with each test: the number in the Jobs' names. */
    readonly number: number
    readonly specDigest: string
    /** Value of the annotation that asked for it; null for one that was due. */
    readonly request: string | null
    readonly parts: readonly ProfileTestPartView[]
  } | null
  /** Tests that failed since the last one that did not, of the newest one's spec. */
  readonly failures: number
}

export interface BeginProfileTestRequest {
  readonly uid: string
  readonly kind: ProfileTestAssignment['profile']['kind']
  readonly namespace: string
  readonly name: string
  /** The number this test is to have; begun before under it: nothing is done. */
  readonly number: number
  readonly specDigest: string
  readonly request: string | null
  readonly parts: readonly ProfileTestSettings[]
}

/** The operator's half of what the store does about tests of profiles. */
export interface ProfileOperatorStore {
  observeProfileTests(uid: string, signal?: AbortSignal): Promise<ProfileTestObservation>
  /** Makes a test of these parts; what an earlier one left unfinished is over. */
  beginProfileTest(request: BeginProfileTestRequest, signal?: AbortSignal): Promise<void>
  /** Ends a part whose Job is over without having said so. No-op when it ended. */
  failProfileTest(tested: ProfileTestKey, error: ErrorReport, signal?: AbortSignal): Promise<Accepted>
  /** Removes the tests of a profile that is gone; what they cost stays. */
  deleteProfileTests(profile: ProfileTestAssignment['profile'], signal?: AbortSignal): Promise<void>
}

export interface ProfileTestKey {
  readonly profileUid: string
  readonly number: number
  readonly part: ProfileTestPart
}

/** Who a request of a test pod comes from, as the server established it. */
export type TesterIdentity = ProfileTestKey

/** The server's half of what the store does about tests of profiles. */
export interface ProfileServerStore {
  /** Null when the test is over or unknown. */
  readProfileTest(tester: TesterIdentity, signal?: AbortSignal): Promise<ProfileTestAssignment | null>
  /** The first report counts; its calls are accounted for whenever it comes. */
  recordProfileTest(tester: TesterIdentity, report: ProfileTestReport, signal?: AbortSignal): Promise<Accepted>
}
