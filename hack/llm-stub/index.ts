export type { CallOutcome, CallReport, StubCall } from './call-log.ts'
export { type LlmStub, type LlmStubOptions, startLlmStub } from './start-llm-stub.ts'
export {
  type FaultKind,
  type FaultRule,
  faultKinds,
  type PartialStubSettings,
  type StubSettings,
} from './stub-options.ts'
