import { Command } from 'commander'
import type { CommandIO } from '../../command-io.ts'
import { addCommand } from './add-schedule.ts'
import {
  dismissCommand,
  editCommand,
  pauseCommand,
  removeCommand,
  resumeScheduleCommand,
  runNowCommand,
} from './change-schedule.ts'
import { statusCommand } from './schedule-status.ts'
import { listCommand, showCommand } from './show-schedules.ts'

/** `schedule`: MetadataSchedules. */
export function scheduleCommand(io: CommandIO): Command {
  return new Command('schedule')
    .description('say when runs start by themselves, and look after what was said')
    .addCommand(listCommand(io), { isDefault: true })
    .addCommand(addCommand(io))
    .addCommand(showCommand(io))
    .addCommand(editCommand(io))
    .addCommand(pauseCommand(io))
    .addCommand(resumeScheduleCommand(io))
    .addCommand(removeCommand(io))
    .addCommand(runNowCommand(io))
    .addCommand(dismissCommand(io))
    .addCommand(statusCommand(io))
}
