import { type CatalogueEntry, catalogue, type ErrorCode } from './catalogue.ts'

/** The wire and status form of an error: what every surface prints. */
export interface ErrorReport {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
}

/** An error of the catalogue with its facts. Thrown wherever the cause is known; everything else becomes AMX-9001 at the border. */
export class AmxError extends Error {
  override readonly name = 'AmxError'
  readonly code: ErrorCode
  readonly facts: Readonly<Record<string, string>>

  constructor(code: ErrorCode, facts: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(fill(catalogue[code].message, facts), options)
    this.code = code
    this.facts = facts
  }

  get entry(): CatalogueEntry {
    return catalogue[this.code]
  }

  get remedy(): string {
    return fill(this.entry.remedy, this.facts)
  }

  report(): ErrorReport {
    return { code: this.code, message: this.message, remedy: this.remedy }
  }

  /** An error that arrived over the wire, with its text as it was written there. */
  static fromReport(report: ErrorReport): AmxError {
    const error = new AmxError(isErrorCode(report.code) ? report.code : 'AMX-9001', { detail: report.message })
    error.message = report.message
    return error
  }
}

/** Any thrown value as a catalogue error; what is not one is AMX-9001 with the original as cause. */
export function toAmxError(thrown: unknown): AmxError {
  if (thrown instanceof AmxError) return thrown
  return new AmxError(
    'AMX-9001',
    { detail: thrown instanceof Error ? thrown.message : String(thrown) },
    { cause: thrown },
  )
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(catalogue, text)
}

function fill(template: string, facts: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '')
}
