// The task that sends queued mails and text messages. A failure is thrown, so that the queue tries again later;
// what must not be sent late says so itself.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { sendQueuedMessage } from '../domain/notice/message.ts'

export const sendMessageTask =
  (bank: Bank): Task =>
  async (payload) => {
    const sealed = (payload as { sealed?: unknown }).sealed
    if (typeof sealed !== 'string') throw new Error('a message job without its message')
    await sendQueuedMessage(bank, { sealed })
  }
