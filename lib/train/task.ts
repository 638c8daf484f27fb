export type * from '../data/task.ts'
