import { doubleField, type Field, floatField, messageField, stringField, varintField } from './protobuf.ts'

/** Numbers of the fields that are written, from tensorflow/core/util/event.proto and framework/summary.proto. */
const eventFields = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const
const summaryFields = { value: 1 } as const
const valueFields = { tag: 1, simpleValue: 2 } as const
const sessionLogFields = { status: 1 } as const
const sessionStart = 1

/** The first event of every file. @param seconds since 1970, as in all events */
export const versionEvent = (seconds: number): Uint8Array =>
  event(seconds, 0, stringField(eventFields.fileVersion, 'brain.Event:2'))

/** Training begins: what files before this one hold of `step` and later steps counts no more. */
export const startEvent = (seconds: number, step: number): Uint8Array =>
  event(
    seconds,
    step,
    messageField(eventFields.sessionLog, [varintField(sessionLogFields.status, sessionStart)]),
  )

/** Numbers by tag after a step; they are stored in float32. */
export const scalarsEvent = (seconds: number, step: number, scalars: Record<string, number>): Uint8Array =>
  event(
    seconds,
    step,
    messageField(
      eventFields.summary,
      Object.entries(scalars).map(([name, value]) =>
        messageField(summaryFields.value, [
          stringField(valueFields.tag, name),
          floatField(valueFields.simpleValue, value),
        ]),
      ),
    ),
  )

const event = (seconds: number, step: number, content: Field): Uint8Array =>
  Buffer.concat([doubleField(eventFields.wallTime, seconds), varintField(eventFields.step, step), content])
