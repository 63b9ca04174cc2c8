/** SQL for a WriteProblem of the wire from an `error` of applied_changes: whole, whatever the entry was made of. Null without one. */
export function writeProblem(error: string): string {
  return `case when ${error} is not null then jsonb_build_object('code', coalesce(${error} ->> 'code', ''),
    'message', coalesce(${error} ->> 'message', ''), 'remedy', coalesce(${error} ->> 'remedy', ''),
    'driverMessage', ${error} ->> 'driverMessage') end`
}
