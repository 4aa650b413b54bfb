// The task that sends a message of the inbox by mail and SMS as well, where its owner wants that. Running it again sends
// nothing twice: the message is taken in the transaction that queues its mails.

import type { Task } from 'graphile-worker'
import type { Bank } from '../domain/context.ts'
import { sendNotice } from '../domain/notice/send-notice.ts'

export const sendNoticeTask =
  (bank: Bank): Task =>
  async (payload) => {
    const { bookId, personNo, id } = payload as { bookId?: unknown; personNo?: unknown; id?: unknown }
    if (typeof bookId !== 'number' || typeof personNo !== 'string' || typeof id !== 'string')
      throw new Error('a notice that names no message')
    await sendNotice(bank, bookId, BigInt(personNo), id)
  }
